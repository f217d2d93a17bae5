import { PermissionFlagsBits } from 'discord-api-types/v10';
import { DiscordError } from '../http/errors.ts';
import { channelPayload, threadMemberPayload, threadPayloadWithMember } from './payloads.ts';
import { channelPermissions } from './permissions.ts';
import type { Channel, Guild, Overwrite, Thread } from './types.ts';
import { applicationOf, type World } from './world.ts';

export type NewChannel = {
  name: string;
  type?: number;
  topic?: string | null;
  parentId?: string | null;
  position?: number | null;
  overwrites?: Overwrite[];
  isNsfw?: boolean;
  slowModeS?: number;
  autoArchiveMinutes?: number | null;
};

/** What may be changed; undefined leaves it as it is. */
export type ChannelChange = Partial<Omit<Channel, 'id' | 'guildId' | 'recipientId' | 'thread'>>;

const named = new Set([0, 5, 15]);

/** Discord writes the names of text channels in lower case with dashes. */
function nameFor(type: number, name: string): string {
  if (!named.has(type)) return name;
  return name
    .toLowerCase()
    .replace(/\s+/g, '-')
    .replace(/[^\p{L}\p{N}\p{M}\p{S}\p{Extended_Pictographic}_-]/gu, '');
}

/** A channel of a server. Throws 30013 when the server is full. */
export function createChannel(world: World, guild: Guild, input: NewChannel): Channel {
  let count = 0;
  for (const channel of guild.channels.values()) if (!channel.thread) count++;
  if (count >= world.limits.channelsPerGuild) throw new DiscordError(30013);
  const type = input.type ?? 0;
  const parent = input.parentId ? guild.channels.get(input.parentId) : undefined;
  const channel: Channel = {
    ...blankChannel(world.nextId(), type, guild.id, nameFor(type, input.name)),
    topic: input.topic ?? null,
    parentId: input.parentId ?? null,
    position: input.position ?? count,
    // A channel without overwrites of its own takes its category's.
    overwrites: input.overwrites ?? (parent ? structuredClone(parent.overwrites) : []),
    isNsfw: input.isNsfw ?? false,
    slowModeS: input.slowModeS ?? 0,
    autoArchiveMinutes: input.autoArchiveMinutes ?? null,
  };
  world.saveChannel(channel);
  world.publish({ name: 'CHANNEL_CREATE', data: channelPayload(world, channel), guildId: guild.id });
  return channel;
}

export function blankChannel(id: string, type: number, guildId: string | null, name: string): Channel {
  return {
    id,
    type,
    guildId,
    recipientId: null,
    name,
    topic: null,
    parentId: null,
    position: 0,
    overwrites: [],
    isNsfw: false,
    slowModeS: 0,
    lastMessageId: null,
    autoArchiveMinutes: null,
    flags: 0,
    thread: null,
  };
}

export function updateChannel(world: World, channel: Channel, change: ChannelChange): void {
  const wasSeen = isSeen(world, channel);
  for (const [key, value] of Object.entries(change)) {
    if (value !== undefined) Object.assign(channel, { [key]: value });
  }
  if (change.name !== undefined) channel.name = nameFor(channel.type, change.name);
  world.saveChannel(channel);
  world.publish({ name: 'CHANNEL_UPDATE', data: channelPayload(world, channel), guildId: channel.guildId });
  if (!wasSeen && isSeen(world, channel)) syncThreads(world, channel);
}

/** Whether the bot sees a channel. */
function isSeen(world: World, channel: Channel): boolean {
  const guild = world.guilds.get(channel.guildId ?? '');
  const botId = world.application?.id;
  return guild && botId ? (channelPermissions(guild, channel, botId) & PermissionFlagsBits.ViewChannel) !== 0n : false;
}

/** A channel has come into the bot's sight: its active threads, of private ones those that the bot is in. */
function syncThreads(world: World, parent: Channel): void {
  const botId = applicationOf(world).id;
  const guild = world.guilds.get(parent.guildId ?? '');
  if (!guild) return;
  const threads = activeThreads(guild).filter(
    (one) => one.parentId === parent.id && (one.type !== 12 || botId in (one.thread?.members ?? {})),
  );
  const data = {
    guild_id: guild.id,
    channel_ids: [parent.id],
    threads: threads.map((one) => channelPayload(world, one)),
    members: threads
      .filter((one) => botId in (one.thread?.members ?? {}))
      .map((one) => threadMemberPayload(one, botId)),
  };
  world.publish({ name: 'THREAD_LIST_SYNC', data, guildId: guild.id });
}

/** Deletes a channel with its threads; a category's channels stay, without a parent. */
export function deleteChannel(world: World, channel: Channel): void {
  const guild = channel.guildId === null ? undefined : world.guilds.get(channel.guildId);
  for (const other of guild?.channels.values() ?? []) {
    if (other.parentId !== channel.id) continue;
    if (other.thread) deleteChannel(world, other);
    else updateChannel(world, other, { parentId: null });
  }
  const data = channel.thread
    ? { id: channel.id, guild_id: channel.guildId, parent_id: channel.parentId, type: channel.type }
    : channelPayload(world, channel);
  world.dropChannel(channel);
  world.publish({ name: channel.thread ? 'THREAD_DELETE' : 'CHANNEL_DELETE', data, guildId: channel.guildId });
}

/** The direct channel with somebody. */
export function openDm(world: World, userId: string): Channel {
  const known = world.dms.get(userId);
  if (known) return known;
  const channel = { ...blankChannel(world.nextId(), 1, null, ''), recipientId: userId };
  world.saveChannel(channel);
  return channel;
}

export type NewThread = {
  id?: string;
  name: string;
  type: number;
  ownerId: string;
  autoArchiveMinutes?: number;
  isInvitable?: boolean;
  tagIds?: string[];
};

/** A thread below `parent`. Throws 160006 when the server has too many that are active. */
export function createThread(world: World, guild: Guild, parent: Channel, input: NewThread): Channel {
  if (activeThreads(guild).length >= world.limits.activeThreadsPerGuild) throw new DiscordError(160006);
  const now = Date.now();
  const thread: Thread = {
    ownerId: input.ownerId,
    isArchived: false,
    isLocked: false,
    isInvitable: input.isInvitable ?? true,
    autoArchiveMinutes: input.autoArchiveMinutes ?? parent.autoArchiveMinutes ?? 4_320,
    archiveAt: now,
    messageCount: 0,
    members: { [input.ownerId]: now },
    tagIds: input.tagIds ?? [],
  };
  const blank = blankChannel(input.id ?? world.nextId(), input.type, guild.id, input.name);
  const channel: Channel = { ...blank, parentId: parent.id, thread };
  world.saveChannel(channel);
  const data = { ...threadPayloadWithMember(world, channel), newly_created: true };
  world.publish({ name: 'THREAD_CREATE', data, guildId: guild.id, channel });
  return channel;
}

export function updateThread(world: World, channel: Channel, change: ChannelChange, thread: Partial<Thread>): void {
  const wasArchived = channel.thread?.isArchived;
  for (const [key, value] of Object.entries(change)) if (value !== undefined) Object.assign(channel, { [key]: value });
  for (const [key, value] of Object.entries(thread)) {
    if (value !== undefined && channel.thread) Object.assign(channel.thread, { [key]: value });
  }
  if (channel.thread && channel.thread.isArchived !== wasArchived) channel.thread.archiveAt = Date.now();
  world.saveChannel(channel);
  world.publish({ name: 'THREAD_UPDATE', data: channelPayload(world, channel), guildId: channel.guildId, channel });
}

export function addThreadMember(world: World, channel: Channel, userId: string): void {
  if (!channel.thread || userId in channel.thread.members) return;
  channel.thread.members[userId] = Date.now();
  world.saveChannel(channel);
  membersChanged(world, channel, { added: [userId], removed: [] });
  if (userId === applicationOf(world).id) {
    const data = threadPayloadWithMember(world, channel);
    world.publish({ name: 'THREAD_CREATE', data, guildId: channel.guildId, channel });
  }
}

export function removeThreadMember(world: World, channel: Channel, userId: string): void {
  if (!channel.thread || !(userId in channel.thread.members)) return;
  delete channel.thread.members[userId];
  membersChanged(world, channel, { added: [], removed: [userId] });
  world.saveChannel(channel);
}

function membersChanged(world: World, channel: Channel, o: { added: string[]; removed: string[] }): void {
  const data = {
    id: channel.id,
    guild_id: channel.guildId,
    member_count: Math.min(Object.keys(channel.thread?.members ?? {}).length, 50),
    added_members: o.added.map((userId) => threadMemberPayload(channel, userId)),
    removed_member_ids: o.removed,
  };
  world.publish({ name: 'THREAD_MEMBERS_UPDATE', data, guildId: channel.guildId, channel });
}

export function activeThreads(guild: Guild): Channel[] {
  return [...guild.channels.values()].filter((channel) => channel.thread && !channel.thread.isArchived);
}
