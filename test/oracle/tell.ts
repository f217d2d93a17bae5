import { authorKindOf, type Staff, teamIdsOf } from '#tickets/permission.ts';
import { continues, tellAgain, type Tellable, tellAll, tellMore } from '#tickets/rows.ts';
import type { LogRow } from '#tickets/events.ts';
import { type Entry, newFacts, secondsBetween, type Source } from '#tickets/facts.ts';
import { type History, seeded, type Ticket } from './history.ts';

const teamId = 1_000;

/** A ticket as the domain has recorded it, and every row that it told on the way, corrections included. */
export type Recorded = { ticket: Tellable; claimedBy: string | null; entries: Entry[]; rows: LogRow[] };

type Arrival = { arrivesAt: number; order: number; make: (state: State) => Entry };
type State = { version: number; claimedBy: string | null; memberIds: string[] };

/** Lets a ticket's history arrive at the domain as a gateway brings it: changes in order, messages now and then hours late. */
export function record(history: History, raw: Ticket, seed: number): Recorded {
  const random = seeded(seed);
  const staff: Staff[] = history.people
    .filter((person) => person.role === 'staff')
    .map((person) => ({ subjectId: person.id, subjectKind: 'user', level: 'support', teamId }));
  const authorOf = (id: string | null, state: State) => {
    if (id === null) return { actorId: null, actorKind: 'system' as const, actorTeamIds: [] };
    const isBot = history.people.some((person) => person.id === id && person.role === 'bot');
    const kind = authorKindOf(
      { id, roleIds: [], isBot },
      { ...state, openerId: raw.openerId, teamIds: [teamId] },
      staff,
    );
    return {
      actorId: id,
      actorKind: kind,
      actorTeamIds: kind === 'staff' ? teamIdsOf({ id, roleIds: [] }, staff) : [],
    };
  };
  const arrivals: Arrival[] = [
    ...raw.changes.map((change, i) => ({
      arrivesAt: change.at,
      order: i,
      make: (state: State): Entry => {
        const author = authorOf(change.actorId, state);
        if (change.name === 'claimed') state.claimedBy = change.actorId;
        if (change.name === 'released') state.claimedBy = null;
        if (change.memberId) state.memberIds.push(change.memberId);
        const rating = change.rating === undefined ? {} : { rating: change.rating };
        return { kind: 'change', name: change.name, at: change.at, version: state.version, ...author, ...rating };
      },
    })),
    ...raw.messages.map((message, i) => ({
      arrivesAt: message.at + (random() < 0.3 ? Math.floor(random() * 2 * 86_400_000) : 0),
      order: 1_000 + i,
      make: (state: State): Entry => ({
        kind: 'message',
        id: message.id,
        at: message.at,
        ...authorOf(message.authorId, state),
        actorId: message.authorId,
      }),
    })),
  ].toSorted((a, b) => a.arrivesAt - b.arrivesAt || a.order - b.order);

  const state: State = { version: 0, claimedBy: null, memberIds: [] };
  let ticket: Tellable = {
    id: raw.id,
    guildId: history.guildId,
    openedAt: raw.openedAt,
    openerId: raw.openerId,
    openedBy: raw.openedBy,
    openedPanelId: raw.panelId,
    priority: 'normal',
    labelIds: [],
    source: sourceOf(raw),
    version: 0,
    facts: newFacts(raw.openedAt, raw.openerId, raw.panelId),
  };
  const entries: Entry[] = [];
  const rows: LogRow[] = [];
  for (const arrival of arrivals) {
    state.version += 1;
    const entry = arrival.make(state);
    const telling = { version: state.version, office: secondsBetween };
    const told =
      entry.kind === 'change' && entry.name === 'opened'
        ? tellAll(ticket, [...entries, entry], telling)
        : continues(ticket.facts, [entry])
          ? tellMore(ticket, [entry], telling)
          : tellAgain(ticket, entries, [entry], telling);
    entries.push(entry);
    rows.push(...told.rows);
    ticket = { ...ticket, version: state.version, facts: told.facts };
  }
  return { ticket, claimedBy: ticket.facts.claimer?.id ?? null, entries, rows };
}

const sourceOf = (raw: Ticket): Source =>
  raw.panelId !== null ? 'panel' : raw.openedBy === raw.openerId ? 'command' : 'context_menu';

/** What a log that delivers at least once may make of rows: some twice, in no order. */
export function disturb<T>(rows: readonly T[], seed: number): T[] {
  const random = seeded(seed);
  return [...rows, ...rows.filter(() => random() < 0.35)]
    .map((row) => ({ row, place: random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ row }) => row);
}
