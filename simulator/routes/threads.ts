import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import { createProblems, DiscordError, invalid } from '../http/errors.ts';
import { type Call, created, nothing, ok, type Reply, type Route } from '../http/route.ts';
import { addThreadMember, createThread, removeThreadMember } from '../state/channels.ts';
import { botUser, createMessage } from '../state/messages.ts';
import { channelPayload, memberPayload, threadMemberPayload, threadPayloadWithMember } from '../state/payloads.ts';
import { channelPermissions } from '../state/permissions.ts';
import { compareIds } from '../state/snowflake.ts';
import type { Channel } from '../state/types.ts';
import { applicationOf, type World } from '../state/world.ts';
import { asArray, asObject, checkChoice, checkText, type Json } from '../validate/fields.ts';
import { checkMessage } from '../validate/message.ts';
import { channelOf, guildOfChannel, idOf, messageOf, requireInChannel } from './access.ts';

const archiveMinutes = [60, 1_440, 4_320, 10_080];

/** Threads and their members. */
export const threadRoutes: Route[] = [
  { method: 'POST', path: '/channels/:channelId/threads', run: create },
  { method: 'POST', path: '/channels/:channelId/messages/:messageId/threads', run: createFromMessage },
  { method: 'GET', path: '/channels/:channelId/threads/archived/public', run: (call) => listArchived(call, [10, 11]) },
  { method: 'GET', path: '/channels/:channelId/threads/archived/private', run: (call) => listArchived(call, [12]) },
  {
    method: 'GET',
    path: '/channels/:channelId/thread-members',
    run(call) {
      const thread = threadOf(call);
      const withMember = call.query.get('with_member') === 'true';
      return ok(
        Object.keys(thread.thread?.members ?? {}).map((userId) => {
          const member = guildOfChannel(call.world, thread).members.get(userId);
          const shown = withMember && member ? { member: memberPayload(call.world, member) } : {};
          return { ...threadMemberPayload(thread, userId), ...shown };
        }),
      );
    },
  },
  {
    method: 'GET',
    path: '/channels/:channelId/thread-members/:userId',
    run(call) {
      const thread = threadOf(call);
      const userId = idOf(call, 'userId');
      if (!(userId in (thread.thread?.members ?? {}))) throw new DiscordError(10007);
      return ok(threadMemberPayload(thread, userId));
    },
  },
  {
    method: 'PUT',
    path: '/channels/:channelId/thread-members/@me',
    run: (call) => add(call, applicationOf(call.world).id),
  },
  {
    method: 'PUT',
    path: '/channels/:channelId/thread-members/:userId',
    run(call) {
      channelOf(call, P.SendMessagesInThreads);
      return add(call, idOf(call, 'userId'));
    },
  },
  {
    method: 'DELETE',
    path: '/channels/:channelId/thread-members/@me',
    run: (call) => remove(call, applicationOf(call.world).id),
  },
  {
    method: 'DELETE',
    path: '/channels/:channelId/thread-members/:userId',
    run(call) {
      const thread = threadOf(call);
      const isOwnPrivate = thread.type === 12 && thread.thread?.ownerId === applicationOf(call.world).id;
      if (!isOwnPrivate) channelOf(call, P.ManageThreads);
      return remove(call, idOf(call, 'userId'));
    },
  },
];

function threadOf(call: Call): Channel {
  const channel = channelOf(call);
  if (!channel.thread) throw new DiscordError(50024);
  return channel;
}

function add(call: Call, userId: string): Reply {
  const thread = threadOf(call);
  if (thread.thread?.isArchived) throw new DiscordError(50083);
  const guild = guildOfChannel(call.world, thread);
  if (!call.world.users.has(userId)) throw new DiscordError(10013);
  const parent = guild.channels.get(thread.parentId ?? '');
  // Somebody who cannot see the parent cannot be added.
  if (!parent || (channelPermissions(guild, parent, userId) & P.ViewChannel) === 0n) throw new DiscordError(50001);
  addThreadMember(call.world, thread, userId);
  return nothing;
}

function remove(call: Call, userId: string): Reply {
  const thread = threadOf(call);
  if (!(userId in (thread.thread?.members ?? {}))) throw new DiscordError(10007);
  removeThreadMember(call.world, thread, userId);
  return nothing;
}

function checkThread(body: Json): void {
  const problems = createProblems();
  checkText(problems, ['name'], body.name, { min: 1, max: 100, required: true });
  if (body.auto_archive_duration !== undefined && body.auto_archive_duration !== null) {
    checkChoice(problems, ['auto_archive_duration'], body.auto_archive_duration, archiveMinutes);
  }
  problems.throwIfAny();
}

function create(call: Call): Reply {
  const { world, body } = call;
  const parent = channelOf(call);
  checkThread(body);
  const guild = guildOfChannel(world, parent);
  if (parent.type === 15 || parent.type === 16) return createPost(call, parent);
  if (![0, 5].includes(parent.type)) throw new DiscordError(50024);
  // Discord makes a private thread when no type is named.
  const type = Number(body.type ?? 12);
  if (![10, 11, 12].includes(type)) throw invalid(['type'], 'BASE_TYPE_CHOICES', 'Value must be one of {10, 11, 12}.');
  requireInChannel(world, parent, type === 12 ? P.CreatePrivateThreads : P.CreatePublicThreads);
  const thread = createThread(world, guild, parent, { ...settingsOf(world, body), type });
  return created(threadPayloadWithMember(world, thread));
}

function settingsOf(world: World, body: Json) {
  return {
    name: String(body.name),
    ownerId: applicationOf(world).id,
    isInvitable: body.invitable !== false,
    ...(typeof body.auto_archive_duration === 'number' ? { autoArchiveMinutes: body.auto_archive_duration } : {}),
    tagIds: asArray(body.applied_tags).map(String),
  };
}

/** A thread in a forum begins with a message. */
function createPost(call: Call, parent: Channel): Reply {
  const { world, body, files } = call;
  requireInChannel(world, parent, P.SendMessages);
  const message = asObject(body.message);
  checkMessage(message, ['message'], { files: files.length, mayBeEmpty: false });
  const guild = guildOfChannel(world, parent);
  const thread = createThread(world, guild, parent, { ...settingsOf(world, body), type: 11 });
  const first = createMessage(world, thread, botUser(world), { body: message, files });
  return created({ ...threadPayloadWithMember(world, thread), message: first.body });
}

function createFromMessage(call: Call): Reply {
  const { world, body } = call;
  const parent = channelOf(call, P.CreatePublicThreads);
  const message = messageOf(call, parent);
  checkThread(body);
  if (world.channels.has(message.body.id)) throw new DiscordError(160004);
  const guild = guildOfChannel(world, parent);
  const type = parent.type === 5 ? 10 : 11;
  const thread = createThread(world, guild, parent, { ...settingsOf(world, body), id: message.body.id, type });
  return created(threadPayloadWithMember(world, thread));
}

function listArchived(call: Call, types: number[]): Reply {
  const parent = channelOf(call, P.ReadMessageHistory);
  const guild = guildOfChannel(call.world, parent);
  const threads = [...guild.channels.values()]
    .filter((channel) => channel.parentId === parent.id && channel.thread?.isArchived && types.includes(channel.type))
    .sort((a, b) => compareIds(b.id, a.id));
  return ok({ threads: threads.map((thread) => channelPayload(call.world, thread)), members: [], has_more: false });
}
