import { Type } from 'typebox';
import { addMember } from '#tickets/actions/add-member.ts';
import { assignTicket } from '#tickets/actions/assign.ts';
import { claimTicket } from '#tickets/actions/claim.ts';
import { editTicket, maxLabels, type TicketPatch } from '#tickets/actions/edit.ts';
import { releaseTicket } from '#tickets/actions/release.ts';
import { removeMember } from '#tickets/actions/remove-member.ts';
import { renameTicket } from '#tickets/actions/rename.ts';
import { switchPanel } from '#tickets/actions/switch-panel.ts';
import { AppError } from '#tickets/errors.ts';
import { priorities } from '#tickets/events.ts';
import type { Action, Actor } from '#tickets/permission.ts';
import { readHistory } from '#tickets/store/history.ts';
import type { Ticket } from '#tickets/ticket.ts';
import type { FastifyRequest } from 'fastify';
import { type App, ctxOf, type RouteDeps } from '../app.ts';
import { change, readHistoryRows } from '../history-rows.ts';
import { accessOf, type GuildAccess, guildOf, mustMay } from '../plugins/guild.ts';
import { HttpError } from '../problem.ts';
import { answers, docketId, nullable, snowflake, ticketParams } from '../schemas/basic.ts';
import { readTicketFor, tagOfTicket } from './ticket.ts';

const strict = { additionalProperties: false } as const;
const done = Type.Object({
  id: docketId,
  version: Type.Integer({ description: 'Of the last change: the ETag' }),
  claimedBy: nullable(snowflake),
  panelId: nullable(docketId),
  name: nullable(Type.String()),
  priority: Type.Enum([...priorities]),
  topic: nullable(Type.String()),
  labelIds: Type.Array(docketId),
  memberIds: Type.Array(snowflake),
});
const patchBody = Type.Object(
  {
    priority: Type.Optional(Type.Enum([...priorities])),
    topic: Type.Optional(nullable(Type.String())),
    labelIds: Type.Optional(Type.Array(docketId, { maxItems: maxLabels })),
  },
  { ...strict, minProperties: 1 },
);
const memberParams = Type.Object({ ...ticketParams.properties, userId: snowflake });

/** Acts of people on one ticket. Each may be sent again: what is so already is not done twice. */
export function ticketActRoutes(app: App, deps: RouteDeps): void {
  const ctx = ctxOf(deps);

  /** Whoever acts, and on what they may act. Whether the ticket exists is told only to who may see it. */
  async function allowed(request: FastifyRequest, ticketId: number, action: Action) {
    const guild = guildOf(request);
    const ticket = await readTicketFor(deps, guild, ticketId);
    mustMay(guild, action, ticket);
    if (!guild.actor) throw new AppError('permission.support');
    return { guild, ticket, input: { ticketId: ticket.id, by: guild.actor, at: ctx.now() } };
  }
  const shown = async (guild: GuildAccess, ticket: Ticket) => {
    const { id, claimedBy, panelId, name, priority, topic, labelIds, memberIds } = ticket;
    const version = (await readHistory(deps.pool, guild.id, id)).at(-1)?.version ?? 0;
    return {
      id,
      version,
      claimedBy,
      panelId,
      name,
      priority,
      topic,
      labelIds: [...labelIds],
      memberIds: [...memberIds],
    };
  };
  const schema = (summary: string) => ({ summary, params: ticketParams, response: answers(done) });
  const path = '/api/guilds/:guildId/tickets/:ticketId';

  app.post(
    `${path}/claim`,
    { config: { access: 'ticket.claim' }, schema: schema('Takes a ticket') },
    async (request) => {
      const { guild, input } = await allowed(request, request.params.ticketId, 'ticket.claim');
      return shown(guild, await claimTicket(ctx, guild.id, input));
    },
  );

  app.post(
    `${path}/unclaim`,
    { config: { access: 'ticket.release' }, schema: schema('Gives a ticket back') },
    async (request) => {
      const { guild, ticket, input } = await allowed(request, request.params.ticketId, 'ticket.release');
      // Sent again: nobody holds it, which is what was wanted.
      if (ticket.claimedBy === null && ticket.state === 'open') return shown(guild, ticket);
      return shown(guild, await releaseTicket(ctx, guild.id, input));
    },
  );

  app.post(
    `${path}/assign`,
    {
      config: { access: 'ticket.assign' },
      schema: {
        ...schema('Gives a ticket to a member of its staff'),
        body: Type.Object({ userId: snowflake }, strict),
      },
    },
    async (request) => {
      const { guild, input } = await allowed(request, request.params.ticketId, 'ticket.assign');
      const assignee = await assigneeOf(deps, guild.id, request.body.userId);
      return shown(guild, await assignTicket(ctx, guild.id, { ...input, assignee, isTransfer: false }));
    },
  );

  app.post(
    `${path}/switch-panel`,
    {
      config: { access: 'ticket.switch-panel' },
      schema: { ...schema('Moves a ticket to another panel'), body: Type.Object({ panelId: docketId }, strict) },
    },
    async (request) => {
      const { guild, input } = await allowed(request, request.params.ticketId, 'ticket.switch-panel');
      return shown(guild, await switchPanel(ctx, guild.id, { ...input, panelId: request.body.panelId }));
    },
  );

  app.post(
    `${path}/rename`,
    {
      config: { access: 'ticket.rename' },
      schema: {
        ...schema('Names a ticket; null follows the naming scheme again'),
        body: Type.Object({ name: nullable(Type.String()) }, strict),
      },
    },
    async (request) => {
      const { guild, input } = await allowed(request, request.params.ticketId, 'ticket.rename');
      return shown(guild, await renameTicket(ctx, guild.id, { ...input, name: request.body.name }));
    },
  );

  app.patch(
    path,
    {
      config: { access: 'ticket.edit' },
      schema: {
        ...schema('Changes priority, topic and labels, as far as they are named'),
        headers: Type.Object({ 'if-match': Type.Optional(Type.String()) }),
        body: patchBody,
      },
    },
    async (request, reply) => {
      const { guild, ticket, input } = await allowed(request, request.params.ticketId, 'ticket.edit');
      const condition = request.headers['if-match'];
      if (condition === undefined) throw new HttpError('ticket.condition-missing');
      const { version } = await shown(guild, ticket);
      if (condition !== tagOfTicket(version)) throw new AppError('ticket.stale');
      const patch = request.body as TicketPatch;
      const answer = await shown(guild, await editTicket(ctx, guild.id, { ...input, patch, ifVersion: version }));
      void reply.header('etag', tagOfTicket(answer.version));
      return answer;
    },
  );

  app.post(
    `${path}/members`,
    {
      config: { access: 'ticket.add' },
      schema: { ...schema('Lets somebody into a ticket'), body: Type.Object({ userId: snowflake }, strict) },
    },
    async (request) => {
      const { guild, ticket, input } = await allowed(request, request.params.ticketId, 'ticket.add');
      const { userId } = request.body;
      if (ticket.memberIds.includes(userId)) return shown(guild, ticket);
      if (!(await deps.directory.member(guild.id, userId))) throw new AppError('member.unknown', { userId });
      return shown(guild, await addMember(ctx, guild.id, { ...input, userId }));
    },
  );

  app.delete(
    `${path}/members/:userId`,
    {
      config: { access: 'ticket.remove' },
      schema: { ...schema('Takes an added member out of a ticket'), params: memberParams },
    },
    async (request) => {
      const { guild, ticket, input } = await allowed(request, request.params.ticketId, 'ticket.remove');
      const { userId } = request.params;
      if (userId !== ticket.openerId && !ticket.memberIds.includes(userId)) return shown(guild, ticket);
      return shown(guild, await removeMember(ctx, guild.id, { ...input, userId }));
    },
  );

  app.get(
    `${path}/history`,
    {
      config: { access: 'ticket.view' },
      schema: {
        summary: 'What happened to a ticket, oldest first; `after` is the version of the last change that was read',
        params: ticketParams,
        querystring: Type.Object(
          {
            after: Type.Optional(Type.Integer({ minimum: 0 })),
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
          },
          strict,
        ),
        response: answers(Type.Object({ changes: Type.Array(change), next: nullable(Type.Integer()) })),
      },
    },
    async (request) => {
      const guild = guildOf(request);
      const ticket = await readTicketFor(deps, guild, request.params.ticketId);
      const { after = 0, limit = historyLimit } = request.query;
      const left = (await readHistoryRows(deps, guild, ticket)).filter((one) => one.version > after);
      const changes = left.slice(0, limit);
      return { changes, next: left.length > limit ? (changes.at(-1)?.version ?? null) : null };
    },
  );
}
const historyLimit = 50;

/** Whoever is to hold a ticket, with their roles as Discord tells them. Throws assign.not-staff for who is not in the server. */
async function assigneeOf(deps: RouteDeps, guildId: string, userId: string): Promise<Actor & { isBot: boolean }> {
  const found = await accessOf(deps, guildId, userId);
  if (!found?.actor || !found.isMember) throw new AppError('assign.not-staff', { userId });
  const member = await deps.directory.member(guildId, userId);
  return { ...found.actor, isBot: member?.isBot ?? false };
}
