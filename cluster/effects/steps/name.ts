import { Routes } from 'discord-api-types/v10';
import { bitsOf } from '#discord/permissions.ts';
import { inThread } from '../in-thread.ts';
import { renamesPerWindow } from '../plan-open.ts';
import { wantedNameOf } from '../names.ts';
import { isForbidden, isGone, permissionProblem, recordProblem } from '../problems.ts';
import { record, type StepFunction } from './run.ts';

const toRename = bitsOf('ViewChannel', 'ManageChannels');
const toRenameThread = bitsOf('ViewChannel', 'ManageThreads');

/** Gives the channel or thread the name that staff wrote, or the scheme's again. Discord's "not now" is a later time (plan-open.ts looks ahead). */
export const nameStep: StepFunction = async (run, seen) => {
  const { deps } = run;
  const { guildId, channelId, applied, mode, parentId } = seen.ticket;
  const name = wantedNameOf(seen);
  const done = { name, renamedAt: [...(applied.renamedAt ?? []), deps.ctx.now()].slice(-renamesPerWindow) };
  if (!channelId || name === null) return record(run, seen, { name });
  const isMended = applied.problem?.context.step === 'name';
  try {
    await inThread(deps.rest, channelId, () => deps.rest.patch(Routes.channel(channelId), { body: { name } }));
    await record(run, seen, { ...done, ...(isMended && { problem: null }) });
  } catch (error) {
    if (isForbidden(error)) {
      const place =
        mode === 'channel' ? { channelId, needed: toRename } : { channelId: parentId, needed: toRenameThread };
      const { context } = await permissionProblem(deps, { guildId, ...place });
      await recordProblem(deps, seen, 'discord.permission', { ...context, step: 'name' }, { name });
    } else if (isGone(error)) await record(run, seen, { name });
    else throw error;
  }
};
