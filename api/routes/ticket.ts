import { Type } from 'typebox';
import { AppError } from '#tickets/errors.ts';
import { priorities } from '#tickets/events.ts';
import { readLabelNames } from '#tickets/store/label.ts';
import { countStaffMessages } from '#tickets/store/message-count.ts';
import { readTicket } from '#tickets/store/ticket.ts';
import { readTranscript } from '#tickets/store/transcript.ts';
import type { Ticket } from '#tickets/ticket.ts';
import type { App, RouteDeps } from '../app.ts';
import { change, readHistoryRows } from '../history-rows.ts';
import { type GuildAccess, guildOf, mustMay } from '../plugins/guild.ts';
import { answers, docketId, nullable, person, ticketParams } from '../schemas/basic.ts';
import { closeRequestOf, closeRequestSchema, nextAction, nextActionOf } from '../schemas/closing.ts';
import { ticketRow } from '../schemas/ticket.ts';
import { named, readRows } from '../ticket-rows.ts';

const ticketSchema = Type.Object({
  ...ticketRow.properties,
  subject: nullable(Type.String()),
  answers: Type.Array(Type.Object({ label: Type.String(), value: Type.String() })),
  comment: nullable(Type.String()),
  name: nullable(Type.String({ description: 'Given by staff' })),
  topic: nullable(Type.String()),
  priority: Type.Enum([...priorities]),
  labels: Type.Array(Type.Object({ id: docketId, name: Type.String() })),
  members: Type.Array(person),
  closeRequest: closeRequestSchema,
  isExcluded: Type.Boolean({ description: 'No timer closes it' }),
  nextAction,
  staffMessages: nullable(
    Type.Array(Type.Object({ user: person, count: Type.Integer() }), {
      description: 'Who of the staff wrote how often; null where the server does not count it',
    }),
  ),
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
    async (request, reply) => {
      const guild = guildOf(request);
      const ticket = await readTicketFor(deps, guild, request.params.ticketId);
      const { guildId, id } = ticket;
      const isCounted = guild.row.settings.countStaffMessages;
      const [words, changes, [row], labelNames, counts] = await Promise.all([
        readTranscript(deps.pool, deps.keys, guildId, id),
        readHistoryRows(deps, guild, ticket),
        readRows(deps, guildId, [ticket]),
        readLabelNames(deps.pool, guildId, ticket.labelIds),
        isCounted ? countStaffMessages(deps.pool, guildId, [id]) : [],
      ]);
      const people = await deps.directory.people(guildId, [...ticket.memberIds, ...counts.map(({ userId }) => userId)]);
      if (!row) throw new AppError('ticket.unknown');
      void reply.header('etag', tagOfTicket(changes.at(-1)?.version ?? 0));
      return {
        ...row,
        subject: ticket.subject,
        answers: words.answers.map(({ label, value }) => ({ label, value })),
        comment: words.comment,
        name: ticket.name,
        topic: ticket.topic,
        priority: ticket.priority,
        labels: ticket.labelIds.map((labelId) => ({ id: labelId, name: labelNames.get(labelId) ?? String(labelId) })),
        members: ticket.memberIds.map((memberId) => named(people, memberId)),
        closeRequest: closeRequestOf(ticket),
        isExcluded: ticket.isExcluded,
        nextAction: nextActionOf(ticket, guild.row, deps),
        staffMessages: isCounted ? counts.map(({ userId, count }) => ({ user: named(people, userId), count })) : null,
        history: changes,
      };
    },
  );
}

/** The ETag of a ticket: the version of its last change. Messages raise a ticket's version too, and nobody edits those here. */
export const tagOfTicket = (changeVersion: number): string => `"${changeVersion}"`;

/** Reads a ticket that the viewer may see. Throws `ticket.unknown` for any other: whether it exists is not theirs to know. */
export async function readTicketFor(deps: RouteDeps, guild: GuildAccess, ticketId: number): Promise<Ticket> {
  const ticket = await readTicket(deps.pool, guild.id, ticketId);
  if (!ticket || ticket.state === 'reserved' || ticket.state === 'abandoned') throw new AppError('ticket.unknown');
  mustMay(guild, 'ticket.view', ticket);
  return ticket;
}
