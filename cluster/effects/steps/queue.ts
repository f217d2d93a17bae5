// The queue of those for whom Discord has no room (features.md 1.3-34, issue "Discord's limits handled").
import { translate } from '#locales/index.ts';
import { abandonTicket } from '#tickets/actions/abandon.ts';
import { queueTicket, useThread, wakeQueue } from '#tickets/actions/wait.ts';
import { addNoticeJob } from '#tickets/store/job.ts';
import { countAhead } from '#tickets/store/room.ts';
import { editOriginal } from '../../interactions/reply.ts';
import { isTokenDead, recordProblem } from '../problems.ts';
import type { Seen } from '../seen.ts';
import { type Ended, record, type Run } from './run.ts';

/** How often whoever is first looks for room that nobody told of: an admin deleted a channel, or made a category larger. */
const lookAgainMs = 60_000;
/** The others are woken when the queue moves; this is for what was lost. */
const lookLaterMs = 5 * 60_000;
/** How long Discord takes edits of an interaction's answer. */
const tokenLifeMs = 15 * 60_000;

const aheadOf = ({ deps }: Run, { ticket, guild }: Seen): Promise<number> =>
  countAhead(deps.ctx.db, ticket.guildId, { ticketId: ticket.id, serverCategoryId: guild.settings.ticketCategory });

/** Edits the opener's answer to their place in the queue, while that is possible. */
async function tellPlace(run: Run, seen: Seen, position: number): Promise<void> {
  const { deps } = run;
  const { applied, openedAt } = seen.ticket;
  if (applied.queuePosition === position) return;
  if (applied.replyToken !== null && deps.ctx.now() - openedAt < tokenLifeMs) {
    const content = translate(seen.locale, 'open.queued', { position });
    try {
      await editOriginal(deps.callbackRest, deps.applicationId, applied.replyToken, { content });
    } catch (error) {
      if (!isTokenDead(error)) throw error;
    }
  }
  const { movedFrom } = applied;
  if (movedFrom && seen.ticket.source === 'message' && (applied.queuePosition ?? null) === null) {
    const { channelId, messageId, authorId } = movedFrom;
    const problem = { code: 'open.queued', context: { position } };
    const said = { channelId, messageId, authorId, ticketChannelId: null, problem, takesMessage: false };
    await addNoticeJob(deps.ctx.db, seen.ticket.guildId, said);
  }
  await record(run, seen, { queuePosition: position });
}

/** Whether a ticket must let others go first; then it has been told its place, and is woken when the queue moves. */
export async function waitsBehind(run: Run, seen: Seen): Promise<Ended | null> {
  const { ctx } = run.deps;
  const { guildId, id: ticketId, queuedAt } = seen.ticket;
  const ahead = await aheadOf(run, seen);
  if (ahead === 0) return null;
  if (queuedAt === null) {
    if (!seen.guild.settings.waitingQueue) return null;
    await queueTicket(ctx, guildId, { ticketId });
    return { comeBackAt: null };
  }
  await tellPlace(run, seen, ahead + 1);
  return { comeBackAt: ctx.now() + lookLaterMs };
}

/** What hinders a ticket that finds no room. */
export type NoRoom = {
  code: 'discord.no-room' | 'discord.channels-full' | 'discord.threads-full';
  context: Record<string, string | number | null>;
};

/** There is no room: a thread if the server wants that, else a place in the queue, else the refusal. */
export async function noRoom(run: Run, seen: Seen, o: NoRoom): Promise<Ended | void> {
  const { deps } = run;
  const { ctx } = deps;
  const { guildId, id: ticketId, mode, queuedAt } = seen.ticket;
  const { overflowToThreads, waitingQueue } = seen.guild.settings;
  if (mode === 'channel' && overflowToThreads) {
    await record(run, seen, { creatingSince: null });
    await useThread(ctx, guildId, { ticketId });
    return;
  }
  if (seen.ticket.applied.problem?.code !== o.code)
    await recordProblem(deps, seen, o.code, o.context, { creatingSince: null });
  else await record(run, seen, { creatingSince: null });
  if (!waitingQueue) {
    await abandonTicket(ctx, guildId, { ticketId });
    return;
  }
  if (queuedAt === null) {
    await queueTicket(ctx, guildId, { ticketId });
    return { comeBackAt: null };
  }
  await tellPlace(run, seen, (await aheadOf(run, seen)) + 1);
  return { comeBackAt: ctx.now() + lookAgainMs };
}

/** A ticket that waited has its channel: the others move up. */
export async function moveUp({ deps }: Run, { ticket }: Seen): Promise<void> {
  if (ticket.queuedAt !== null) await wakeQueue(deps.ctx, ticket.guildId);
}
