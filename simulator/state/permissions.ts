import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import type { Channel, Guild, Overwrite } from './types.ts';

/** Every permission there is. */
export const everything = Object.values(P).reduce((all, bit) => all | bit, 0n);

/** What @everyone of a new server may do. */
export const usual =
  P.ViewChannel |
  P.SendMessages |
  P.SendMessagesInThreads |
  P.CreatePublicThreads |
  P.CreatePrivateThreads |
  P.EmbedLinks |
  P.AttachFiles |
  P.AddReactions |
  P.UseExternalEmojis |
  P.ReadMessageHistory |
  P.UseApplicationCommands |
  P.ChangeNickname |
  P.CreateInstantInvite |
  P.Connect |
  P.Speak |
  P.UseVAD |
  P.Stream;

// What means nothing once a channel cannot be seen, or not be written to.
const writing = P.MentionEveryone | P.SendTTSMessages | P.AttachFiles | P.EmbedLinks;

/** What a member may do in a server, before any channel's overwrites; 0 for somebody who is not there. */
export function guildPermissions(guild: Guild, userId: string): bigint {
  if (guild.ownerId === userId) return everything;
  const member = guild.members.get(userId);
  if (!member) return 0n;
  let granted = guild.roles.get(guild.id)?.permissions ?? 0n;
  for (const roleId of member.roleIds) granted |= guild.roles.get(roleId)?.permissions ?? 0n;
  return (granted & P.Administrator) === P.Administrator ? everything : granted;
}

/** What a member may do in a channel or thread (threads take their parent's overwrites). */
export function channelPermissions(guild: Guild, channel: Channel, userId: string): bigint {
  const base = guildPermissions(guild, userId);
  if (base === 0n || (base & P.Administrator) === P.Administrator) return base;
  const holder = channel.thread ? guild.channels.get(channel.parentId ?? '') : channel;
  const granted = withOverwrites(base, holder?.overwrites ?? [], guild, userId);
  if ((granted & P.ViewChannel) === 0n) return 0n;
  if (
    channel.thread &&
    channel.type === 12 &&
    !(userId in channel.thread.members) &&
    (granted & P.ManageThreads) === 0n
  )
    return 0n;
  const canWrite = (granted & (channel.thread ? P.SendMessagesInThreads : P.SendMessages)) !== 0n;
  return canWrite ? granted : granted & ~writing;
}

// Order matters: @everyone's, then all roles' together, then the member's own.
function withOverwrites(base: bigint, overwrites: Overwrite[], guild: Guild, userId: string): bigint {
  const member = guild.members.get(userId);
  let allow = 0n;
  let deny = 0n;
  let own: Overwrite | undefined;
  let granted = base;
  for (const overwrite of overwrites) {
    if (overwrite.type === 1) {
      if (overwrite.id === userId) own = overwrite;
    } else if (overwrite.id === guild.id) {
      granted = (granted & ~BigInt(overwrite.deny)) | BigInt(overwrite.allow);
    } else if (member?.roleIds.includes(overwrite.id)) {
      allow |= BigInt(overwrite.allow);
      deny |= BigInt(overwrite.deny);
    }
  }
  granted = (granted & ~deny) | allow;
  return own ? (granted & ~BigInt(own.deny)) | BigInt(own.allow) : granted;
}

export function has(granted: bigint, bits: bigint): boolean {
  return (granted & bits) === bits;
}
