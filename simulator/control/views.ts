import type { SimulatedChannel, SimulatedGuild, SimulatedMember } from '../client.ts';
import { userOf } from '../state/payloads.ts';
import type { Channel, Guild, Member, Role } from '../state/types.ts';
import type { World } from '../state/world.ts';

// How the control API shows things.

export function guildView(world: World, guild: Guild): SimulatedGuild {
  return {
    id: guild.id,
    name: guild.name,
    ownerId: guild.ownerId,
    members: [...guild.members.values()].map((member) => memberView(world, member)),
    roles: [...guild.roles.values()].map(roleView),
    channels: [...guild.channels.values()].map(channelView),
  };
}

export function memberView(world: World, member: Member): SimulatedMember {
  const user = userOf(world, member.userId);
  return {
    id: user.id,
    name: member.nick ?? user.globalName ?? user.username,
    roleIds: member.roleIds,
    bot: user.isBot,
  };
}

export function roleView(role: Role) {
  return { id: role.id, name: role.name, permissions: role.permissions.toString() };
}

export function channelView(channel: Channel): SimulatedChannel {
  const { id, name, type, parentId, topic, overwrites } = channel;
  const { ownerId = '', isArchived = false, isLocked = false, members = {} } = channel.thread ?? {};
  const thread = channel.thread && { ownerId, isArchived, isLocked, memberIds: Object.keys(members) };
  return { id, name, type, parentId, topic, overwrites, thread };
}
