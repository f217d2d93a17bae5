// What comes after a ticket was opened and does not hinder it: pure, as plan.ts is.
import type { Settings } from '#tickets/settings/registry.ts';
import type { Ticket } from '#tickets/ticket.ts';
import { wantedNameOf } from './names.ts';

/** Steps of open tickets; one function each in `steps/mention.ts`, `steps/staff-thread.ts` and `steps/name.ts`. */
export type OpenStep = 'mention' | 'unmention' | 'staff-thread' | 'name';

/** Renames of one channel: two in ten minutes. Discord tells of this limit by no header, only by the refusal. */
export const renamesPerWindow = 2;
const renameWindowMs = 10 * 60_000;

/** Pings and the staff's thread: once, and never for tickets that were opened before Docket did this (`applied` lacks them then). */
export function onceOpen(
  { applied, mode }: Ticket,
  settings: Pick<Settings, 'deleteMention' | 'staffThread'>,
): OpenStep | null {
  if (applied.mentionMessageId === null) return 'mention';
  const isThere = applied.mentionMessageId !== undefined && applied.mentionMessageId !== 'none';
  if (settings.deleteMention && isThere && applied.mentionDeletedAt === null) return 'unmention';
  const { staffThreadId } = applied;
  if (mode !== 'channel' || !settings.staffThread || staffThreadId === undefined || staffThreadId === 'none')
    return null;
  return staffThreadId === null || !applied.staffThreadFilled ? 'staff-thread' : null;
}

/** A name that is not there yet, or when Discord will take it. Last of all: a name hinders nothing. */
export function renaming(ticket: Ticket, now: number): { step: OpenStep } | { waitUntil: number } | null {
  const { applied } = ticket;
  const wanted = wantedNameOf({ ticket });
  if (wanted === null || wanted === applied.name) return null;
  const recent = (applied.renamedAt ?? []).filter((at) => at > now - renameWindowMs);
  const waitUntil = (recent.at(-renamesPerWindow) ?? 0) + renameWindowMs;
  return recent.length >= renamesPerWindow && waitUntil > now ? { waitUntil } : { step: 'name' };
}
