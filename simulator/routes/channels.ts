import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import { DiscordError, invalid } from '../http/errors.ts';
import type { RateLimits } from '../http/rate-limits.ts';
import { type Call, created, nothing, ok, type Reply, type Route } from '../http/route.ts';
import { activeThreads, createChannel, deleteChannel, updateChannel, updateThread } from '../state/channels.ts';
import { channelPayload, threadMemberPayload } from '../state/payloads.ts';
import { guildPermissions } from '../state/permissions.ts';
import type { Channel } from '../state/types.ts';
import { applicationOf } from '../state/world.ts';
import { checkChannel, checkParent, readOverwrite, readOverwrites } from '../validate/channel.ts';
import { asText, checkInteger, checkText, isSnowflake } from '../validate/fields.ts';
import { createProblems } from '../http/errors.ts';
import { botPermissions, channelOf, guildOf, guildOfChannel, idOf, requireGrantable } from './access.ts';

/** Channels of servers, their overwrites, and what is common to threads. */
export function channelRoutes(rateLimits: RateLimits): Route[] {
  return [
    {
      method: 'GET',
      path: '/guilds/:guildId/channels',
      run(call) {
        const channels = [...guildOf(call).channels.values()].filter((channel) => !channel.thread);
        return ok(channels.map((channel) => channelPayload(call.world, channel)));
      },
    },
    { method: 'POST', path: '/guilds/:guildId/channels', run: create },
    {
      method: 'GET',
      path: '/guilds/:guildId/threads/active',
      run(call) {
        const botId = applicationOf(call.world).id;
        const threads = activeThreads(guildOf(call)).filter(
          (thread) => (botPermissions(call.world, thread) & P.ViewChannel) !== 0n,
        );
        return ok({
          threads: threads.map((thread) => channelPayload(call.world, thread)),
          members: threads.filter((t) => botId in (t.thread?.members ?? {})).map((t) => threadMemberPayload(t, botId)),
          has_more: false,
        });
      },
    },
    {
      method: 'GET',
      path: '/channels/:channelId',
      bucket: { limit: 50, perMs: 1_000 },
      run: (call) => ok(channelPayload(call.world, channelOf(call))),
    },
    {
      method: 'PATCH',
      path: '/channels/:channelId',
      bucket: { limit: 5, perMs: 5_000 },
      run: (call) => patch(call, rateLimits),
    },
    {
      method: 'DELETE',
      path: '/channels/:channelId',
      run(call) {
        const channel = channelOf(call);
        if (channel.guildId === null) return ok(channelPayload(call.world, channel));
        channelOf(call, channel.thread ? P.ManageThreads : P.ManageChannels);
        const body = channelPayload(call.world, channel);
        deleteChannel(call.world, channel);
        return ok(body);
      },
    },
    { method: 'PUT', path: '/channels/:channelId/permissions/:overwriteId', run: putOverwrite },
    {
      method: 'DELETE',
      path: '/channels/:channelId/permissions/:overwriteId',
      run(call) {
        const channel = channelOf(call, P.ManageRoles);
        guildOfChannel(call.world, channel);
        const id = idOf(call, 'overwriteId');
        if (!channel.overwrites.some((overwrite) => overwrite.id === id)) throw new DiscordError(10009);
        updateChannel(call.world, channel, { overwrites: channel.overwrites.filter((other) => other.id !== id) });
        return nothing;
      },
    },
  ];
}

function create(call: Call): Reply {
  const { world, body } = call;
  const guild = guildOf(call, P.ManageChannels);
  checkChannel(body, true);
  const parentId = body.parent_id ? asText(body.parent_id) : null;
  checkParent(world, guild, parentId, null);
  const overwrites =
    body.permission_overwrites === undefined || body.permission_overwrites === null
      ? undefined
      : readOverwrites(world, body.permission_overwrites);
  if (overwrites) requireGrantable(guildPermissions(guild, applicationOf(world).id), overwrites);
  const channel = createChannel(world, guild, {
    name: String(body.name),
    type: Number(body.type ?? 0),
    topic: typeof body.topic === 'string' ? body.topic : null,
    parentId,
    position: typeof body.position === 'number' ? body.position : null,
    ...(overwrites ? { overwrites } : {}),
    isNsfw: body.nsfw === true,
    slowModeS: Number(body.rate_limit_per_user ?? 0),
  });
  return created(channelPayload(world, channel));
}

function patch(call: Call, rateLimits: RateLimits): Reply {
  const { world, body } = call;
  const channel = channelOf(call);
  if (channel.guildId === null) throw new DiscordError(50003);
  const isRenamed = body.name !== undefined && body.name !== channel.name;
  const hasNewTopic = body.topic !== undefined && (body.topic ?? null) !== channel.topic;
  if (channel.thread) {
    patchThread(call, channel);
    return ok(channelPayload(world, channel));
  }
  channelOf(call, P.ManageChannels);
  checkChannel(body, false);
  const guild = guildOfChannel(world, channel);
  const parentId = body.parent_id === undefined ? undefined : body.parent_id === null ? null : asText(body.parent_id);
  if (parentId !== undefined) checkParent(world, guild, parentId, channel);
  const overwrites =
    body.permission_overwrites === undefined ? undefined : readOverwrites(world, body.permission_overwrites);
  if (overwrites) {
    channelOf(call, P.ManageRoles);
    const changed = overwrites.filter((overwrite) => {
      const before = channel.overwrites.find((other) => other.id === overwrite.id);
      return before?.allow !== overwrite.allow || before?.deny !== overwrite.deny;
    });
    requireGrantable(guildPermissions(guild, applicationOf(world).id), changed);
  }
  if (isRenamed || hasNewTopic) {
    const refusal = rateLimits.takeRename(channel.id);
    if (refusal) return refusal;
  }
  updateChannel(world, channel, {
    name: body.name === undefined ? undefined : asText(body.name),
    topic: body.topic === undefined ? undefined : body.topic === null ? null : asText(body.topic),
    parentId,
    position: typeof body.position === 'number' ? body.position : undefined,
    overwrites,
    isNsfw: typeof body.nsfw === 'boolean' ? body.nsfw : undefined,
    slowModeS: typeof body.rate_limit_per_user === 'number' ? body.rate_limit_per_user : undefined,
  });
  return ok(channelPayload(world, channel));
}

function patchThread(call: Call, channel: Channel): void {
  const { world, body } = call;
  const isOwn = channel.thread?.ownerId === applicationOf(world).id;
  if (!isOwn || body.locked !== undefined) channelOf(call, P.ManageThreads);
  const isUnarchiving = body.archived === false;
  if (channel.thread?.isArchived && !isUnarchiving && body.archived !== true) throw new DiscordError(50083);
  const problems = createProblems();
  checkText(problems, ['name'], body.name, { min: 1, max: 100 });
  checkInteger(problems, ['rate_limit_per_user'], body.rate_limit_per_user, 0, 21_600);
  problems.throwIfAny();
  updateThread(
    world,
    channel,
    {
      name: typeof body.name === 'string' ? body.name : undefined,
      slowModeS: typeof body.rate_limit_per_user === 'number' ? body.rate_limit_per_user : undefined,
    },
    {
      isArchived: typeof body.archived === 'boolean' ? body.archived : undefined,
      isLocked: typeof body.locked === 'boolean' ? body.locked : undefined,
      isInvitable: typeof body.invitable === 'boolean' ? body.invitable : undefined,
      autoArchiveMinutes: typeof body.auto_archive_duration === 'number' ? body.auto_archive_duration : undefined,
    },
  );
}

function putOverwrite(call: Call): Reply {
  const { world, body } = call;
  const channel = channelOf(call, P.ManageRoles);
  const guild = guildOfChannel(world, channel);
  if (channel.thread) throw new DiscordError(50024);
  const id = idOf(call, 'overwriteId');
  if (!isSnowflake(id)) throw invalid(['overwrite_id'], 'NUMBER_TYPE_COERCE', 'Not a snowflake.');
  const overwrite = readOverwrite(id, body);
  if (overwrite.type === 0 && !guild.roles.has(id)) throw new DiscordError(10009);
  if (overwrite.type === 1 && !world.users.has(id)) throw new DiscordError(10009);
  requireGrantable(botPermissions(world, channel), [overwrite]);
  const others = channel.overwrites.filter((other) => other.id !== id);
  if (others.length >= world.limits.overwritesPerChannel) throw new DiscordError(30060);
  updateChannel(world, channel, { overwrites: [...others, overwrite] });
  return nothing;
}
