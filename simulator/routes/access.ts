import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import { DiscordError, invalid } from '../http/errors.ts';
import type { Call } from '../http/route.ts';
import { channelPermissions, guildPermissions, has } from '../state/permissions.ts';
import type { Channel, Guild, Member, Message, Overwrite } from '../state/types.ts';
import { applicationOf, type World } from '../state/world.ts';
import { isSnowflake } from '../validate/fields.ts';

// What a route may touch: looked up, and refused as Discord refuses it.

/** An id of the path; 50035 when it is not written like one. */
export function idOf(call: Call, name: string): string {
  const value = call.params[name] ?? '';
  const isId: boolean = isSnowflake(value);
  if (isId) return value;
  const key = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  throw invalid([key], 'NUMBER_TYPE_COERCE', `Value "${value}" is not snowflake.`);
}

/** The server of the path; 10004 when there is none with the bot in it, 50013 when the bot lacks `bits`. */
export function guildOf(call: Call, bits = 0n): Guild {
  const guild = call.world.guilds.get(idOf(call, 'guildId'));
  if (!guild || guild.isUnavailable) throw new DiscordError(10004);
  requireInGuild(call.world, guild, bits);
  return guild;
}

export function requireInGuild(world: World, guild: Guild, bits: bigint): void {
  if (!has(guildPermissions(guild, applicationOf(world).id), bits)) throw new DiscordError(50013);
}

/** The channel of the path: 10003, 50001 when the bot cannot see it, 50013 when it lacks `bits` there. */
export function channelOf(call: Call, bits = 0n, name = 'channelId'): Channel {
  const channel = call.world.channels.get(idOf(call, name));
  if (!channel) throw new DiscordError(10003);
  requireInChannel(call.world, channel, bits);
  return channel;
}

export function requireInChannel(world: World, channel: Channel, bits: bigint): void {
  if (channel.guildId === null) return;
  const granted = botPermissions(world, channel);
  if (!has(granted, P.ViewChannel)) throw new DiscordError(50001);
  if (!has(granted, bits)) throw new DiscordError(50013);
}

/** What the bot may do in a channel; everything in direct messages. */
export function botPermissions(world: World, channel: Channel): bigint {
  const guild = channel.guildId === null ? undefined : world.guilds.get(channel.guildId);
  return guild ? channelPermissions(guild, channel, applicationOf(world).id) : ~0n;
}

export function guildOfChannel(world: World, channel: Channel): Guild {
  const guild = channel.guildId === null ? undefined : world.guilds.get(channel.guildId);
  if (!guild) throw new DiscordError(50003);
  return guild;
}

/** A channel that holds messages; 50008 for categories and forums. */
export function requireText(channel: Channel): void {
  if (channel.type === 4 || channel.type === 15 || channel.type === 16) throw new DiscordError(50008);
}

/** The message of the path that everybody sees; 10008. */
export function messageOf(call: Call, channel: Channel): Message {
  const message = call.world.messagesOf(channel.id).get(idOf(call, 'messageId'));
  if (!message || message.ephemeralFor !== null) throw new DiscordError(10008);
  return message;
}

export function memberOf(call: Call, guild: Guild, name = 'userId'): Member {
  const id = idOf(call, name);
  const member = guild.members.get(id);
  if (member) return member;
  throw new DiscordError(call.world.users.has(id) ? 10007 : 10013);
}

/** A bot may only hand out, or take away, permissions that it holds itself (50013). */
export function requireGrantable(held: bigint, overwrites: Overwrite[]): void {
  if (has(held, P.Administrator)) return;
  for (const { allow, deny } of overwrites) {
    const touched = BigInt(allow) | BigInt(deny);
    if (!has(held, touched) || has(touched, P.ManageRoles)) throw new DiscordError(50013);
  }
}
