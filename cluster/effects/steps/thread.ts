// Tickets that are private threads (features.md 1.9): the thread itself. Who is in it: thread-members.ts; how staff come in: join.ts.
import {
  type APIThreadChannel,
  type APIThreadList,
  ChannelType,
  RESTJSONErrorCodes as Codes,
  Routes,
  ThreadAutoArchiveDuration,
} from 'discord-api-types/v10';
import { bitsOf } from '#discord/permissions.ts';
import { discordCodeOf, retryAfterMsOf } from '#discord/rest.ts';
import { translate } from '#locales/index.ts';
import { abandonTicket } from '#tickets/actions/abandon.ts';
import { attachChannel } from '#tickets/actions/attach-channel.ts';
import { closeTicket } from '#tickets/actions/close.ts';
import { AppError } from '#tickets/errors.ts';
import { listPanelMessages } from '#tickets/store/panel-message.ts';
import { ticketsOfThreads } from '#tickets/store/thread.ts';
import { readTicketByChannel } from '#tickets/store/ticket.ts';
import { findOwnThreads } from '../find.ts';
import { reopenedBody, reopenedMark } from '../look-thread.ts';
import { inThread } from '../in-thread.ts';
import { schemeNameOf, wantedNameOf } from '../names.ts';
import { isForbidden, permissionProblem, recordProblem } from '../problems.ts';
import type { EffectDeps, Seen } from '../seen.ts';
import { moveUp, type NoRoom, noRoom, waitsBehind } from './queue.ts';
import { record, type Run, sendOnce, type StepFunction } from './run.ts';

/** Without these the bot can make no thread that is any use. */
const toMake = bitsOf('ViewChannel', 'CreatePrivateThreads', 'SendMessagesInThreads', 'EmbedLinks');
const toLock = bitsOf('ViewChannel', 'ManageThreads');
/** Discord's most for one server: https://discord.com/developers/docs/topics/threads#active-archived-threads */
const activeThreadsMax = 1_000;
/** How many closed threads are archived at once to make room: not one for every new ticket. */
const archivedAtOnce = 10;
/** Clocks of two machines differ; a thread of this name is not made twice within so little. */
const clockSlackMs = 60_000;

/**
 * Where a thread may hang, best first: where it was asked for, where the panel is shown, where staff are told. A ticket's own channel is none: it goes
 * when that ticket closes.
 */
async function placesFor({ ctx }: EffectDeps, { ticket, panel, guild }: Seen): Promise<string[]> {
  const { guildId, parentId } = ticket;
  const asked = parentId !== null && !(await readTicketByChannel(ctx.db, guildId, parentId)) ? [parentId] : [];
  const shown = panel
    ? (await listPanelMessages(ctx.db, guildId)).filter((one) => one.panelIds.includes(panel.id))
    : [];
  const told = guild.settings.threadNotificationChannel;
  return [...new Set([...asked, ...shown.map((one) => one.channelId), ...(told === null ? [] : [told])])];
}

/** What was asked for in a place that can hold no thread: a voice channel, a thread, a channel that is gone. */
const isNoPlace = (error: unknown): boolean => {
  const code = discordCodeOf(error);
  return code === Codes.UnknownChannel || code === Codes.CannotExecuteActionOnThisChannelType;
};
const isFull = (error: unknown): boolean => discordCodeOf(error) === Codes.MaximumActiveThreads;

/** Archives the oldest threads of closed tickets that are still active; answers how many threads were. Nothing to archive: 0 archived. */
async function makeRoom(deps: EffectDeps, guildId: string): Promise<{ active: number; archived: number }> {
  const { threads } = (await deps.rest.get(Routes.guildActiveThreads(guildId))) as APIThreadList;
  const known = await ticketsOfThreads(
    deps.ctx.db,
    guildId,
    threads.map((one) => one.id),
  );
  const closed = known.filter((one) => one.state === 'closed').slice(0, archivedAtOnce);
  for (const { channelId } of closed) await deps.rest.patch(Routes.channel(channelId), { body: { archived: true } });
  return { active: threads.length, archived: closed.length };
}

/** Does what needs a place among the active threads, if need be after making room. Throws `discord.threads-full` when there is none. */
async function withRoom<T>(deps: EffectDeps, guildId: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isFull(error)) throw error;
    const { active, archived } = await makeRoom(deps, guildId);
    const full = new AppError('discord.threads-full', { active, limit: activeThreadsMax }, { cause: error });
    if (archived === 0) throw full;
    try {
      return await work();
    } catch (again) {
      throw isFull(again) ? full : again;
    }
  }
}

type Made = { channelId: string; parentId: string };

/** Makes the thread in the first place that will have it; null when it is finally refused, which has been recorded then. */
async function createOrRefuse(run: Run, seen: Seen, name: string): Promise<Made | { full: NoRoom } | null> {
  const { deps } = run;
  const { guildId, displayNo } = seen.ticket;
  const body = {
    name,
    type: ChannelType.PrivateThread,
    invitable: false,
    auto_archive_duration: ThreadAutoArchiveDuration.OneWeek,
  };
  const reason = translate(seen.locale, 'audit.opened', { number: displayNo });
  let forbidden: string | null = null;
  for (const parentId of await placesFor(deps, seen)) {
    try {
      const make = () => deps.creationRest.post(Routes.threads(parentId), { body, reason });
      const thread = (await withRoom(deps, guildId, make)) as APIThreadChannel;
      return { channelId: thread.id, parentId };
    } catch (error) {
      if (isForbidden(error)) forbidden ??= parentId;
      else if (error instanceof AppError && error.code === 'discord.threads-full') {
        return {
          full: { code: error.code, context: { active: Number(error.context.active), limit: activeThreadsMax } },
        };
      } else if (!isNoPlace(error)) throw error;
    }
  }
  if (forbidden === null) await recordProblem(deps, seen, 'thread.no-place', {});
  else {
    const { context } = await permissionProblem(deps, { guildId, channelId: forbidden, needed: toMake });
    await recordProblem(deps, seen, 'discord.permission', context);
  }
  return null;
}

/** The thread that an interrupted run made: ours, of this name, made since then, and no other ticket's. */
async function findEarlier({ deps }: Run, seen: Seen): Promise<Made | null> {
  const { guildId, applied } = seen.ticket;
  if (applied.creatingSince === null || applied.name === null) return null;
  const found = await findOwnThreads(deps.rest, {
    guildId,
    botUserId: deps.botUserId,
    name: applied.name,
    since: applied.creatingSince - clockSlackMs,
  });
  if (found.length === 0) return null;
  const taken = new Set((await ticketsOfThreads(deps.ctx.db, guildId, found)).map((one) => one.channelId));
  const channelId = found.find((id) => !taken.has(id));
  if (channelId === undefined) return null;
  const thread = (await deps.rest.get(Routes.channel(channelId))) as APIThreadChannel;
  return { channelId, parentId: thread.parent_id ?? '' };
}

/** A reservation gets its thread: never two, whatever was interrupted. */
export const threadStep: StepFunction = async (run, seen) => {
  const { ctx } = run.deps;
  const { ticket } = seen;
  let made: Awaited<ReturnType<typeof createOrRefuse>> = await findEarlier(run, seen);
  if (made === null) {
    const waiting = await waitsBehind(run, seen);
    if (waiting) return waiting;
    const schemeName = await schemeNameOf(run.deps, seen);
    const name = wantedNameOf({ ticket: { ...ticket, applied: { ...ticket.applied, schemeName } } }) ?? schemeName;
    await record(run, seen, { creatingSince: ctx.now(), schemeName, name });
    try {
      made = await createOrRefuse(run, seen, name);
    } catch (error) {
      // "Not now" is no failure: the job comes back later, and the reservation's own deadline ends that.
      if (!run.isLastTry || retryAfterMsOf(error) !== null) throw error;
      await recordProblem(run.deps, seen, 'discord.unavailable', {});
    }
  }
  if (made === null) {
    await abandonTicket(ctx, ticket.guildId, { ticketId: ticket.id });
    return;
  }
  if ('full' in made) return noRoom(run, seen, made.full);
  await record(run, seen, { problem: null });
  try {
    await attachChannel(ctx, ticket.guildId, { ticketId: ticket.id, ...made });
  } catch (error) {
    // Given up meanwhile: the next step takes the thread away.
    if (!(error instanceof AppError && error.code === 'ticket.closed')) throw error;
  }
  await moveUp(run, seen);
};

/** The thread of a reservation that was given up before the thread was recorded. */
export async function strayThreads(run: Run, seen: Seen): Promise<string[]> {
  const earlier = await findEarlier(run, seen);
  return earlier ? [earlier.channelId] : [];
}

/** Closes a ticket whose thread somebody deleted by hand. */
export async function closeWithout({ deps }: Run, { ticket, locale }: Seen): Promise<void> {
  const reason = translate(locale, 'close.channel-deleted');
  await closeTicket(deps.ctx, ticket.guildId, { ticketId: ticket.id, by: null, reason, at: deps.ctx.now() });
}

/** What hinders a step is stored, shown, and tried again: no thread stays as it is in silence. */
async function hinder({ deps }: Run, seen: Seen, step: string, error: unknown): Promise<never> {
  if (error instanceof AppError && error.code === 'discord.threads-full') {
    await recordProblem(deps, seen, error.code, {
      active: Number(error.context.active),
      limit: activeThreadsMax,
      step,
    });
    throw error;
  }
  if (!isForbidden(error)) throw error;
  const { guildId, parentId } = seen.ticket;
  const { context } = await permissionProblem(deps, { guildId, channelId: parentId, needed: toLock });
  await recordProblem(deps, seen, 'discord.permission', { ...context, step });
  throw new AppError('discord.permission', context, { cause: error });
}

const mended = (seen: Seen, step: string) =>
  seen.ticket.applied.problem?.context.step === step ? { problem: null } : {};

/** The end of a closed thread ticket: archived and locked, so that it can be read and reopened. */
export const archiveStep: StepFunction = async (run, seen) => {
  const { deps } = run;
  const { channelId } = seen.ticket;
  const done = { ...mended(seen, 'archive') };
  if (!channelId) return record(run, seen, { ...done, archivedAt: deps.ctx.now() });
  const body = { archived: true, locked: true };
  try {
    await inThread(deps.rest, channelId, () => deps.rest.patch(Routes.channel(channelId), { body }));
    await record(run, seen, { ...done, archivedAt: deps.ctx.now() });
  } catch (error) {
    if (discordCodeOf(error) !== Codes.UnknownChannel) await hinder(run, seen, 'archive', error);
    await record(run, seen, { ...done, channelDeletedAt: deps.ctx.now() });
  }
};

/** Says so in the thread; Discord tells its people nothing of a thread that is no longer archived. */
async function tellReopened(run: Run, seen: Seen, channelId: string): Promise<void> {
  const { archivedAt } = seen.ticket.applied;
  const nonce = `r${seen.ticket.id}.${Math.floor((archivedAt ?? 0) / 1_000).toString(36)}`;
  try {
    await sendOnce(run, { channelId, nonce, mark: reopenedMark(seen), body: reopenedBody(seen), since: archivedAt });
  } catch (error) {
    if (!isForbidden(error)) throw error;
  }
}

/** A reopened ticket's thread comes back; when it is gone the ticket is closed again. */
export const unarchiveStep: StepFunction = async (run, seen) => {
  const { deps } = run;
  const { channelId, guildId } = seen.ticket;
  const body = { archived: false, locked: false };
  try {
    if (channelId) {
      await withRoom(deps, guildId, () => deps.rest.patch(Routes.channel(channelId), { body }));
      await tellReopened(run, seen, channelId);
    }
    await record(run, seen, { ...mended(seen, 'unarchive'), archivedAt: null });
  } catch (error) {
    if (discordCodeOf(error) !== Codes.UnknownChannel) await hinder(run, seen, 'unarchive', error);
    await record(run, seen, { channelDeletedAt: deps.ctx.now() });
    await closeWithout(run, seen);
  }
};
