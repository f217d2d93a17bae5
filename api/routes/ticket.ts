import { Type } from 'typebox';
import { AppError } from '#tickets/errors.ts';
import { authorKinds } from '#tickets/facts.ts';
import { readHistory } from '#tickets/store/history.ts';
import { readTicket } from '#tickets/store/ticket.ts';
import { readTranscript } from '#tickets/store/transcript.ts';
import type { Ticket } from '#tickets/ticket.ts';
import type { App, RouteDeps } from '../app.ts';
import { type GuildAccess, guildOf, mustMay } from '../plugins/guild.ts';
import { answers, iso, moment, nullable, person, ticketParams } from '../schemas/basic.ts';
import { ticketRow } from '../schemas/ticket.ts';
import { named, readRows } from '../ticket-rows.ts';

const change = Type.Object({
  version: Type.Integer(),
  name: Type.String(),
  at: moment,
  actor: nullable(person),
  actorKind: Type.Enum([...authorKinds]),
  reason: nullable(Type.String()),
  user: nullable(person),
  rating: nullable(Type.Integer()),
});
const ticketSchema = Type.Object({
  ...ticketRow.properties,
  subject: nullable(Type.String()),
  answers: Type.Array(Type.Object({ label: Type.String(), value: Type.String() })),
  comment: nullable(Type.String()),
  members: Type.Array(person),
  history: Type.Array(change),
});

/** One ticket, for its opener, those added to it, the staff of its teams and the server's admins. */
export function ticketRoutes(app: App, deps: RouteDeps): void {
  app.get(
    '/api/guilds/:guildId/tickets/:ticketId',
    {
      config: { access: 'ticket.view' },
      schema: { summary: 'A ticket', params: ticketParams, response: answers(ticketSchema) },
    },
    async (request) => {
      const ticket = await readTicketFor(deps, guildOf(request), request.params.ticketId);
      const { guildId, id } = ticket;
      const [words, changes, [row]] = await Promise.all([
        readTranscript(deps.pool, deps.keys, guildId, id),
        readHistory(deps.pool, guildId, id),
        readRows(deps, guildId, [ticket]),
      ]);
      const acting = changes
        .flatMap(({ actorId, data }) => [actorId, data.userId])
        .filter((one) => typeof one === 'string');
      const people = await deps.directory.people(guildId, [...ticket.memberIds, ...acting]);
      if (!row) throw new AppError('ticket.unknown');
      return {
        ...row,
        subject: ticket.subject,
        answers: words.answers.map(({ label, value }) => ({ label, value })),
        comment: words.comment,
        members: ticket.memberIds.map((memberId) => named(people, memberId)),
        history: changes.map(({ version, name, at, actorId, actorKind, data }) => ({
          version,
          name,
          at: iso(at),
          actor: actorId === null ? null : named(people, actorId),
          actorKind,
          reason: data.reason ?? null,
          user: data.userId === undefined ? null : named(people, data.userId),
          rating: data.rating ?? null,
        })),
      };
    },
  );
}

/** Reads a ticket that the viewer may see. Throws `ticket.unknown` for any other: whether it exists is not theirs to know. */
export async function readTicketFor(deps: RouteDeps, guild: GuildAccess, ticketId: number): Promise<Ticket> {
  const ticket = await readTicket(deps.pool, guild.id, ticketId);
  if (!ticket || ticket.state === 'reserved' || ticket.state === 'abandoned') throw new AppError('ticket.unknown');
  mustMay(guild, 'ticket.view', ticket);
  return ticket;
}
