import { randomBytes } from 'node:crypto';
import { GatewayIntentBits, PermissionFlagsBits } from 'discord-api-types/v10';
import { channelPermissions } from '../state/permissions.ts';
import type { Channel } from '../state/types.ts';
import { applicationOf, type World, type WorldEvent } from '../state/world.ts';
import { intentsFor } from './intents.ts';
import { createReplay, type Replay } from './replay.ts';

/** What a session needs of its connection. */
export type Link = {
  send(frame: string): void;
  close(code: number, reason: string): void;
  terminate(): void;
};

export type Session = {
  id: string;
  shardId: number;
  shardCount: number;
  intents: number;
  seq: number;
  replay: Replay;
  link: Link | null;
  disconnectedAt: number;
};
type SessionRow = Omit<Session, 'replay' | 'link'>;

export type Hub = ReturnType<typeof createHub>;

/** The gateway's sessions: who hears what, numbered and kept for a RESUME. */
export function createHub(world: World) {
  const sessions = new Map<string, Session>();
  const shardOf = new Map<number, Map<string, number>>();
  const visible = new Map<string, { version: number; canSee: boolean }>();
  let starts: { at: number; count: number } = { at: 0, count: 0 };

  for (const row of world.store.load<SessionRow>('session')) {
    sessions.set(row.id, { ...row, replay: createReplay(row.id), link: null, disconnectedAt: Date.now() });
  }
  for (const frames of world.store.loadFrames()) {
    const session = sessions.get(frames.sessionId);
    if (session) session.replay.restore(frames);
    else world.store.trimFrames(frames.sessionId, Number.MAX_SAFE_INTEGER);
  }
  world.store.onFlush(() => {
    const all = [...sessions.values()].flatMap((session) => session.replay.takeUnstored());
    for (const id of new Set(all.map((frames) => frames.sessionId))) save(sessions.get(id) as Session);
    return all;
  });
  world.onPublish(publish);

  function save(session: Session) {
    const { replay: _replay, link: _link, ...row } = session;
    world.store.put('session', session.id, () => row);
  }

  function forget(session: Session) {
    sessions.delete(session.id);
    session.replay.clear();
    world.store.drop('session', session.id);
    world.store.trimFrames(session.id, Number.MAX_SAFE_INTEGER);
  }

  function shard(guildId: string | null, shardCount: number): number {
    if (guildId === null || shardCount === 1) return 0;
    let known = shardOf.get(shardCount);
    if (!known) shardOf.set(shardCount, (known = new Map()));
    let id = known.get(guildId);
    if (id === undefined) {
      id = Number((BigInt(guildId) >> 22n) % BigInt(shardCount));
      known.set(guildId, id);
    }
    return id;
  }

  function botSees(channel: Channel): boolean {
    if (channel.guildId === null) return true;
    const guild = world.guilds.get(channel.guildId);
    if (!guild) return false;
    const known = visible.get(channel.id);
    if (known?.version === guild.version) return known.canSee;
    const granted = channelPermissions(guild, channel, applicationOf(world).id);
    const canSee = (granted & PermissionFlagsBits.ViewChannel) !== 0n;
    visible.set(channel.id, { version: guild.version, canSee });
    return canSee;
  }

  function publish(event: WorldEvent): void {
    if (event.name === 'CHANNEL_DELETE' || event.name === 'THREAD_DELETE')
      visible.delete((event.data as { id: string }).id);
    if (sessions.size === 0) return;
    // Posted instead: an application has them one way or the other.
    if (event.name === 'INTERACTION_CREATE' && applicationOf(world).interactionsUrl) return;
    if (event.channel && !botSees(event.channel)) return;
    const intents = event.intents ?? intentsFor(event.name, event.guildId !== null);
    // Serialised once, however many sessions hear it.
    let full: string | null = null;
    let blank: string | null = null;
    for (const session of sessions.values()) {
      if (shard(event.guildId, session.shardCount) !== session.shardId) continue;
      if (intents !== 0 && (session.intents & intents) === 0) continue;
      const isBlank = event.authorId !== undefined && hidesContent(session, event);
      const data = isBlank ? (blank ??= JSON.stringify(blanked(event.data))) : (full ??= JSON.stringify(event.data));
      dispatch(session, event.name, data);
    }
  }

  // Discord shows content in direct messages, of the bot's own messages and where the bot is mentioned.
  function hidesContent(session: Session, event: WorldEvent): boolean {
    if ((session.intents & GatewayIntentBits.MessageContent) !== 0 || event.guildId === null) return false;
    const botId = applicationOf(world).id;
    if (event.authorId === botId) return false;
    const { mentions } = event.data as { mentions?: { id: string }[] };
    return !mentions?.some((user) => user.id === botId);
  }

  function blanked(data: object): object {
    return { ...data, content: '', embeds: [], attachments: [], components: [] };
  }

  function dispatch(session: Session, name: string, json: string): void {
    session.seq++;
    world.counts.dispatches++;
    const frame = `{"t":"${name}","s":${session.seq},"op":0,"d":${json}}`;
    session.replay.push(session.seq, frame, Date.now());
    session.link?.send(frame);
  }

  return {
    world,
    sessions,
    shard,
    dispatch(session: Session, name: string, data: object): void {
      dispatch(session, name, JSON.stringify(data));
    },
    create(o: { shardId: number; shardCount: number; intents: number; link: Link }): Session {
      const id = randomBytes(16).toString('hex');
      const session: Session = { ...o, id, seq: 0, replay: createReplay(id), disconnectedAt: 0 };
      sessions.set(id, session);
      save(session);
      return session;
    },
    forget,
    /** The connection of a session is gone; a RESUME may take it up again. */
    leave(session: Session): void {
      session.link = null;
      if (!sessions.has(session.id)) return;
      session.disconnectedAt = Date.now();
      save(session);
    },
    /** Forgets sessions that nobody came back for, and frames that are too old. */
    sweep(): void {
      const now = Date.now();
      for (const session of sessions.values()) {
        if (!session.link && now - session.disconnectedAt > world.limits.resumeWithinMs) forget(session);
        else {
          const first = session.replay.trim(now);
          if (first !== null) world.store.trimFrames(session.id, first);
        }
      }
    },
    /** Counts an IDENTIFY against the day's budget. */
    takeStart(): boolean {
      const left = startsLeft();
      if (left <= 0) return false;
      starts.count++;
      return true;
    },
    startLimit(): { total: number; remaining: number; reset_after: number; max_concurrency: number } {
      const remaining = Math.max(0, startsLeft());
      const resetAfter = Math.max(0, starts.at + 86_400_000 - Date.now());
      const { sessionStarts: total, maxConcurrency } = world.limits;
      return { total, remaining, reset_after: resetAfter, max_concurrency: maxConcurrency };
    },
    connections: () => [...sessions.values()].filter((session) => session.link).length,
  };

  function startsLeft(): number {
    if (Date.now() - starts.at > 86_400_000) starts = { at: Date.now(), count: 0 };
    return world.limits.sessionStarts - starts.count;
  }
}
