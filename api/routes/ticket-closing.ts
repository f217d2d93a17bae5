import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { amendReason } from '#tickets/actions/amend-reason.ts';
import { closeTicket } from '#tickets/actions/close.ts';
import { excludeTicket } from '#tickets/actions/exclude.ts';
import { acceptClose, denyClose, maxDelayHours, requestClose } from '#tickets/actions/request-close.ts';
import { AppError } from '#tickets/errors.ts';
import type { Action } from '#tickets/permission.ts';
import { maxReasonLength } from '#tickets/reason.ts';
import { readHistory } from '#tickets/store/history.ts';
import type { Ticket } from '#tickets/ticket.ts';
import { type App, ctxOf, type RouteDeps } from '../app.ts';
import { guildOf, mustMay } from '../plugins/guild.ts';
import { HttpError } from '../problem.ts';
import { answers, docketId, isoOrNull, moment, nullable, ticketParams } from '../schemas/basic.ts';
import { closeRequestSchema, closeRequestOf, nextAction, nextActionOf } from '../schemas/closing.ts';
import { readTicketFor, tagOfTicket } from './ticket.ts';

const strict = { additionalProperties: false } as const;
const reason = nullable(Type.String({ maxLength: maxReasonLength }));
const done = Type.Object({
  id: docketId,
  version: Type.Integer({ description: 'Of the last change: the ETag' }),
  state: Type.String(),
  closedAt: nullable(moment),
  closeReason: nullable(Type.String()),
  closeRequest: closeRequestSchema,
  isExcluded: Type.Boolean(),
  nextAction,
});

/** What ends a ticket, and what puts that off. */
export function ticketClosingRoutes(app: App, deps: RouteDeps): void {
  const ctx = ctxOf(deps);

  /** Whoever acts, and on what they may act. Whether the ticket exists is told only to who may see it. */
  async function allowed(request: FastifyRequest, ticketId: number, action: Action) {
    const guild = guildOf(request);
    const ticket = await readTicketFor(deps, guild, ticketId);
    mustMay(guild, action, ticket);
    if (!guild.actor) throw new AppError('permission.support');
    return { guild, ticket, input: { ticketId: ticket.id, by: guild.actor, at: ctx.now() } };
  }
  const shown = async (request: FastifyRequest, ticket: Ticket) => {
    const { id, state, closedAt, closeReason, isExcluded } = ticket;
    const version = (await readHistory(deps.pool, ticket.guildId, id)).at(-1)?.version ?? 0;
    return {
      id,
      version,
      state,
      closedAt: isoOrNull(closedAt),
      closeReason,
      closeRequest: closeRequestOf(ticket),
      isExcluded,
      nextAction: nextActionOf(ticket, guildOf(request).row, ctx),
    };
  };
  const schema = (summary: string) => ({ summary, params: ticketParams, response: answers(done) });
  const path = '/api/guilds/:guildId/tickets/:ticketId';

  app.post(
    `${path}/close`,
    {
      config: { access: 'ticket.close' },
      schema: { ...schema('Closes a ticket'), body: Type.Object({ reason: Type.Optional(reason) }, strict) },
    },
    async (request) => {
      const { guild, input } = await allowed(request, request.params.ticketId, 'ticket.close');
      return shown(request, await closeTicket(ctx, guild.id, { ...input, reason: request.body.reason ?? null }));
    },
  );

  app.patch(
    `${path}/close-reason`,
    {
      config: { access: 'ticket.amend' },
      schema: {
        ...schema('Writes the reason of a closing anew'),
        headers: Type.Object({ 'if-match': Type.Optional(Type.String()) }),
        body: Type.Object({ reason }, strict),
      },
    },
    async (request, reply) => {
      const { guild, ticket, input } = await allowed(request, request.params.ticketId, 'ticket.amend');
      const condition = request.headers['if-match'];
      if (condition === undefined) throw new HttpError('ticket.condition-missing');
      const version = (await readHistory(deps.pool, guild.id, ticket.id)).at(-1)?.version ?? 0;
      if (condition !== tagOfTicket(version)) throw new AppError('ticket.stale');
      const asked = { ...input, reason: request.body.reason, ifVersion: version };
      const answer = await shown(request, await amendReason(ctx, guild.id, asked));
      void reply.header('etag', tagOfTicket(answer.version));
      return answer;
    },
  );

  app.post(
    `${path}/close-request`,
    {
      config: { access: 'ticket.request-close' },
      schema: {
        ...schema('Asks the opener whether the ticket may be closed; takes the place of an earlier request'),
        body: Type.Object(
          {
            delayHours: Type.Optional(
              nullable(Type.Integer({ minimum: 1, maximum: maxDelayHours, description: 'Null: it waits for ever' })),
            ),
            reason: Type.Optional(reason),
          },
          strict,
        ),
      },
    },
    async (request) => {
      const { guild, input } = await allowed(request, request.params.ticketId, 'ticket.request-close');
      const { delayHours = null, reason: given = null } = request.body;
      return shown(request, await requestClose(ctx, guild.id, { ...input, delayHours, reason: given }));
    },
  );

  app.post(
    `${path}/close-request/accept`,
    { config: { access: 'ticket.accept-close' }, schema: schema('The opener agrees: the ticket is closed') },
    async (request) => {
      const { guild, input } = await allowed(request, request.params.ticketId, 'ticket.accept-close');
      return shown(request, await acceptClose(ctx, guild.id, { ...input, requestAt: null }));
    },
  );

  app.delete(
    `${path}/close-request`,
    {
      config: { access: 'ticket.deny-close' },
      schema: schema('The opener wants the ticket to stay open, or staff take their request back'),
    },
    async (request) => {
      const { guild, ticket, input } = await allowed(request, request.params.ticketId, 'ticket.deny-close');
      // Sent again: nobody asks, which is what was wanted.
      if (ticket.closeRequest === null && ticket.state === 'open') return shown(request, ticket);
      return shown(request, await denyClose(ctx, guild.id, { ...input, requestAt: null }));
    },
  );

  for (const [method, isExcluded, summary] of [
    ['PUT', true, 'No timer closes the ticket from now on'],
    ['DELETE', false, 'Timers may close the ticket again'],
  ] as const) {
    app.route({
      method,
      url: `${path}/exclusion`,
      config: { access: 'ticket.exclude' },
      schema: schema(summary),
      handler: async (request) => {
        const { guild, input } = await allowed(request, request.params.ticketId, 'ticket.exclude');
        return shown(request, await excludeTicket(ctx, guild.id, { ...input, isExcluded }));
      },
    });
  }
}
