import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import { createProblems, DiscordError, invalid } from '../http/errors.ts';
import { type Call, nothing, ok, type Reply, type Route } from '../http/route.ts';
import { createRole, deleteRole, removeMember, updateMember, updateRole } from '../state/people.ts';
import { emojiPayload, guildPayload, memberPayload, rolePayload, userOf } from '../state/payloads.ts';
import { guildPermissions } from '../state/permissions.ts';
import { compareIds } from '../state/snowflake.ts';
import type { Guild, Role } from '../state/types.ts';
import { applicationOf } from '../state/world.ts';
import { asText, asArray, checkText } from '../validate/fields.ts';
import { guildOf, idOf, memberOf } from './access.ts';

/** Servers, their members and their roles. */
export const guildRoutes: Route[] = [
  {
    method: 'GET',
    path: '/guilds/:guildId',
    run: (call) => ok(guildPayload(call.world, guildOf(call), call.query.get('with_counts') === 'true')),
  },
  {
    method: 'GET',
    path: '/guilds/:guildId/emojis',
    run: (call) => ok((guildOf(call).emojis ?? []).map(emojiPayload)),
  },
  { method: 'GET', path: '/guilds/:guildId/members', run: listMembers },
  {
    method: 'GET',
    path: '/guilds/:guildId/members/search',
    run(call) {
      const query = (call.query.get('query') ?? '').toLowerCase();
      if (query === '') throw invalid(['query'], 'BASE_TYPE_REQUIRED', 'This field is required');
      const found = [...guildOf(call).members.values()].filter((member) => {
        const user = userOf(call.world, member.userId);
        return [user.username, user.globalName, member.nick].some((name) => name?.toLowerCase().startsWith(query));
      });
      const limit = Math.min(Number(call.query.get('limit') ?? 1), 1_000);
      return ok(found.slice(0, limit).map((member) => memberPayload(call.world, member)));
    },
  },
  {
    method: 'GET',
    path: '/guilds/:guildId/members/:userId',
    run: (call) => ok(memberPayload(call.world, memberOf(call, guildOf(call)))),
  },
  { method: 'PATCH', path: '/guilds/:guildId/members/:userId', run: patchMember },
  {
    method: 'DELETE',
    path: '/guilds/:guildId/members/:userId',
    run(call) {
      const guild = guildOf(call, P.KickMembers);
      removeMember(call.world, guild, memberOf(call, guild).userId);
      return nothing;
    },
  },
  { method: 'PUT', path: '/guilds/:guildId/members/:userId/roles/:roleId', run: (call) => changeRole(call, true) },
  { method: 'DELETE', path: '/guilds/:guildId/members/:userId/roles/:roleId', run: (call) => changeRole(call, false) },
  {
    method: 'GET',
    path: '/guilds/:guildId/roles',
    run: (call) => ok([...guildOf(call).roles.values()].map(rolePayload)),
  },
  {
    method: 'GET',
    path: '/guilds/:guildId/roles/:roleId',
    run: (call) => ok(rolePayload(roleOf(call, guildOf(call)))),
  },
  { method: 'POST', path: '/guilds/:guildId/roles', run: postRole },
  { method: 'PATCH', path: '/guilds/:guildId/roles/:roleId', run: patchRole },
  {
    method: 'DELETE',
    path: '/guilds/:guildId/roles/:roleId',
    run(call) {
      const guild = guildOf(call, P.ManageRoles);
      const role = roleOf(call, guild);
      requireBelow(call, guild, role);
      if (role.id === guild.id || role.botId !== null) throw new DiscordError(50028);
      deleteRole(call.world, guild, role);
      return nothing;
    },
  },
];

function listMembers(call: Call): Reply {
  const guild = guildOf(call);
  // The list needs the GUILD_MEMBERS intent, granted by the application's flags.
  if ((applicationOf(call.world).flags & ((1 << 14) | (1 << 15))) === 0) throw new DiscordError(50001);
  const limit = Number(call.query.get('limit') ?? 1);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) {
    throw invalid(['limit'], 'NUMBER_TYPE_MAX', 'int value should be between 1 and 1000.');
  }
  const after = call.query.get('after') ?? '0';
  const members = [...guild.members.values()]
    .filter((member) => compareIds(member.userId, after) > 0)
    .sort((a, b) => compareIds(a.userId, b.userId));
  return ok(members.slice(0, limit).map((member) => memberPayload(call.world, member)));
}

function patchMember(call: Call): Reply {
  const { world, body } = call;
  const guild = guildOf(call);
  const member = memberOf(call, guild);
  if (body.nick !== undefined) guildOf(call, P.ManageNicknames);
  if (body.roles !== undefined) guildOf(call, P.ManageRoles);
  const roleIds = body.roles === undefined ? member.roleIds : asArray(body.roles).map(String);
  if (roleIds.some((id) => !guild.roles.has(id))) throw new DiscordError(10011);
  const nick = body.nick === undefined ? member.nick : body.nick === null ? null : asText(body.nick);
  updateMember(world, guild, member, { roleIds, nick });
  return ok(memberPayload(world, member));
}

function changeRole(call: Call, isAdded: boolean): Reply {
  const guild = guildOf(call, P.ManageRoles);
  const member = memberOf(call, guild);
  const role = roleOf(call, guild);
  requireBelow(call, guild, role);
  const others = member.roleIds.filter((id) => id !== role.id);
  updateMember(call.world, guild, member, { roleIds: isAdded ? [...others, role.id] : others });
  return nothing;
}

function roleOf(call: Call, guild: Guild): Role {
  const role = guild.roles.get(idOf(call, 'roleId'));
  if (!role) throw new DiscordError(10011);
  return role;
}

// A bot commands only roles below its highest. The bot's own role stands first in a new server, so "below" here
// means: not its own, and not one with a permission that it lacks.
function requireBelow(call: Call, guild: Guild, role: Role): void {
  const bot = applicationOf(call.world);
  const held = guildPermissions(guild, bot.id);
  if (role.botId === bot.id || (role.permissions & ~held) !== 0n) throw new DiscordError(50013);
}

function postRole(call: Call): Reply {
  const { world, body } = call;
  const guild = guildOf(call, P.ManageRoles);
  checkRole(call);
  const permissions = body.permissions === undefined ? undefined : BigInt(asText(body.permissions));
  const held = guildPermissions(guild, applicationOf(world).id);
  if (permissions !== undefined && (permissions & ~held) !== 0n) throw new DiscordError(50013);
  const role = createRole(world, guild, {
    name: asText(body.name ?? 'new role'),
    permissions,
    color: Number(body.color ?? 0),
    hoist: body.hoist === true,
    mentionable: body.mentionable === true,
  });
  return ok(rolePayload(role));
}

function patchRole(call: Call): Reply {
  const { world, body } = call;
  const guild = guildOf(call, P.ManageRoles);
  const role = roleOf(call, guild);
  requireBelow(call, guild, role);
  checkRole(call);
  updateRole(world, guild, role, {
    name: typeof body.name === 'string' ? body.name : undefined,
    permissions:
      body.permissions === undefined || body.permissions === null ? undefined : BigInt(asText(body.permissions)),
    color: typeof body.color === 'number' ? body.color : undefined,
    hoist: typeof body.hoist === 'boolean' ? body.hoist : undefined,
    mentionable: typeof body.mentionable === 'boolean' ? body.mentionable : undefined,
  });
  return ok(rolePayload(role));
}

function checkRole(call: Call): void {
  const problems = createProblems();
  checkText(problems, ['name'], call.body.name, { min: 1, max: 100 });
  const { permissions } = call.body;
  if (permissions !== undefined && permissions !== null && !/^\d+$/.test(asText(permissions))) {
    problems.add(['permissions'], 'NUMBER_TYPE_COERCE', `Value "${asText(permissions)}" is not int.`);
  }
  problems.throwIfAny();
}
