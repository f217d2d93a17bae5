import { type APIMessage, PermissionFlagsBits as P } from 'discord-api-types/v10';
import { asText, asArray, asObject, isSnowflake, type Json } from '../validate/fields.ts';
import { numbered } from '../validate/components.ts';
import { addThreadMember, updateThread } from './channels.ts';
import { partialMemberPayload, userOf, userPayload } from './payloads.ts';
import { channelPermissions, has } from './permissions.ts';
import type { Channel, Message, User } from './types.ts';
import { applicationOf, type World } from './world.ts';

/** A file as it arrived. `key` is its number in the form (`files[0]`), when it has one. */
export type NewFile = { key: string | null; name: string; contentType: string; bytes: Uint8Array };

export type NewMessage = {
  body: Json;
  files?: NewFile[];
  ephemeralFor?: string | null;
  /** Discord's message type; 0 by default. */
  type?: number;
  /** Set for what an interaction or its webhook says. */
  interactionMetadata?: Json | null;
  isWebhook?: boolean;
  /** Not stored, only sent: load. */
  isFleeting?: boolean;
};

// SUPPRESS_EMBEDS, EPHEMERAL, LOADING, SUPPRESS_NOTIFICATIONS, IS_COMPONENTS_V2
const keptFlags = (1 << 2) | (1 << 6) | (1 << 7) | (1 << 12) | (1 << 15);

/** Stores a message and tells whoever may see it. Checks nothing: callers did. */
export function createMessage(world: World, channel: Channel, author: User, input: NewMessage): Message {
  const { body } = input;
  const id = world.nextId();
  const content = asText(body.content ?? '').trim();
  const message: Message = {
    guildId: channel.guildId,
    ephemeralFor: input.ephemeralFor ?? null,
    body: {
      type: input.type ?? (body.message_reference ? 19 : 0),
      content,
      ...mentionsIn(world, channel, content, body.allowed_mentions),
      attachments: storeFiles(world, channel, input.files ?? [], body.attachments, []),
      embeds: asArray(body.embeds).map((embed) => ({ ...asObject(embed), type: 'rich' })),
      timestamp: new Date().toISOString(),
      edited_timestamp: null,
      flags: Number(body.flags ?? 0) & keptFlags,
      components: numbered(body.components),
      id,
      channel_id: channel.id,
      author: userPayload(author),
      pinned: false,
      tts: body.tts === true,
      ...(body.nonce === undefined || body.nonce === null ? {} : { nonce: body.nonce }),
      ...(input.isWebhook ? { webhook_id: author.id, application_id: author.id } : {}),
      ...(input.interactionMetadata ? { interaction_metadata: input.interactionMetadata } : {}),
      ...referenceOf(world, channel, body.message_reference),
    } as unknown as APIMessage,
  };
  world.counts.messages++;
  if (input.isFleeting) {
    tell(world, channel, message, 'MESSAGE_CREATE');
    return message;
  }
  world.saveMessage(message);
  if (message.ephemeralFor === null) {
    channel.lastMessageId = id;
    if (channel.thread) {
      channel.thread.messageCount++;
      if (channel.thread.isArchived) updateThread(world, channel, {}, { isArchived: false });
      if (channel.type !== 12) addThreadMember(world, channel, author.id);
      addMentioned(world, channel, message.body);
    }
    world.saveChannel(channel, false);
    tell(world, channel, message, 'MESSAGE_CREATE');
  } else world.happen('ephemeral_create', { ...message.body, ephemeral_for: message.ephemeralFor });
  return message;
}

/** Mentioning people in a thread adds them, of roles with at most 100 members everybody, if they see the channel above it. */
function addMentioned(world: World, channel: Channel, body: APIMessage): void {
  const guild = world.guilds.get(channel.guildId ?? '');
  const parent = guild?.channels.get(channel.parentId ?? '');
  if (!guild || !parent) return;
  const mayPingAll = has(channelPermissions(guild, channel, body.author.id), P.MentionEveryone);
  const byRole = body.mention_roles
    .filter((id) => mayPingAll || guild.roles.get(id)?.mentionable)
    .map((id) => [...guild.members.values()].filter((member) => member.roleIds.includes(id)))
    .filter((members) => members.length <= 100);
  const userIds = [...body.mentions.map((user) => user.id), ...byRole.flat().map((member) => member.userId)];
  for (const userId of userIds)
    if (has(channelPermissions(guild, parent, userId), P.ViewChannel)) addThreadMember(world, channel, userId);
}

/** Changes what `body` names; `attachments` lists those that stay. */
export function editMessage(
  world: World,
  channel: Channel,
  message: Message,
  body: Json,
  files: NewFile[] = [],
): Message {
  const old = message.body;
  const next = { ...old } as unknown as Json;
  if (body.content !== undefined) {
    next.content = asText(body.content ?? '').trim();
    Object.assign(next, mentionsIn(world, channel, String(next.content), body.allowed_mentions));
  }
  if (body.embeds !== undefined) next.embeds = asArray(body.embeds).map((e) => ({ ...asObject(e), type: 'rich' }));
  if (body.components !== undefined) next.components = numbered(body.components);
  if (body.flags !== undefined) next.flags = (old.flags ?? 0) | (Number(body.flags ?? 0) & ((1 << 2) | (1 << 15)));
  if (body.attachments !== undefined || files.length > 0) {
    next.attachments = storeFiles(world, channel, files, body.attachments ?? old.attachments, old.attachments);
  }
  next.flags = Number(next.flags ?? 0) & ~(1 << 7);
  next.edited_timestamp = new Date().toISOString();
  const edited: Message = { ...message, body: next as unknown as APIMessage };
  world.saveMessage(edited);
  if (edited.ephemeralFor === null) tell(world, channel, edited, 'MESSAGE_UPDATE');
  else world.happen('ephemeral_update', { ...edited.body, ephemeral_for: edited.ephemeralFor });
  return edited;
}

export function deleteMessage(world: World, channel: Channel, message: Message): void {
  world.dropMessage(message);
  if (message.ephemeralFor !== null) return;
  if (channel.thread) channel.thread.messageCount = Math.max(0, channel.thread.messageCount - 1);
  const data = { id: message.body.id, channel_id: channel.id, ...guildIdOf(channel) };
  world.publish({ name: 'MESSAGE_DELETE', data, guildId: channel.guildId, channel });
}

export function deleteMessages(world: World, channel: Channel, messages: Message[]): void {
  for (const message of messages) world.dropMessage(message);
  const data = { ids: messages.map((message) => message.body.id), channel_id: channel.id, ...guildIdOf(channel) };
  world.publish({ name: 'MESSAGE_DELETE_BULK', data, guildId: channel.guildId, channel });
}

/** A message in the form it has in MESSAGE_CREATE: with the server and the author's membership. */
function tell(world: World, channel: Channel, message: Message, name: 'MESSAGE_CREATE' | 'MESSAGE_UPDATE'): void {
  const guild = channel.guildId === null ? undefined : world.guilds.get(channel.guildId);
  const member = guild?.members.get(message.body.author.id);
  const data = {
    ...message.body,
    channel_type: channel.type,
    ...(guild ? { guild_id: guild.id } : {}),
    ...(member ? { member: partialMemberPayload(member) } : {}),
  };
  world.publish({ name, data, guildId: channel.guildId, channel, authorId: message.body.author.id });
}

function guildIdOf(channel: Channel): { guild_id?: string } {
  return channel.guildId === null ? {} : { guild_id: channel.guildId };
}

function referenceOf(world: World, channel: Channel, value: unknown): Json {
  if (value === undefined || value === null) return {};
  const messageId = String(asObject(value).message_id);
  const referenced = world.messagesOf(channel.id).get(messageId);
  const { referenced_message: _nested, ...body } = (referenced?.body ?? {}) as unknown as Json;
  return {
    message_reference: { type: 0, channel_id: channel.id, message_id: messageId, ...guildIdOf(channel) },
    referenced_message: referenced ? body : null,
  };
}

function mentionsIn(world: World, channel: Channel, content: string, allowed: unknown) {
  const rules = allowed === undefined || allowed === null ? null : asObject(allowed);
  const parse = asArray(rules?.parse);
  const may = (kind: 'users' | 'roles', id: string) =>
    rules === null || parse.includes(kind) || asArray(rules[kind]).includes(id);
  const userIds = new Set([...content.matchAll(/<@!?(\d+)>/g)].map((match) => String(match[1])));
  const roleIds = new Set([...content.matchAll(/<@&(\d+)>/g)].map((match) => String(match[1])));
  const guild = channel.guildId === null ? undefined : world.guilds.get(channel.guildId);
  return {
    mentions: [...userIds]
      .filter((id) => world.users.has(id) && may('users', id))
      .map((id) => userPayload(userOf(world, id))),
    mention_roles: [...roleIds].filter((id) => guild?.roles.has(id) && may('roles', id)),
    mention_everyone: /@(everyone|here)\b/.test(content) && (rules === null || parse.includes('everyone')),
  };
}

function storeFiles(world: World, channel: Channel, files: NewFile[], listed: unknown, old: unknown[]): Json[] {
  const notes = asArray(listed).map(asObject);
  const kept = old.map(asObject).filter((file) => notes.some((note) => String(note.id) === file.id));
  const added = files.map((file, index) => {
    const note = notes.find((entry) => String(entry.id) === (file.key ?? String(index)) && !isKept(kept, entry.id));
    const id = world.nextId();
    const name = asText(note?.filename ?? file.name).replace(/[^\p{L}\p{N}._-]+/gu, '_');
    world.saveFile({ id, channelId: channel.id, name, contentType: file.contentType }, file.bytes);
    const url = `${world.origin}/cdn/attachments/${channel.id}/${id}/${encodeURIComponent(name)}`;
    return {
      id,
      filename: name,
      size: file.bytes.byteLength,
      url,
      proxy_url: url,
      content_type: file.contentType,
      ...(typeof note?.description === 'string' ? { description: note.description } : {}),
      ...(typeof note?.title === 'string' ? { title: note.title } : {}),
    };
  });
  return [...kept, ...added];
}

function isKept(kept: Json[], id: unknown): boolean {
  return isSnowflake(id) && kept.some((file) => file.id === id);
}

/** The bot's user. */
export function botUser(world: World): User {
  return userOf(world, applicationOf(world).id);
}
