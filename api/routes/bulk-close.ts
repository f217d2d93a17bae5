import { Type } from 'typebox';
import { type BulkInput, previewBulkClose, runBulkClose } from '#tickets/actions/bulk-close.ts';
import { AppError } from '#tickets/errors.ts';
import { maxReasonLength } from '#tickets/reason.ts';
import { type BulkClose, readBulkClose } from '#tickets/store/bulk-close.ts';
import { readTicket } from '#tickets/store/ticket.ts';
import { type App, ctxOf, type RouteDeps } from '../app.ts';
import { guildOf } from '../plugins/guild.ts';
import { answers, docketId, guildParams, nullable, snowflake } from '../schemas/basic.ts';
import { ticketRow } from '../schemas/ticket.ts';
import { readRows } from '../ticket-rows.ts';

const progress = Type.Object({
  id: docketId,
  state: Type.Enum(['preview', 'running', 'done']),
  total: Type.Integer(),
  done: Type.Integer({ description: 'How many have been looked at' }),
  closed: Type.Integer({
    description: 'How many of these were closed; the others were closed meanwhile, or somebody wrote',
  }),
  tickets: Type.Array(ticketRow, { description: 'The first of them' }),
});
const body = Type.Object(
  {
    preview: Type.Boolean({
      description: 'True: says which tickets these are. False: closes those of the preview `id`',
    }),
    id: Type.Optional(docketId),
    panelId: Type.Optional(nullable(docketId)),
    categoryId: Type.Optional(nullable(snowflake)),
    inactiveHours: Type.Optional(nullable(Type.Integer({ minimum: 1, maximum: 8_760 }))),
    labelId: Type.Optional(nullable(docketId)),
    reason: Type.Optional(nullable(Type.String({ maxLength: maxReasonLength }))),
  },
  { additionalProperties: false },
);
const shownTickets = 20;

/** Closes many tickets at once: first a preview, which is then run as it is. */
export function bulkCloseRoutes(app: App, deps: RouteDeps): void {
  const ctx = ctxOf(deps);
  const shown = async (guildId: string, bulk: BulkClose) => {
    const { id, state, ticketIds, done, closed } = bulk;
    const first = ticketIds.slice(0, shownTickets);
    const tickets = (await Promise.all(first.map((one) => readTicket(deps.pool, guildId, one)))).filter(
      (one) => one !== null,
    );
    return { id, state, total: ticketIds.length, done, closed, tickets: await readRows(deps, guildId, tickets) };
  };

  app.post(
    '/api/guilds/:guildId/tickets/close',
    {
      config: { access: 'tickets.close-many' },
      schema: { summary: 'Closes many tickets', params: guildParams, body, response: answers(progress) },
    },
    async (request) => {
      const { id: guildId, actor: by } = guildOf(request);
      if (!by) throw new AppError('permission.admin');
      const { preview, id: bulkId, panelId, categoryId, inactiveHours, labelId, reason } = request.body;
      if (!preview) {
        if (bulkId === undefined) throw new AppError('input.invalid', { field: 'id', fix: 'the id of a preview' });
        return shown(guildId, await runBulkClose(ctx, guildId, { by, bulkId, replyToken: null }));
      }
      const input: BulkInput = {
        by,
        panelId: panelId ?? null,
        categoryId: categoryId ?? null,
        inactiveHours: inactiveHours ?? null,
        labelId: labelId ?? null,
        reason: reason ?? null,
      };
      return shown(guildId, await previewBulkClose(ctx, guildId, input));
    },
  );

  app.get(
    '/api/guilds/:guildId/tickets/close/:bulkId',
    {
      config: { access: 'tickets.close-many' },
      schema: {
        summary: 'How far a closing of many tickets is',
        params: Type.Object({ guildId: snowflake, bulkId: docketId }),
        response: answers(progress),
      },
    },
    async (request) => {
      const { id: guildId } = guildOf(request);
      const bulk = await readBulkClose(deps.pool, guildId, request.params.bulkId);
      if (!bulk) throw new AppError('bulk.unknown');
      return shown(guildId, bulk);
    },
  );
}
