import { createHash } from 'node:crypto';
import { DiscordError } from '../http/errors.ts';
import { updateChannel } from './channels.ts';
import { guildCreatePayload, guildPayload, memberPayload, rolePayload, userPayload, userOf } from './payloads.ts';
import type { Guild, Member, OwnEmoji, Role, User } from './types.ts';
import type { World } from './world.ts';

/** A new person, or bot. */
export function createUser(world: World, o: { name: string; isBot?: boolean; locale?: string; id?: string }): User {
  const id = o.id ?? world.nextId();
  const user: User = {
    id,
    username:
      o.name
        .toLowerCase()
        .replace(/[^a-z0-9._]+/g, '_')
        .slice(0, 32) || 'user',
    globalName: o.isBot ? null : o.name,
    avatar: hashOf(id),
    isBot: o.isBot ?? false,
    areDmsClosed: false,
    locale: o.locale ?? 'en-US',
  };
  if (o.isBot) user.username = o.name;
  world.saveUser(user);
  return user;
}

/** An avatar's or icon's hash; the picture is made from it. */
export function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 32);
}

export function addMember(world: World, guild: Guild, userId: string, roleIds: string[] = []): Member {
  const member: Member = { userId, roleIds, nick: null, joinedAt: Date.now(), timeoutUntil: null };
  world.saveMember(guild, member);
  const data = { ...memberPayload(world, member), guild_id: guild.id };
  world.publish({ name: 'GUILD_MEMBER_ADD', data, guildId: guild.id });
  return member;
}

export function updateMember(world: World, guild: Guild, member: Member, change: Partial<Member>): void {
  Object.assign(member, change);
  world.saveMember(guild, member);
  const data = { ...memberPayload(world, member), guild_id: guild.id };
  world.publish({ name: 'GUILD_MEMBER_UPDATE', data, guildId: guild.id });
}

export function removeMember(world: World, guild: Guild, userId: string): void {
  world.dropMember(guild, userId);
  const data = { guild_id: guild.id, user: userPayload(userOf(world, userId)) };
  world.publish({ name: 'GUILD_MEMBER_REMOVE', data, guildId: guild.id });
}

export type NewRole = Partial<Pick<Role, 'name' | 'permissions' | 'color' | 'hoist' | 'mentionable' | 'botId'>>;

/** A role above @everyone. Throws 30005 when the server has too many. */
export function createRole(world: World, guild: Guild, input: NewRole): Role {
  if (guild.roles.size >= world.limits.rolesPerGuild) throw new DiscordError(30005);
  const role: Role = {
    id: world.nextId(),
    guildId: guild.id,
    name: input.name ?? 'new role',
    permissions: input.permissions ?? guild.roles.get(guild.id)?.permissions ?? 0n,
    color: input.color ?? 0,
    hoist: input.hoist ?? false,
    mentionable: input.mentionable ?? false,
    position: guild.roles.size,
    botId: input.botId ?? null,
  };
  world.saveRole(guild, role);
  const data = { guild_id: guild.id, role: rolePayload(role) };
  world.publish({ name: 'GUILD_ROLE_CREATE', data, guildId: guild.id });
  return role;
}

export function updateRole(world: World, guild: Guild, role: Role, change: NewRole): void {
  for (const [key, value] of Object.entries(change)) if (value !== undefined) Object.assign(role, { [key]: value });
  world.saveRole(guild, role);
  const data = { guild_id: guild.id, role: rolePayload(role) };
  world.publish({ name: 'GUILD_ROLE_UPDATE', data, guildId: guild.id });
}

/** Deletes a role, also from its members and from channels' overwrites. */
export function deleteRole(world: World, guild: Guild, role: Role): void {
  world.dropRole(guild, role);
  world.publish({ name: 'GUILD_ROLE_DELETE', data: { guild_id: guild.id, role_id: role.id }, guildId: guild.id });
  for (const member of guild.members.values()) {
    if (!member.roleIds.includes(role.id)) continue;
    updateMember(world, guild, member, { roleIds: member.roleIds.filter((id) => id !== role.id) });
  }
  for (const channel of guild.channels.values()) {
    if (!channel.overwrites.some((overwrite) => overwrite.id === role.id)) continue;
    updateChannel(world, channel, { overwrites: channel.overwrites.filter((overwrite) => overwrite.id !== role.id) });
  }
}

/** Announces a server that the bot has just joined. */
export function announceGuild(world: World, guild: Guild): void {
  world.publish({ name: 'GUILD_CREATE', data: guildCreatePayload(world, guild, false), guildId: guild.id });
}

export function updateGuild(
  world: World,
  guild: Guild,
  change: { name?: string; ownerId?: string; emojis?: OwnEmoji[] },
): void {
  if (change.name !== undefined) guild.name = change.name;
  if (change.ownerId !== undefined) guild.ownerId = change.ownerId;
  if (change.emojis !== undefined) guild.emojis = change.emojis;
  world.saveGuild(guild);
  world.publish({ name: 'GUILD_UPDATE', data: guildPayload(world, guild), guildId: guild.id });
}

/** The bot leaves, or (unavailable) the server has an outage. */
export function removeGuild(world: World, guild: Guild): void {
  world.dropGuild(guild);
  world.publish({ name: 'GUILD_DELETE', data: { id: guild.id }, guildId: guild.id });
}

export function setUnavailable(world: World, guild: Guild, isUnavailable: boolean): void {
  if (guild.isUnavailable === isUnavailable) return;
  guild.isUnavailable = isUnavailable;
  world.saveGuild(guild);
  if (isUnavailable) {
    world.publish({ name: 'GUILD_DELETE', data: { id: guild.id, unavailable: true }, guildId: guild.id });
  } else announceGuild(world, guild);
}
