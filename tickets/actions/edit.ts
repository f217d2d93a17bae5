import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Priority } from '../events.ts';
import type { Actor } from '../permission.ts';
import { readLabels } from '../store/label.ts';
import { oneLine } from '../text.ts';
import type { Ticket } from '../ticket.ts';
import { authorOf, type Change, changeTicket, mustMay } from './commit.ts';

/** Discord's limit of a channel's topic, of which Docket's own mark takes some. */
export const maxTopicLength = 900;
/** More say nothing any more, and a row in ClickHouse carries them all. */
export const maxLabels = 20;

/** What may be written about an open ticket; what is left out stays. */
export type TicketPatch = {
  priority?: Priority;
  topic?: string | null;
  /** All that it has from now on, or those that come and go. */
  labelIds?: readonly number[] | { readonly add?: number; readonly remove?: number };
};

const changed = { priority: 'priority_set', topic: 'topic_set', labelIds: 'labels_set' } as const;

/**
 * Sets a ticket's priority, topic and labels, each a change of its own in the history, all together or none.
 * `ifVersion`: the version that the last change made, as whoever edits has seen it.
 * @throws AppError ticket.stale, label.unknown, label.limit {limit}, input.invalid {field, fix}, ticket.closed, permission.…
 */
export function editTicket(
  ctx: Ctx,
  guildId: string,
  input: { ticketId: number; by: Actor; patch: TicketPatch; at: number; ifVersion?: number },
): Promise<Ticket> {
  const { ticketId, by, at, patch, ifVersion } = input;
  const topic = patch.topic ? oneLine(patch.topic, { field: 'topic', max: maxTopicLength }) : null;
  const keys = Object.keys(patch) as (keyof TicketPatch)[];
  const [only, ...others] = keys;
  // A replay of one change is known by its entry; several are guarded by the version that they were made from.
  const asked = only && others.length === 0 && { asked: { name: changed[only], by: by.id, at } };
  return changeTicket(ctx, guildId, { ticketId, verb: 'change', ...asked }, async (seen) => {
    const { db, ticket, access } = seen;
    mustMay(by, 'ticket.edit', access, ticket);
    if (ifVersion !== undefined && ifVersion !== seen.changeVersion) throw new AppError('ticket.stale');
    const author = authorOf(by, ticket, access);
    const changes: Change[] = [];
    const { priority } = patch;
    if (priority !== undefined && priority !== ticket.priority) {
      const data = { before: ticket.priority, after: priority };
      changes.push({ set: { priority }, entry: { name: 'priority_set', by: author, at, data } });
    }
    if (patch.topic !== undefined && topic !== ticket.topic) {
      const data = { before: ticket.topic, after: topic };
      changes.push({ set: { topic }, entry: { name: 'topic_set', by: author, at, data } });
    }
    if (patch.labelIds !== undefined) {
      const labelIds = labelsAfter(ticket.labelIds, patch.labelIds);
      if (String(labelIds) !== String(ticket.labelIds)) {
        const known = await readLabels(db, guildId, labelIds);
        // A label that was deleted since stays on its tickets; only what comes anew must be there.
        const fresh = labelIds.filter((id) => !ticket.labelIds.includes(id));
        if (fresh.some((id) => !known.some((one) => one.id === id))) throw new AppError('label.unknown');
        if (labelIds.length > maxLabels) throw new AppError('label.limit', { limit: maxLabels });
        const data = { before: ticket.labelIds, after: labelIds };
        changes.push({ set: { labelIds }, entry: { name: 'labels_set', by: author, at, data } });
      }
    }
    return changes;
  });
}

function labelsAfter(before: readonly number[], wanted: NonNullable<TicketPatch['labelIds']>): number[] {
  const isList = Array.isArray as (value: unknown) => value is readonly number[];
  const after = isList(wanted)
    ? wanted
    : [...before.filter((id) => id !== wanted.remove), ...(wanted.add === undefined ? [] : [wanted.add])];
  return [...new Set(after)].sort((a, b) => a - b);
}
