import type { Ticket } from '#tickets/ticket.ts';

/** What can be missing between a ticket and Discord; one function each in `steps/`. */
export type Step =
  | 'channel'
  | 'welcome'
  | 'activate'
  | 'answer'
  | 'overwrites'
  | 'transcript'
  | 'direct'
  | 'feedback'
  | 'delete'
  | 'remove-stray';

/** The next thing to do: a step, a moment to wait for (ms), or nothing. */
export type Next = { readonly step: Step } | { readonly waitUntil: number } | null;

/** How long the channel of a closed ticket stays for the stars, where direct messages are closed. */
const feedbackMs = 5 * 60_000;
/** How long it stays at most for a file that is on its way: as long as a transfer may take. A store that is away for longer costs the file's refresh. */
const filesMs = 60_000;
/** How long it stays after them, for a comment. */
const commentMs = 60_000;

/**
 * Compares a ticket with what has been applied; pure. A step is repeated until what it applied is recorded, so each must find what an earlier
 * run made. A step that was finally refused is recorded as 'none', or in `problem`, and counts as done. `filesSince`: since when the newest file
 * that is not kept yet is wanted (ms): Discord takes files away with their channel, so the channel waits a little for them.
 */
export function nextStep(ticket: Ticket, wantedHash: string, now: number, filesSince: number | null = null): Next {
  const { applied } = ticket;
  const step = (name: Step): Next => ({ step: name });
  if (ticket.state === 'reserved') return step('channel');
  if (ticket.state === 'channel') return step(applied.welcomeMessageId === null ? 'welcome' : 'activate');
  if (applied.replyToken !== null) return step('answer');
  if (ticket.state === 'abandoned') {
    const mayExist = applied.creatingSince !== null || ticket.channelId !== null;
    return mayExist && applied.channelDeletedAt === null ? step('remove-stray') : null;
  }
  if (ticket.state === 'open') {
    const isRefused = applied.problem?.context.wanted === wantedHash;
    return applied.overwritesHash === wantedHash || isRefused ? null : step('overwrites');
  }
  if (applied.channelDeletedAt !== null && applied.transcriptMessageId !== null && applied.dmMessageId !== null)
    return null;
  if (applied.transcriptMessageId === null) return step('transcript');
  if (applied.dmMessageId === null) return step('direct');
  if (applied.feedbackMessageId === null) return step('feedback');
  const forStars = applied.feedbackMessageId === 'none' ? 0 : stayUntil(ticket);
  const waitUntil = Math.max(forStars, filesSince === null ? 0 : filesSince + filesMs);
  return waitUntil > now ? { waitUntil } : step('delete');
}

const stayUntil = (ticket: Ticket): number =>
  ticket.ratedAt === null ? (ticket.closedAt ?? 0) + feedbackMs : ticket.ratedAt + commentMs;
