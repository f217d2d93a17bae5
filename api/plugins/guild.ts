import type { FastifyRequest } from 'fastify';
import { isSnowflake } from '#runtime/snowflake.ts';
import { AppError } from '#tickets/errors.ts';
import {
  type Access,
  type Action,
  type Actor,
  type Level,
  levelOf,
  refusalOf,
  teamIdsOf,
} from '#tickets/permission.ts';
import { readGuild } from '#tickets/store/guild.ts';
import { listStaff } from '#tickets/store/staff.ts';
import type { Ticket } from '#tickets/ticket.ts';
import type { ApiDeps, App, RouteDeps } from '../app.ts';
import { HttpError } from '../problem.ts';
import { personOf, type Viewer } from './auth.ts';

type Guild = NonNullable<Awaited<ReturnType<typeof readGuild>>>;

/** The guild of a request's address and what the viewer is there. */
export type GuildAccess = {
  id: string;
  row: Guild;
  access: Access;
  /** Null for an API key. */
  actor: Actor | null;
  isMember: boolean;
  level: Level;
  /** The teams whose tickets the viewer works on. */
  teamIds: readonly number[];
};

/** The guild of a request whose route is below `/guilds/:guildId`. */
export function guildOf(request: FastifyRequest): GuildAccess {
  if (!request.guild) throw new AppError('guild.unknown');
  return request.guild;
}

/** Who changes something in a guild: a person, never a key. Throws permission.admin. */
export function actorIn(guild: GuildAccess): Actor {
  if (!guild.actor) throw new AppError('permission.admin');
  return guild.actor;
}

/** Whose tickets a guild's viewer sees in lists: all for its admins, those of their teams for support. */
export const visibleTo = (guild: GuildAccess): { teamIds: readonly number[] | null; viewerId: string | null } => ({
  teamIds: guild.level === 'admin' ? null : guild.teamIds,
  viewerId: guild.actor?.id ?? null,
});

/** Reads what a person is in a guild; null when Docket is not in it. Rights come from Discord and the staff list, each time. */
export async function accessOf(deps: RouteDeps, guildId: string, userId: string): Promise<GuildAccess | null> {
  const row = await readGuild(deps.pool, guildId);
  if (!row || row.leftAt !== null) return null;
  const [staff, member] = await Promise.all([listStaff(deps.pool, guildId), deps.directory.member(guildId, userId)]);
  const access: Access = { staff, settings: row.settings };
  const isOwner = row.ownerId === userId;
  const hasManageGuild = member !== null && !isOwner && (await deps.directory.mayManageGuild(guildId, member));
  const actor: Actor = { id: userId, roleIds: member?.roleIds ?? [], isOwner, hasManageGuild };
  const isMember = member !== null || isOwner;
  // Who has left the server is nobody there any more, whatever a forgotten staff row says.
  const level = isMember ? levelOf(actor, access) : 'member';
  return { id: guildId, row, access, actor, isMember, level, teamIds: isMember ? teamIdsOf(actor, staff) : [] };
}

/** Whether the viewer may do something, to a ticket where one is given. Throws what is missing. */
export function mustMay(guild: GuildAccess, action: Action, ticket?: Ticket): void {
  if (!guild.actor) return; // an API key: its scope was checked with the route
  // Who has left works on nothing any more; an own ticket, or one they were added to, stays theirs to read.
  const refused = guild.isMember
    ? refusalOf(guild.actor, action, guild.access, ticket)
    : refusalOf(guild.actor, action, { ...guild.access, staff: [] }, ticket && { ...ticket, claimedBy: null });
  // Somebody from another server must not learn that this one is here.
  if (refused) throw new AppError(guild.isMember ? refused : ticket ? 'ticket.unknown' : 'guild.unknown');
}

async function keyAccess(
  deps: ApiDeps,
  guildId: string,
  key: Extract<Viewer, { kind: 'key' }>,
): Promise<GuildAccess | null> {
  const row = key.guildId === guildId ? await readGuild(deps.pool, guildId) : null;
  if (!row || row.leftAt !== null) return null;
  const access: Access = { staff: [], settings: row.settings };
  return { id: guildId, row, access, actor: null, isMember: false, level: 'member', teamIds: [] };
}

/**
 * Lets only those into a guild's routes whom the route names. It runs before bodies are validated: in another guild
 * everything is 404, however the request is made.
 */
export function addGuildAccess(app: App, deps: RouteDeps): void {
  app.decorateRequest('guild', null);
  app.addHook('preValidation', async (request) => {
    const { access, scope } = request.routeOptions.config;
    const { guildId } = request.params as { guildId?: string };
    if (!guildId || !access || !request.viewer) return;
    if (!isSnowflake(guildId)) return; // the route's own schema says what is wrong with it
    const guild =
      request.viewer.kind === 'key'
        ? await keyAccess(deps, guildId, request.viewer)
        : await accessOf(deps, guildId, personOf(request).person.id);
    if (!guild) throw new AppError('guild.unknown');
    if (request.viewer.kind === 'key' && !(scope && request.viewer.scopes.includes(scope))) {
      throw new HttpError('api-key.scope', { context: { scope: scope ?? '' } });
    }
    request.guild = guild;
    // One ticket's routes ask when they have read it: its opener may see it and nothing else.
    if (access !== 'public' && access !== 'person' && !access.startsWith('ticket.')) mustMay(guild, access);
  });
}
