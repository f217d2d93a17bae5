import { Type } from 'typebox';
import { reopenTicket } from '#tickets/actions/reopen.ts';
import { AppError } from '#tickets/errors.ts';
import { readHistory } from '#tickets/store/history.ts';
import { listOnCall } from '#tickets/store/on-call.ts';
import { type App, ctxOf, type RouteDeps } from '../app.ts';
import { guildOf, mustMay } from '../plugins/guild.ts';
import { answers, docketId, guildParams, nullable, snowflake, ticketParams } from '../schemas/basic.ts';
import { readTicketFor, tagOfTicket } from './ticket.ts';

const reopened = Type.Object({
  id: docketId,
  version: Type.Integer({ description: 'Of the last change: the ETag' }),
  state: Type.String(),
  channelId: nullable(snowflake),
});
const onCall = Type.Object({ teams: Type.Array(Type.Object({ teamId: docketId, roleId: snowflake })) });

/** What only tickets in threads have: they can be reopened, and staff can be on call for them. */
export function threadsRoutes(app: App, deps: RouteDeps): void {
  const ctx = ctxOf(deps);

  app.post(
    '/api/guilds/:guildId/tickets/:ticketId/reopen',
    {
      config: { access: 'ticket.reopen' },
      schema: {
        summary: 'Opens a closed ticket again whose thread is still there',
        params: ticketParams,
        response: answers(reopened),
      },
    },
    async (request, reply) => {
      const guild = guildOf(request);
      const ticket = await readTicketFor(deps, guild, request.params.ticketId);
      mustMay(guild, 'ticket.reopen', ticket);
      if (!guild.actor) throw new AppError('permission.support');
      const member = await deps.directory.member(guild.id, ticket.openerId);
      const opener = member && { id: member.id, roleIds: member.roleIds, isOwner: false, hasManageGuild: false };
      const input = { ticketId: ticket.id, by: guild.actor, opener, at: ctx.now() };
      const { id, state, channelId } = await reopenTicket(ctx, guild.id, input);
      const version = (await readHistory(deps.pool, guild.id, id)).at(-1)?.version ?? 0;
      void reply.header('etag', tagOfTicket(version));
      return { id, version, state, channelId };
    },
  );

  app.get(
    '/api/guilds/:guildId/on-call',
    {
      config: { access: 'guild.view' },
      schema: {
        summary: 'The roles that mark who of a team is on call; /on-call gives and takes them',
        params: guildParams,
        response: answers(onCall),
      },
    },
    async (request) => ({ teams: await listOnCall(deps.pool, guildOf(request).id) }),
  );
}
