import { Type } from 'typebox';
import { listTickets } from '#tickets/store/ticket.ts';
import type { App, RouteDeps } from '../app.ts';
import { guildOf, visibleTo } from '../plugins/guild.ts';
import { answers, docketId, guildParams, nullable, snowflake } from '../schemas/basic.ts';
import { ticketRow } from '../schemas/ticket.ts';
import { readRows } from '../ticket-rows.ts';

const query = Type.Object(
  {
    status: Type.Optional(Type.Enum(['open', 'closed', 'all'])),
    number: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 2_147_483_647, description: 'The number that people see' }),
    ),
    openerId: Type.Optional(snowflake),
    claimerId: Type.Optional(snowflake),
    panelId: Type.Optional(docketId),
    cursor: Type.Optional(docketId),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  },
  { additionalProperties: false },
);
const page = Type.Object({
  tickets: Type.Array(ticketRow),
  next: nullable(Type.String({ description: 'The cursor of the next page' })),
});
const DEFAULT_LIMIT = 50;

/** Lists and searches of tickets, newest first: all of a server for its admins, those of their teams for support. */
export function ticketsRoutes(app: App, deps: RouteDeps): void {
  app.get(
    '/api/guilds/:guildId/tickets',
    {
      config: { access: 'tickets.list' },
      schema: {
        summary: 'Tickets, searched by number, person or panel',
        params: guildParams,
        querystring: query,
        response: answers(page),
      },
    },
    async (request) => {
      const guild = guildOf(request);
      const { status = 'open', cursor, limit = DEFAULT_LIMIT, ...search } = request.query;
      const found = await listTickets(deps.pool, guild.id, {
        status,
        ...visibleTo(guild),
        search,
        before: cursor ?? null,
        // One more than the page shows whether there is another.
        limit: limit + 1,
      });
      const shown = found.slice(0, limit);
      const last = found.length > limit ? shown.at(-1) : undefined;
      return { tickets: await readRows(deps, guild.id, shown), next: last ? String(last.id) : null };
    },
  );
}
