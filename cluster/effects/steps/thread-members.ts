import { RESTJSONErrorCodes as Codes } from 'discord-api-types/v10';
import { bitsOf } from '#discord/permissions.ts';
import { discordCodeOf } from '#discord/rest.ts';
import { abandonTicket } from '#tickets/actions/abandon.ts';
import { addToThread } from '../in-thread.ts';
import { isMuted } from '../muted.ts';
import { isForbidden, permissionProblem, recordProblem } from '../problems.ts';
import { type Seen, threadMembersOf } from '../seen.ts';
import { record, type Run, type StepFunction } from './run.ts';
import { closeWithout } from './thread.ts';
import { isAbsent, removeFormerStaff, takeOut } from './thread-staff.ts';

const toAdd = bitsOf('ViewChannel', 'SendMessagesInThreads');

/** Adds one; answers what hinders it for good. */
async function addOne(run: Run, seen: Seen, threadId: string, userId: string) {
  const { deps } = run;
  const { guildId, parentId } = seen.ticket;
  try {
    await addToThread(deps.rest, threadId, userId);
    return null;
  } catch (error) {
    if (isAbsent(error)) return null;
    if (!isForbidden(error)) throw error;
    const { lacking, context } = await permissionProblem(deps, { guildId, channelId: parentId, needed: toAdd });
    if (lacking.names.length > 0) return { code: 'discord.permission', context };
    // Docket may: then it is they who cannot see the channel that the thread hangs in.
    return { code: 'thread.unseen', context: { user: userId, place: parentId } };
  }
}

/** The warning about a thread in which its opener cannot write: its channel may have changed since the panel was sent (features.md 1.9-06). */
async function mutedIn({ deps }: Run, { ticket }: Seen) {
  const { guildId, parentId } = ticket;
  if (parentId === null) return null;
  // A warning is worth no failure: where Discord does not say, none is given.
  const isSo = await isMuted(deps.rest, { guildId, channelId: parentId }).catch(() => false);
  return isSo ? { code: 'thread.muted', context: { place: parentId } } : null;
}

/**
 * Puts the opener and the added people into the thread and takes removed ones out, and who joined as staff and is none any more. Somebody who cannot be
 * added is a problem to show; a ticket whose opener cannot be in it is given up.
 */
export const threadMembersStep: StepFunction = async (run, seen) => {
  const { deps } = run;
  const { ticket, wantedHash } = seen;
  const { channelId, applied, guildId } = ticket;
  if (!channelId) return record(run, seen, { overwritesHash: wantedHash });
  const wanted = threadMembersOf(ticket);
  const there = applied.threadMemberIds;
  try {
    let problem = null;
    for (const userId of wanted.filter((id) => !there.includes(id))) {
      const hindered = await addOne(run, seen, channelId, userId);
      problem ??= hindered;
      if (hindered && userId === ticket.openerId && ticket.state === 'channel') {
        await recordProblem(deps, seen, hindered.code, hindered.context);
        await abandonTicket(deps.ctx, guildId, { ticketId: ticket.id });
        return;
      }
    }
    for (const userId of there.filter((id) => !wanted.includes(id))) await takeOut(run, channelId, userId);
    if (ticket.state === 'open') await removeFormerStaff(run, seen, { threadId: channelId, isThorough: true });
    problem ??= await mutedIn(run, seen);
    const done = { overwritesHash: wantedHash, threadMemberIds: wanted };
    const step = 'thread-members';
    if (problem) await recordProblem(deps, seen, problem.code, { ...problem.context, step }, done);
    else await record(run, seen, { ...done, ...(applied.problem?.context.step === step && { problem: null }) });
  } catch (error) {
    if (discordCodeOf(error) !== Codes.UnknownChannel) throw error;
    if (ticket.state === 'channel') {
      await recordProblem(deps, seen, 'discord.channel-gone', {});
      await abandonTicket(deps.ctx, guildId, { ticketId: ticket.id });
    } else await closeWithout(run, seen);
  }
};
