import { closeActionOf } from '#tickets/mode.ts';
import type { Settings } from '#tickets/settings/registry.ts';
import type { Ticket } from '#tickets/ticket.ts';
import { afterOverwrites, type ClaimStep } from './plan-claim.ts';
import { afterSummaries, beforeClosing, type ClosingStep } from './plan-closing.ts';
import { onceOpen, type OpenStep, renaming } from './plan-open.ts';

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
  | 'remove-stray'
  | 'moved'
  | 'thread'
  | 'thread-members'
  | 'thread-staff'
  | 'join'
  | 'unarchive'
  | 'archive'
  | OpenStep
  | ClosingStep
  | ClaimStep;

/** The next thing to do: a step, a moment to wait for (ms), or nothing. */
export type Next = { readonly step: Step } | { readonly waitUntil: number } | null;

/** How long the channel of a closed ticket stays for the stars, where direct messages are closed. */
const feedbackMs = 5 * 60_000;
/** How long it stays at most for a file that is on its way: as long as a transfer may take. A store that is away for longer costs the file's refresh. */
const filesMs = 60_000;
/** How long it stays after them, for a comment. */
const commentMs = 60_000;

/** After so long what was refused is tried again by itself: somebody may have mended the cause and told nobody. */
const againMs = 60 * 60_000;

/** After so long Docket asks again whether those who joined a thread as staff still are. */
const staffAgainMs = 6 * 60 * 60_000;

const usualSettings = { threadCloseAction: 'usual', deleteMention: true, staffThread: false } as const;

/**
 * Compares a ticket with what has been applied; pure. A step is repeated until what it applied is recorded, so each must find what an earlier
 * run made. A step that was finally refused is recorded as 'none' and counts as done; overwrites that were refused (`problem`) are written an hour later. `filesSince`: since when the newest file
 * that is not kept yet is wanted (ms): Discord takes files away with their channel, so the channel waits a little for them.
 */
export function nextStep(
  ticket: Ticket,
  wantedHash: string,
  now: number,
  filesSince: number | null = null,
  settings: Pick<Settings, 'threadCloseAction' | 'deleteMention' | 'staffThread'> = usualSettings,
  claimToPing: number | null = null,
): Next {
  const { applied } = ticket;
  const isThread = ticket.mode === 'thread';
  const step = (name: Step): Next => ({ step: name });
  if (ticket.state === 'reserved') return step(isThread ? 'thread' : 'channel');
  if (ticket.state === 'channel') {
    // A thread without its opener in it is no ticket yet.
    if (isThread && applied.overwritesHash !== wantedHash) return step('thread-members');
    return step(applied.welcomeMessageId === null ? 'welcome' : 'activate');
  }
  if (applied.replyToken !== null) return step('answer');
  if (ticket.state === 'abandoned') {
    // Whoever asked by a message has no answer that could be edited.
    if (applied.movedFrom && ticket.source === 'message') return step('moved');
    const mayExist = applied.creatingSince !== null || ticket.channelId !== null;
    return mayExist && applied.channelDeletedAt === null ? step('remove-stray') : null;
  }
  if (ticket.state === 'open') {
    if (isThread && applied.archivedAt !== null) return step('unarchive');
    const isMissing = applied.overwritesHash !== wantedHash;
    const againAt = isMissing && applied.problem?.context.wanted === wantedHash ? applied.problem.at + againMs : null;
    if (isMissing && (againAt === null || againAt <= now)) return step(isThread ? 'thread-members' : 'overwrites');
    const further = afterOverwrites(ticket, claimToPing);
    if (further) return step(further);
    const asked = beforeClosing(ticket);
    if (asked) return step(asked);
    if (isThread && applied.joinShows !== 'open') return step('join');
    if (applied.movedFrom) return step('moved');
    const once = onceOpen(ticket, settings);
    if (once) return step(once);
    const lookAt = isThread && applied.joinedIds?.length > 0 ? (applied.staffSeenAt ?? 0) + staffAgainMs : null;
    if (lookAt !== null && lookAt <= now) return step('thread-staff');
    return sooner(sooner(renaming(ticket, now), againAt), lookAt);
  }
  const mustTell = isThread && applied.joinShows === 'open';
  const last = isThread ? closeActionOf(ticket, settings) : 'delete';
  const isDone = (applied.channelDeletedAt ?? applied.archivedAt ?? null) !== null;
  const told = applied.transcriptMessageId !== null && applied.dmMessageId !== null;
  const rewrite = told ? afterSummaries(ticket) : null;
  if (rewrite) return step(rewrite);
  if (isDone && !mustTell && told) return null;
  if (applied.transcriptMessageId === null) return step('transcript');
  if (applied.dmMessageId === null) return step('direct');
  if (applied.feedbackMessageId === null) return step('feedback');
  // Staff cannot join what is closed.
  if (mustTell) return step('join');
  if (isDone) return null;
  const forStars = applied.feedbackMessageId === 'none' ? 0 : stayUntil(ticket);
  // What is archived keeps its files.
  const forFiles = filesSince === null || last === 'archive' ? 0 : filesSince + filesMs;
  const waitUntil = Math.max(forStars, forFiles);
  return waitUntil > now ? { waitUntil } : step(last);
}

const sooner = (next: Next, at: number | null): Next => {
  if (at === null || (next && 'step' in next)) return next;
  return { waitUntil: Math.min(next?.waitUntil ?? at, at) };
};

const stayUntil = (ticket: Ticket): number =>
  ticket.ratedAt === null ? (ticket.closedAt ?? 0) + feedbackMs : ticket.ratedAt + commentMs;
