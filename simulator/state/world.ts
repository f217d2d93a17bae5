import type { Log } from '#runtime/log.ts';
import type { Counts, Happening } from '../client.ts';
import type { Limits } from '../limits.ts';
import { createSnowflakes } from './snowflake.ts';
import type { Store } from './store.ts';
import type {
  Application,
  Channel,
  Command,
  FileNote,
  Grant,
  Guild,
  Interaction,
  Member,
  Message,
  Role,
  User,
} from './types.ts';

/** Something that gateway sessions may hear of. `channel` is given where seeing it is needed to hear. */
export type WorldEvent = {
  name: string;
  data: object;
  guildId: string | null;
  channel?: Channel;
  /** Whose words are in it, for MESSAGE_CONTENT; null when the content is never hidden. */
  authorId?: string;
  /** Only these sessions hear (THREAD_* of private threads …); absent: all. */
  intents?: number;
};

export type World = ReturnType<typeof createWorld>;

// Enough for every client that still asks; older ones are forgotten.
const keptInteractions = 20_000;
const keptMessagesPerChannel = 5_000;
// Of them, what one person alone sees: nobody asks for older ones.
const keptHiddenPerChannel = 1_000;

/** All that exists in the local Discord, read from the store; `publish` tells the gateway of changes. */
export function createWorld({
  store,
  limits,
  log,
  origin,
}: {
  store: Store;
  limits: Limits;
  log: Log;
  origin: string;
}) {
  const meta = store.load<{ lastId: string }>('meta')[0];
  const ids = createSnowflakes(BigInt(meta?.lastId ?? 0));
  const users = new Map(store.load<User>('user').map((user) => [user.id, user]));
  const guilds = new Map<string, Guild>();
  const channels = new Map<string, Channel>();
  const messages = new Map<string, Map<string, Message>>();
  const hidden = new Map<string, Set<string>>();
  const commands = new Map(store.load<Command>('command').map((command) => [command.id, command]));
  const interactions = new Map(store.load<Interaction>('interaction').map((i) => [i.id, i]));
  const tokens = new Map([...interactions.values()].map((i) => [i.token, i]));
  const grants = new Map(store.load<Grant>('grant').map((grant) => [grant.id, grant]));
  const files = new Map(store.load<FileNote>('file').map((file) => [file.id, file]));
  const dms = new Map<string, Channel>();
  const listeners = new Set<(event: WorldEvent) => void>();
  const watchers = new Set<(happening: Happening) => void>();
  const waiting = new Map<string, Set<() => void>>();
  const counts: Omit<Counts, 'sessions' | 'connections' | 'guilds' | 'channels'> = {
    messages: 0,
    interactions: 0,
    acknowledged: 0,
    expired: 0,
    posts: 0,
    failedPosts: 0,
    identifies: 0,
    resumes: 0,
    failedResumes: 0,
    dispatches: 0,
    requests: 0,
    rateLimited: 0,
    invalidRequests: 0,
    violations: {},
  };

  for (const row of store.load<Omit<Guild, 'roles' | 'members' | 'channels'>>('guild')) {
    guilds.set(row.id, { ...row, roles: new Map(), members: new Map(), channels: new Map() });
  }
  for (const role of store.load<Role>('role')) guilds.get(role.guildId)?.roles.set(role.id, role);
  for (const member of store.load<Member & { guildId: string }>('member')) {
    guilds.get(member.guildId)?.members.set(member.userId, member);
  }
  for (const channel of store.load<Channel>('channel')) keep(channel);
  for (const message of store.load<Message>('message')) hold(message);

  function keep(channel: Channel) {
    channels.set(channel.id, channel);
    if (channel.guildId !== null) guilds.get(channel.guildId)?.channels.set(channel.id, channel);
    else if (channel.recipientId !== null) dms.set(channel.recipientId, channel);
  }

  function messagesOf(channelId: string): Map<string, Message> {
    let found = messages.get(channelId);
    if (!found) messages.set(channelId, (found = new Map()));
    return found;
  }

  /** What one person alone sees of a channel, oldest first. */
  function hiddenIn(channelId: string): Set<string> {
    let found = hidden.get(channelId);
    if (!found) hidden.set(channelId, (found = new Set()));
    return found;
  }

  function hold(message: Message): Map<string, Message> {
    const { id, channel_id: channelId } = message.body;
    if (message.ephemeralFor !== null) hiddenIn(channelId).add(id);
    return messagesOf(channelId).set(id, message);
  }

  function rowOf({ roles: _r, members: _m, channels: _c, ...row }: Guild) {
    return row;
  }

  const world = {
    log,
    limits,
    origin,
    store,
    users,
    guilds,
    channels,
    dms,
    commands,
    interactions,
    grants,
    counts,
    application: store.load<Application>('application')[0] ?? null,
    messagesOf,
    nextId(): string {
      const id = ids.next();
      store.put('meta', 'meta', () => ({ lastId: ids.last().toString() }));
      return id;
    },
    interactionByToken: (token: string) => tokens.get(token) ?? null,

    saveApplication(application: Application): void {
      world.application = application;
      store.put('application', 'application', () => application);
    },
    saveUser(user: User): void {
      users.set(user.id, user);
      store.put('user', user.id, () => user);
    },
    saveGuild(guild: Guild): void {
      guild.version++;
      guilds.set(guild.id, guild);
      store.put('guild', guild.id, () => rowOf(guild));
    },
    dropGuild(guild: Guild): void {
      for (const channel of guild.channels.values()) world.dropChannel(channel);
      for (const role of guild.roles.values()) store.drop('role', role.id);
      for (const member of guild.members.values()) store.drop('member', `${guild.id}:${member.userId}`);
      guilds.delete(guild.id);
      store.drop('guild', guild.id);
    },
    saveRole(guild: Guild, role: Role): void {
      guild.version++;
      guild.roles.set(role.id, role);
      store.put('role', role.id, () => role);
    },
    dropRole(guild: Guild, role: Role): void {
      guild.version++;
      guild.roles.delete(role.id);
      store.drop('role', role.id);
    },
    saveMember(guild: Guild, member: Member): void {
      guild.version++;
      guild.members.set(member.userId, member);
      store.put('member', `${guild.id}:${member.userId}`, () => ({ ...member, guildId: guild.id }));
    },
    dropMember(guild: Guild, userId: string): void {
      guild.version++;
      guild.members.delete(userId);
      store.drop('member', `${guild.id}:${userId}`);
    },
    /** @param touchesAccess false for what changes no permission (a message arrived), so that caches stay. */
    saveChannel(channel: Channel, touchesAccess = true): void {
      const guild = channel.guildId === null ? null : guilds.get(channel.guildId);
      if (guild && touchesAccess) guild.version++;
      keep(channel);
      store.put('channel', channel.id, () => channel);
    },
    dropChannel(channel: Channel): void {
      const guild = channel.guildId === null ? null : guilds.get(channel.guildId);
      if (guild) guild.version++;
      guild?.channels.delete(channel.id);
      channels.delete(channel.id);
      store.drop('channel', channel.id);
      for (const id of messages.get(channel.id)?.keys() ?? []) store.drop('message', id);
      messages.delete(channel.id);
      hidden.delete(channel.id);
    },
    saveMessage(message: Message): void {
      const all = hold(message);
      store.put('message', message.body.id, () => message);
      if (all.size > keptMessagesPerChannel) {
        // What one person sees goes first: at Discord it is gone when they look again, while a message with buttons is used for years.
        const own = hiddenIn(message.body.channel_id);
        const oldest = (own.size > keptHiddenPerChannel ? own : all).keys().next().value as string;
        own.delete(oldest);
        all.delete(oldest);
        store.drop('message', oldest);
      }
    },
    dropMessage(message: Message): void {
      messagesOf(message.body.channel_id).delete(message.body.id);
      hiddenIn(message.body.channel_id).delete(message.body.id);
      store.drop('message', message.body.id);
    },
    fileOf: (id: string) => files.get(id) ?? null,
    saveFile(file: FileNote, bytes: Uint8Array): void {
      files.set(file.id, file);
      store.put('file', file.id, () => file);
      store.putBlob(file.id, bytes);
    },
    saveCommand(command: Command): void {
      commands.set(command.id, command);
      store.put('command', command.id, () => command);
    },
    dropCommand(command: Command): void {
      commands.delete(command.id);
      store.drop('command', command.id);
    },
    saveInteraction(interaction: Interaction): void {
      interactions.set(interaction.id, interaction);
      tokens.set(interaction.token, interaction);
      store.put('interaction', interaction.id, () => interaction);
      if (interactions.size > keptInteractions) {
        const oldest = interactions.values().next().value as Interaction;
        interactions.delete(oldest.id);
        tokens.delete(oldest.token);
        store.drop('interaction', oldest.id);
      }
      wake(interaction.id);
    },
    saveGrant(grant: Grant): void {
      grants.set(grant.id, grant);
      store.put('grant', grant.id, () => grant);
    },
    dropGrant(grant: Grant): void {
      grants.delete(grant.id);
      store.drop('grant', grant.id);
    },

    /** Tells gateway sessions and the control stream. */
    publish(event: WorldEvent): void {
      for (const listener of listeners) listener(event);
      if (watchers.size > 0) world.happen(event.name, event.data);
    },
    onPublish(listener: (event: WorldEvent) => void): void {
      listeners.add(listener);
    },
    /** Tells the control stream alone. */
    happen(type: string, data: object): void {
      if (watchers.size === 0) return;
      const happening = { type, at: Date.now(), data: data as Record<string, unknown> };
      for (const watcher of watchers) watcher(happening);
    },
    watch(watcher: (happening: Happening) => void): () => void {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    violate(name: string): void {
      counts.violations[name] = (counts.violations[name] ?? 0) + 1;
      log.warn({ violation: name }, 'a client broke a rule');
      world.happen('violation', { name });
    },
    /** Resolves at the next change of an interaction, or after `ms`. */
    async changeOf(interactionId: string, ms: number): Promise<void> {
      await new Promise<void>((resolve) => {
        const all = waiting.get(interactionId) ?? new Set();
        waiting.set(interactionId, all);
        const done = () => {
          clearTimeout(timer);
          all.delete(done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        all.add(done);
      });
    },
  };

  function wake(interactionId: string) {
    const all = waiting.get(interactionId);
    waiting.delete(interactionId);
    for (const done of all ?? []) done();
  }

  return world;
}

/** The application of a world that has been furnished. */
export function applicationOf(world: World): Application {
  if (!world.application) throw new Error('the world has no application yet');
  return world.application;
}
