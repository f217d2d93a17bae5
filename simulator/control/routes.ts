import type { Fault, Limits, NewMessage } from '../client.ts';
import type { Faults } from '../faults.ts';
import type { Hub } from '../gateway/hub.ts';
import { DiscordError } from '../http/errors.ts';
import type { RateLimits } from '../http/rate-limits.ts';
import { type Call, created, nothing, ok, type Reply, type Route } from '../http/route.ts';
import { setInteractionsUrl } from '../routes/applications.ts';
import { createChannel, deleteChannel, openDm, updateChannel, updateThread } from '../state/channels.ts';
import { viewOf } from '../state/interactions.ts';
import { deleteMessage, editMessage } from '../state/messages.ts';
import {
  addMember,
  createRole,
  createUser,
  deleteRole,
  removeGuild,
  removeMember,
  setUnavailable,
  updateGuild,
  updateMember,
  updateRole,
} from '../state/people.ts';
import { createGuild } from '../state/seed.ts';
import type { Channel, Guild, Message, OwnEmoji, Role } from '../state/types.ts';
import { applicationOf, type World } from '../state/world.ts';
import { readOverwrites } from '../validate/channel.ts';
import { asText, asArray, asObject } from '../validate/fields.ts';
import { runCommand, write } from './acts.ts';
import { submitModal, useComponent } from './components.ts';
import { flood } from './flood.ts';
import { channelView, guildView, memberView, roleView } from './views.ts';

const maxWaitMs = 60_000;

/** The control API: acting as people, ordering faults, looking at what happened. Paths are below `/control`. */
export function controlRoutes(o: { hub: Hub; faults: Faults; rateLimits: RateLimits }): Route[] {
  const routes: Route[] = [
    ...guildControls,
    ...messageControls,
    {
      method: 'GET',
      path: '/state',
      run: (call) => ok({ guilds: [...call.world.guilds.values()].map((g) => guildView(call.world, g)) }),
    },
    { method: 'GET', path: '/counts', run: (call) => ok(countsOf(call.world, o.hub)) },
    { method: 'GET', path: '/stream', run: (call) => streamOf(call.world) },
    {
      method: 'POST',
      path: '/faults',
      run(call) {
        o.faults.order(o.hub, call.body as unknown as Fault);
        call.world.happen('fault', call.body);
        return nothing;
      },
    },
    {
      method: 'DELETE',
      path: '/faults',
      run() {
        o.faults.clear();
        return nothing;
      },
    },
    {
      method: 'PATCH',
      path: '/limits',
      run(call) {
        Object.assign(call.world.limits, call.body as Partial<Limits>);
        o.rateLimits.clear();
        return ok(call.world.limits);
      },
    },
    {
      method: 'PATCH',
      path: '/application',
      async run({ world, body }) {
        if (body.interactionsUrl !== undefined) await setInteractionsUrl(world, body.interactionsUrl);
        if (typeof body.flags === 'number') world.saveApplication({ ...applicationOf(world), flags: body.flags });
        const { flags, interactionsUrl = null } = applicationOf(world);
        return ok({ flags, interactionsUrl });
      },
    },
  ];
  return routes.map((route) => ({ ...route, auth: 'none' as const, path: `/control${route.path}` }));
}

const guildControls: Route[] = [
  {
    method: 'POST',
    path: '/guilds',
    run: ({ world, body }) =>
      created(
        guildView(
          world,
          createGuild(world, {
            ...(body.name ? { name: asText(body.name) } : {}),
            members: Number(body.members ?? 12),
          }),
        ),
      ),
  },
  { method: 'GET', path: '/guilds/:guildId', run: (call) => ok(guildView(call.world, guildOf(call))) },
  {
    method: 'PATCH',
    path: '/guilds/:guildId',
    run(call) {
      const guild = guildOf(call);
      const { name, ownerId, isUnavailable, emojis } = call.body;
      if (name !== undefined || ownerId !== undefined || emojis !== undefined) {
        updateGuild(call.world, guild, {
          ...(name === undefined ? {} : { name: asText(name) }),
          ...(ownerId === undefined ? {} : { ownerId: asText(ownerId) }),
          ...(emojis === undefined ? {} : { emojis: asArray(emojis) as OwnEmoji[] }),
        });
      }
      if (typeof isUnavailable === 'boolean') setUnavailable(call.world, guild, isUnavailable);
      return ok(guildView(call.world, guild));
    },
  },
  {
    method: 'DELETE',
    path: '/guilds/:guildId',
    run(call) {
      removeGuild(call.world, guildOf(call));
      return nothing;
    },
  },
  {
    method: 'POST',
    path: '/guilds/:guildId/members',
    run(call) {
      const { world, body } = call;
      const guild = guildOf(call);
      const known = body.userId === undefined ? undefined : world.users.get(asText(body.userId));
      if (body.userId !== undefined && !known) throw new DiscordError(10013);
      const locale = typeof body.locale === 'string' ? { locale: body.locale } : {};
      const user = known ?? createUser(world, { name: asText(body.name ?? 'Somebody'), ...locale });
      const member = addMember(world, guild, user.id, asArray(body.roleIds).map(String));
      return created(memberView(world, member));
    },
  },
  {
    method: 'PATCH',
    path: '/guilds/:guildId/members/:userId',
    run(call) {
      const guild = guildOf(call);
      const member = guild.members.get(call.params.userId ?? '');
      if (!member) throw new DiscordError(10007);
      const { roleIds, nick } = call.body;
      updateMember(call.world, guild, member, {
        ...(roleIds === undefined ? {} : { roleIds: asArray(roleIds).map(String) }),
        ...(nick === undefined ? {} : { nick: nick === null ? null : asText(nick) }),
      });
      return ok(memberView(call.world, member));
    },
  },
  {
    method: 'DELETE',
    path: '/guilds/:guildId/members/:userId',
    run(call) {
      const guild = guildOf(call);
      if (!guild.members.has(call.params.userId ?? '')) throw new DiscordError(10007);
      removeMember(call.world, guild, call.params.userId ?? '');
      return nothing;
    },
  },
  {
    method: 'PATCH',
    path: '/users/:userId',
    run({ world, params, body }) {
      const user = world.users.get(params.userId ?? '');
      if (!user) throw new DiscordError(10013);
      world.saveUser({ ...user, areDmsClosed: body.areClosed === true });
      return nothing;
    },
  },
  {
    method: 'POST',
    path: '/guilds/:guildId/roles',
    run(call) {
      const permissions =
        call.body.permissions === undefined ? {} : { permissions: BigInt(asText(call.body.permissions)) };
      return created(roleView(createRole(call.world, guildOf(call), { name: String(call.body.name), ...permissions })));
    },
  },
  {
    method: 'PATCH',
    path: '/guilds/:guildId/roles/:roleId',
    run(call) {
      const guild = guildOf(call);
      const role = roleOf(call, guild);
      const { name, permissions } = call.body;
      updateRole(call.world, guild, role, {
        ...(name === undefined ? {} : { name: asText(name) }),
        ...(permissions === undefined ? {} : { permissions: BigInt(asText(permissions)) }),
      });
      return ok(roleView(role));
    },
  },
  {
    method: 'DELETE',
    path: '/guilds/:guildId/roles/:roleId',
    run(call) {
      const guild = guildOf(call);
      deleteRole(call.world, guild, roleOf(call, guild));
      return nothing;
    },
  },
  {
    method: 'GET',
    path: '/guilds/:guildId/channels',
    run: (call) => ok([...guildOf(call).channels.values()].map(channelView)),
  },
  {
    method: 'POST',
    path: '/guilds/:guildId/channels',
    run(call) {
      const { world, body } = call;
      const channel = createChannel(world, guildOf(call), {
        name: String(body.name),
        type: Number(body.type ?? 0),
        parentId: body.parentId ? asText(body.parentId) : null,
        ...(body.overwrites === undefined ? {} : { overwrites: readOverwrites(world, body.overwrites) }),
      });
      return created(channelView(channel));
    },
  },
  {
    method: 'PATCH',
    path: '/channels/:channelId',
    run(call) {
      const { world, body } = call;
      const channel = channelOf(call);
      updateChannel(world, channel, {
        ...(body.name === undefined ? {} : { name: asText(body.name) }),
        ...(body.topic === undefined ? {} : { topic: body.topic === null ? null : asText(body.topic) }),
        ...(body.parentId === undefined ? {} : { parentId: body.parentId === null ? null : asText(body.parentId) }),
        ...(body.overwrites === undefined ? {} : { overwrites: readOverwrites(world, body.overwrites) }),
      });
      return ok(channelView(channel));
    },
  },
  {
    method: 'PATCH',
    path: '/threads/:channelId',
    run(call) {
      const thread = channelOf(call);
      if (!thread.thread) throw new DiscordError(50024);
      const { isArchived, isLocked } = call.body;
      updateThread(
        call.world,
        thread,
        {},
        {
          ...(typeof isArchived === 'boolean' && { isArchived }),
          ...(typeof isLocked === 'boolean' && { isLocked }),
        },
      );
      return ok(channelView(thread));
    },
  },
  {
    method: 'DELETE',
    path: '/channels/:channelId',
    run(call) {
      deleteChannel(call.world, channelOf(call));
      return nothing;
    },
  },
];

const messageControls: Route[] = [
  {
    method: 'POST',
    path: '/messages',
    run: (call) => created(write(call.world, call.body as unknown as NewMessage).body),
  },
  {
    method: 'POST',
    path: '/messages/many',
    run: (call) =>
      ok({ ids: asArray(call.body.messages).map((message) => write(call.world, message as NewMessage).body.id) }),
  },
  {
    method: 'PATCH',
    path: '/messages/:channelId/:messageId',
    run(call) {
      const channel = channelOf(call);
      return ok(
        editMessage(call.world, channel, messageOf(call, channel), { content: String(call.body.content) }).body,
      );
    },
  },
  {
    method: 'DELETE',
    path: '/messages/:channelId/:messageId',
    run(call) {
      const channel = channelOf(call);
      deleteMessage(call.world, channel, messageOf(call, channel));
      return nothing;
    },
  },
  {
    method: 'GET',
    path: '/channels/:channelId/messages',
    run(call) {
      const limit = Number(call.query.get('limit') ?? 100);
      const isShown = call.query.has('shown');
      const all = [...call.world.messagesOf(channelOf(call).id).values()].filter(
        (message) => !isShown || message.ephemeralFor === null,
      );
      return ok(all.slice(-limit).map((message) => message.body));
    },
  },
  {
    method: 'GET',
    path: '/dms/:userId',
    run({ world, params }) {
      if (!world.users.has(params.userId ?? '')) throw new DiscordError(10013);
      const channel = openDm(world, params.userId ?? '');
      return ok([...world.messagesOf(channel.id).values()].map((message) => message.body));
    },
  },
  { method: 'POST', path: '/flood', run: async (call) => ok(await flood(call.world, asObject(call.body))) },
  { method: 'POST', path: '/commands', run: (call) => started(runCommand(call.world, call.body as never).id) },
  { method: 'POST', path: '/components', run: (call) => started(useComponent(call.world, call.body as never).id) },
  { method: 'POST', path: '/modals', run: (call) => started(submitModal(call.world, call.body as never).id) },
  { method: 'GET', path: '/interactions/:interactionId', run: waitFor },
];

function started(id: string): Reply {
  return created({ id });
}

/** How an interaction stands; with `wait`, once it is acknowledged (or answered), expired, or the time is up. */
async function waitFor({ world, params, query }: Call): Promise<Reply> {
  const interaction = world.interactions.get(params.interactionId ?? '');
  if (!interaction) throw new DiscordError(10062);
  const until = Date.now() + Math.min(Number(query.get('wait') ?? 0), maxWaitMs);
  const wantsAnswer = query.get('until') === 'answer';
  const isDone = () =>
    wantsAnswer && interaction.state !== 'expired' ? interaction.isAnswered : interaction.state !== 'pending';
  while (!isDone() && Date.now() < until) await world.changeOf(interaction.id, until - Date.now());
  return ok(viewOf(world, interaction));
}

function guildOf({ world, params }: Call): Guild {
  const guild = world.guilds.get(params.guildId ?? '');
  if (!guild) throw new DiscordError(10004);
  return guild;
}

function roleOf(call: Call, guild: Guild): Role {
  const role = guild.roles.get(call.params.roleId ?? '');
  if (!role) throw new DiscordError(10011);
  return role;
}

function channelOf({ world, params }: Call): Channel {
  const channel = world.channels.get(params.channelId ?? '');
  if (!channel) throw new DiscordError(10003);
  return channel;
}

function messageOf({ world, params }: Call, channel: Channel): Message {
  const message = world.messagesOf(channel.id).get(params.messageId ?? '');
  if (!message) throw new DiscordError(10008);
  return message;
}

function countsOf(world: World, hub: Hub) {
  return {
    ...world.counts,
    sessions: hub.sessions.size,
    connections: hub.connections(),
    guilds: world.guilds.size,
    channels: world.channels.size,
  };
}

function streamOf(world: World): Reply {
  return {
    status: 200,
    headers: { 'content-type': 'application/x-ndjson' },
    stream(write, onClose) {
      onClose(world.watch((happening) => write(`${JSON.stringify(happening)}\n`)));
    },
  };
}
