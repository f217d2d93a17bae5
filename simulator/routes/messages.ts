import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import { DiscordError, invalid } from '../http/errors.ts';
import { type Call, nothing, ok, type Reply, type Route } from '../http/route.ts';
import { botUser, createMessage, deleteMessage, deleteMessages, editMessage } from '../state/messages.ts';
import { partialMemberPayload } from '../state/payloads.ts';
import { has } from '../state/permissions.ts';
import { compareIds, timeOf } from '../state/snowflake.ts';
import type { Channel, Message } from '../state/types.ts';
import { applicationOf, type World } from '../state/world.ts';
import { asText, asArray, asObject } from '../validate/fields.ts';
import { checkEmojis } from '../validate/emojis.ts';
import { checkMessage } from '../validate/message.ts';
import { botPermissions, channelOf, messageOf, requireText } from './access.ts';

const fiveInFive = { limit: 5, perMs: 5_000 };
const twoWeeksMs = 14 * 86_400_000;

/** Messages of channels, threads and direct messages. */
export const messageRoutes: Route[] = [
  { method: 'POST', path: '/channels/:channelId/messages', bucket: fiveInFive, run: post },
  { method: 'GET', path: '/channels/:channelId/messages', bucket: fiveInFive, run: list },
  {
    method: 'GET',
    path: '/channels/:channelId/messages/:messageId',
    run: (call) => ok(messageOf(call, channelOf(call, P.ReadMessageHistory)).body),
  },
  { method: 'PATCH', path: '/channels/:channelId/messages/:messageId', bucket: fiveInFive, run: patch },
  {
    method: 'DELETE',
    path: '/channels/:channelId/messages/:messageId',
    bucket: { limit: 5, perMs: 1_000 },
    run(call) {
      const channel = channelOf(call);
      const message = messageOf(call, channel);
      if (message.body.author.id !== applicationOf(call.world).id) {
        if (channel.guildId === null) throw new DiscordError(50003);
        channelOf(call, P.ManageMessages);
      }
      deleteMessage(call.world, channel, message);
      return nothing;
    },
  },
  { method: 'POST', path: '/channels/:channelId/messages/bulk-delete', run: bulkDelete },
  {
    method: 'POST',
    path: '/channels/:channelId/typing',
    run(call) {
      const channel = channelOf(call, P.SendMessages);
      const botId = applicationOf(call.world).id;
      tellTyping(call.world, channel, botId);
      return nothing;
    },
  },
];

/** TYPING_START of somebody. */
export function tellTyping(world: World, channel: Channel, userId: string): void {
  const guild = channel.guildId === null ? undefined : world.guilds.get(channel.guildId);
  const member = guild?.members.get(userId);
  const data = {
    channel_id: channel.id,
    user_id: userId,
    timestamp: Math.floor(Date.now() / 1_000),
    ...(guild && member ? { guild_id: guild.id, member: partialMemberPayload(member) } : {}),
  };
  world.publish({ name: 'TYPING_START', data, guildId: channel.guildId, channel });
}

function post(call: Call): Reply {
  const { world, body, files } = call;
  const channel = channelOf(call);
  requireText(channel);
  checkMessage(body, [], { files: files.length, mayBeEmpty: false });
  checkEmojis(world, body.components);
  if (channel.recipientId !== null && world.users.get(channel.recipientId)?.areDmsClosed) throw new DiscordError(50007);
  requireSending(world, channel, { hasFiles: files.length > 0, hasEmbeds: asArray(body.embeds).length > 0 });
  const reference = asObject(body.message_reference);
  if (reference.message_id !== undefined && reference.fail_if_not_exists !== false) {
    if (!world.messagesOf(channel.id).has(asText(reference.message_id))) {
      throw invalid(['message_reference'], 'REPLIES_UNKNOWN_MESSAGE', 'Unknown message');
    }
  }
  if (body.enforce_nonce === true && body.nonce !== undefined) {
    const same = sameNonce(world, channel, body.nonce);
    if (same) return ok(same.body);
  }
  return ok(createMessage(world, channel, botUser(world), { body, files }).body);
}

/** Refuses what the bot may not send in a channel (50013), or in a locked thread. */
export function requireSending(world: World, channel: Channel, o: { hasFiles: boolean; hasEmbeds: boolean }): void {
  const granted = botPermissions(world, channel);
  let needed = channel.thread ? P.SendMessagesInThreads : P.SendMessages;
  if (o.hasFiles) needed |= P.AttachFiles;
  if (o.hasEmbeds) needed |= P.EmbedLinks;
  if (!has(granted, needed)) throw new DiscordError(50013);
  if (channel.thread?.isLocked && !has(granted, P.ManageThreads)) throw new DiscordError(160005);
}

// Discord keeps nonces for "the past few minutes".
function sameNonce(world: World, channel: Channel, nonce: unknown): Message | undefined {
  const botId = applicationOf(world).id;
  const since = Date.now() - 5 * 60_000;
  return [...world.messagesOf(channel.id).values()]
    .reverse()
    .find(({ body }) => timeOf(body.id) > since && body.author.id === botId && String(body.nonce) === String(nonce));
}

function list(call: Call): Reply {
  const channel = channelOf(call);
  requireText(channel);
  const limit = Number(call.query.get('limit') ?? 50);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
    throw invalid(
      ['limit'],
      limit < 1 ? 'NUMBER_TYPE_MIN' : 'NUMBER_TYPE_MAX',
      'int value should be between 1 and 100.',
    );
  }
  // Without the history Discord answers an empty list, not an error.
  if (channel.guildId !== null && !has(botPermissions(call.world, channel), P.ReadMessageHistory)) return ok([]);
  return ok(page(call.world, channel, call.query, limit).map((message) => message.body));
}

/** Newest first, as Discord lists them. */
function page(world: World, channel: Channel, query: URLSearchParams, limit: number): Message[] {
  const all = [...world.messagesOf(channel.id).values()].filter((message) => message.ephemeralFor === null).reverse();
  const before = query.get('before');
  const after = query.get('after');
  const around = query.get('around');
  if (before !== null) return all.filter((m) => compareIds(m.body.id, before) < 0).slice(0, limit);
  if (after !== null) return all.filter((m) => compareIds(m.body.id, after) > 0).slice(-limit);
  if (around === null) return all.slice(0, limit);
  const newer = all.filter((m) => compareIds(m.body.id, around) > 0).slice(-Math.floor(limit / 2));
  const rest = all.filter((m) => compareIds(m.body.id, around) <= 0);
  return [...newer, ...rest.slice(0, limit - newer.length)];
}

function patch(call: Call): Reply {
  const { world, body, files } = call;
  const channel = channelOf(call);
  const message = messageOf(call, channel);
  if (message.body.author.id !== applicationOf(world).id) throw new DiscordError(50005);
  checkMessage(body, [], { files: files.length, mayBeEmpty: true });
  checkEmojis(world, body.components);
  if (channel.thread?.isArchived) throw new DiscordError(50083);
  return ok(editMessage(world, channel, message, body, files).body);
}

function bulkDelete(call: Call): Reply {
  const { world } = call;
  const channel = channelOf(call, P.ManageMessages);
  const ids = asArray(call.body.messages).map(String);
  if (ids.length < 2 || ids.length > 100) {
    throw invalid(['messages'], 'BASE_TYPE_BAD_LENGTH', 'Must be between 2 and 100 in length.');
  }
  if (ids.some((id) => timeOf(id) < Date.now() - twoWeeksMs)) throw new DiscordError(50034);
  const found = ids.map((id) => world.messagesOf(channel.id).get(id)).filter((message) => message !== undefined);
  deleteMessages(world, channel, found);
  return nothing;
}
