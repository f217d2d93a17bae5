import { type Static, Type } from 'typebox';
import { type Ticket, ticketStates } from '#tickets/ticket.ts';
import type { Person } from '../discord.ts';
import { errorText } from '../problem.ts';
import { docketId, iso, isoOrNull, moment, nullable, person } from './basic.ts';

/** A ticket as lists show it. */
export const ticketRow = {
  id: docketId,
  displayNo: Type.Integer(),
  lifetimeNo: nullable(Type.Integer()),
  state: Type.Enum([...ticketStates]),
  panelId: nullable(docketId),
  panelName: nullable(Type.String()),
  opener: person,
  claimedBy: nullable(person),
  openedAt: moment,
  closedAt: nullable(moment),
  closeReason: nullable(Type.String()),
  rating: nullable(Type.Integer({ minimum: 1, maximum: 5 })),
  waiting: nullable(Type.Enum(['staff', 'member'])),
  problem: nullable(Type.String({ description: 'What hinders Docket in Discord, for people' })),
};
const rowSchema = Type.Object(ticketRow);
type TicketRow = Static<typeof rowSchema>;

export type People = ReadonlyMap<string, Person>;
export type PanelNames = ReadonlyMap<number, string>;

/** Everybody whom a ticket's row names. */
export const peopleIn = (ticket: Ticket): string[] =>
  ticket.claimedBy === null ? [ticket.openerId] : [ticket.openerId, ticket.claimedBy];

/** Somebody's id and name; who is not known is called by their id. */
export const named = (people: People, id: string): { id: string; name: string } => ({
  id,
  name: people.get(id)?.name ?? id,
});

/** Who has to speak next in an open ticket. */
function waitingFor(ticket: Ticket): 'staff' | 'member' | null {
  if (ticket.state !== 'open' && ticket.state !== 'channel') return null;
  return ticket.facts.waitingSince === null ? 'member' : 'staff';
}

/** Writes a ticket as lists show it. */
export function rowOf(ticket: Ticket, people: People, panelNames: PanelNames): TicketRow {
  const { problem } = ticket.applied;
  return {
    id: ticket.id,
    displayNo: ticket.displayNo,
    lifetimeNo: ticket.lifetimeNo,
    state: ticket.state,
    panelId: ticket.panelId,
    panelName: ticket.panelId === null ? null : (panelNames.get(ticket.panelId) ?? null),
    opener: named(people, ticket.openerId),
    claimedBy: ticket.claimedBy === null ? null : named(people, ticket.claimedBy),
    openedAt: iso(ticket.openedAt),
    closedAt: isoOrNull(ticket.closedAt),
    closeReason: ticket.closeReason,
    rating: ticket.rating,
    waiting: waitingFor(ticket),
    problem: problem ? errorText(problem.code, problem.context) : null,
  };
}
