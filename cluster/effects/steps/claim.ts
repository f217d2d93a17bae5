import { Routes } from 'discord-api-types/v10';
import { bitsOf } from '#discord/permissions.ts';
import { translate } from '#locales/index.ts';
import { baseOf, chainOf, makeCategory, troubleOfCategory } from '../categories.ts';
import { claimPingBody } from '../claim-look.ts';
import { isForbidden, isGone, permissionProblem, recordProblem } from '../problems.ts';
import { record, sendOnce, type StepFunction } from './run.ts';

const toMove = bitsOf('ViewChannel', 'ManageChannels');

/** Tells the opener by a ping who looks after their ticket, once for each claim (features.md 1.3-19). */
export const claimPingStep: StepFunction = async (run, seen) => {
  const { ticket, claimToPing } = seen;
  const { channelId, id } = ticket;
  if (channelId) {
    try {
      const { body, mark } = claimPingBody(seen);
      await sendOnce(run, { channelId, nonce: `p${id}.${claimToPing}`, mark, body });
    } catch (error) {
      // A ping that cannot be sent is worth no failure.
      if (!isForbidden(error) && !isGone(error)) throw error;
    }
  }
  await record(run, seen, { pingedClaim: claimToPing });
};

/**
 * After /switchpanel: the channel goes to the new panel's category, or the next one that has room, as a new ticket's would. Its overwrites are
 * its own.
 */
export const moveStep: StepFunction = async (run, seen) => {
  const { deps } = run;
  const { ticket, guild } = seen;
  const { guildId, channelId } = ticket;
  const done = { movedToPanelId: ticket.panelId };
  if (!channelId) return record(run, seen, done);
  const reason = translate(seen.locale, 'audit.moved', { number: ticket.displayNo });
  /** Whether there was room. */
  const moveTo = async (parentId: string | null): Promise<boolean> => {
    try {
      await deps.rest.patch(Routes.channel(channelId), { body: { parent_id: parentId }, reason });
      return true;
    } catch (error) {
      if (troubleOfCategory(error) === null) throw error;
      return false;
    }
  };
  const base = baseOf(seen);
  const chain = base === null ? [null] : await chainOf(deps, seen);
  try {
    let isThere = false;
    for (const parentId of chain) if (!isThere) isThere = await moveTo(parentId);
    if (!isThere && base !== null && guild.settings.createCategories) {
      isThere = await moveTo(
        await makeCategory(deps, seen, { baseId: base, known: chain.filter((id) => id !== null) }),
      );
    }
    const isMended = ticket.applied.problem?.context.step === 'move';
    if (isThere) return await record(run, seen, { ...done, ...(isMended && { problem: null }) });
  } catch (error) {
    // The step that writes overwrites finds the channel gone too, and closes the ticket.
    if (isGone(error)) return record(run, seen, { ...done, overwritesHash: null });
    if (!isForbidden(error)) throw error;
    const { context } = await permissionProblem(deps, { guildId, channelId, needed: toMove });
    return recordProblem(deps, seen, 'discord.permission', { ...context, step: 'move' }, done);
  }
  // It stays where it is, and works there.
  await recordProblem(deps, seen, 'discord.category-full', { place: base ?? '', step: 'move' }, done);
};
