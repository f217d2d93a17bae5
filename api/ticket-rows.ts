import type { Static } from 'typebox';
import { listPanels } from '#tickets/store/panel.ts';
import type { Ticket } from '#tickets/ticket.ts';
import type { RouteDeps } from './app.ts';
import type { Person } from './discord.ts';
import { iso, isoOrNull } from './schemas/basic.ts';
import type { ticketRow } from './schemas/ticket.ts';
import { troubleText } from './trouble.ts';

type TicketRow = Static<typeof ticketRow>;

/** Somebody's id and name; who is not known is called by their id. */
export const named = (people: ReadonlyMap<string, Person>, id: string): { id: string; name: string } => ({
  id,
  name: people.get(id)?.name ?? id,
});

/** Writes tickets as lists show them: with the names of people and panels, and what hinders them in words. */
export async function readRows(deps: RouteDeps, guildId: string, tickets: readonly Ticket[]): Promise<TicketRow[]> {
  const everybody = tickets.flatMap(({ openerId, claimedBy }) =>
    claimedBy === null ? [openerId] : [openerId, claimedBy],
  );
  const [people, panels] = await Promise.all([
    deps.directory.people(guildId, everybody),
    listPanels(deps.pool, guildId, { withDeleted: true }), // their tickets remain
  ]);
  const panelNames = new Map(panels.map(({ id, name }) => [id, name]));
  return Promise.all(
    tickets.map(async (ticket) => ({
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
      staleAt: isoOrNull(ticket.staleAt),
      waiting: waitingFor(ticket),
      problem: ticket.applied.problem && (await troubleText(deps, guildId, ticket.applied.problem)),
    })),
  );
}

/** Who has to speak next in an open ticket. */
function waitingFor(ticket: Ticket): 'staff' | 'member' | null {
  if (ticket.state !== 'open' && ticket.state !== 'channel') return null;
  return ticket.facts.waitingSince === null ? 'member' : 'staff';
}
