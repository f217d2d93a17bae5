import type { REST } from '@discordjs/rest';
import { type APIGatewayBotInfo, type APIInteraction, Routes } from 'discord-api-types/v10';
import { discordCodeOf } from '#discord/rest.ts';
import type { Application } from '#discord/application.ts';
import { retry, waitMs } from '#runtime/retry.ts';
import { closeLeft } from '#tickets/actions/close-left.ts';
import type { Ctx } from '#tickets/context.ts';
import { markGuildLeft, readGuild, upsertGuild } from '#tickets/store/guild.ts';
import { recordPanelMessageGone } from '#tickets/store/panel-message.ts';
import { ticketsOfChannels } from '#tickets/store/fleet/message.ts';
import { lastStoredMessages, ticketChannelsOfShards } from '#tickets/store/fleet/shard-channels.ts';
import { reserveIdentify } from '#tickets/store/fleet/shard.ts';
import { leftReason } from '../effects/timer-reason.ts';
import { createGoneChannels } from './channel-gone.ts';
import { createTicketChannels } from './channels.ts';
import { type Connection, openConnection, type Session } from './connection.ts';
import { openFromMessage } from './dedicated.ts';
import { createRoute } from './dispatch.ts';
import { createGapFiller, type MovedChannel } from './gap.ts';
import { createIdentifyQueue, identifyWindowMs } from './identify.ts';
import { type MessageChange, placeOf } from './incoming.ts';
import { holdShards } from './leases.ts';
import { createBatcher } from './messages.ts';
import { ownerName } from './owner.ts';
import { createNewChannels } from './new-channels.ts';
import { createPlaces } from './places.ts';
import { createSessionGaps } from './session-gaps.ts';
import { createWorkQueue } from './work.ts';

export type ShardsOptions = {
  ctx: Ctx;
  /** With the bot's token, on the shared limiter, at priority 'gap-fill'. */
  rest: Pick<REST, 'get'>;
  token: string;
  application: Pick<Application, 'id' | 'botUserId' | 'intents'>;
  shardIds: readonly number[];
  shardCount: number;
  /** How many shards of other clusters may be served here while nobody else does. */
  room?: number;
  /** This cluster among all, for people who read the shard table: `docket-0/1`. */
  cluster: string;
  /** Resolves when the interaction is finished; never rejects. */
  onInteraction: (interaction: APIInteraction, receivedMonotonicMs: number) => Promise<void>;
  /** Stores changes of messages as one batch; must be idempotent (record.ts). */
  record: (changes: readonly MessageChange[]) => Promise<void>;
  /** Discord will never let this bot in as it is configured. */
  onFatal: (error: Error) => void;
  /** How long a shard stays ours when nothing is heard from us. */
  leaseMs?: number;
  /** How long a shard without an owner waits for the cluster it belongs to. */
  graceMs?: number;
  /** How often leases are renewed and sessions stored. */
  everyMs?: number;
  /** How many messages may wait for the database before the connections are paused. */
  maxPending?: number;
};

export type Shards = {
  /** `wanted` and `ready` are of the shards that belong here, `adopted` are others'. */
  stats(): {
    wanted: number;
    ready: number;
    adopted: number;
    pendingMessages: number;
    openInteractions: number;
    ticketChannels: number;
  };
  /** Looks after the leases now: somebody let go of a shard, or wants one. */
  look(): void;
  /** In this server, or in any, another channel opens tickets, or another message shows panels. Answers its own errors. */
  placesChanged(guildId?: string): Promise<void>;
  stop(): Promise<void>;
};

const defaultLeaseMs = 30_000;
const defaultGraceMs = 30_000;
const alignEveryMs = 60_000;
/** Discord lets a session be resumed for minutes; an hour is on the safe side. */
const replayableMs = 60 * 60_000;
/** What may still be stored or answered while stopping; a pod has 30 s in all. */
const drainWithinMs = 12_000;
/** After this an interaction's token is dead, so nothing more can come of it. */
const interactionEndsMs = 15 * 60_000;
const workWidth = 4;
/** What a database that is silent may delay the end. */
const noteWithinMs = 1_000;

const isDataError = (error: unknown): boolean => {
  const code = (error as { code?: unknown } | null)?.code;
  return (typeof code === 'string' && /^2[23]/.test(code)) || discordCodeOf(error) !== null;
};

/** Runs a bot's shards in this process: takes their leases, connects or resumes them, routes what they bring, and hands all over at the end. */
export async function startShards(o: ShardsOptions): Promise<Shards> {
  const { ctx, application, shardCount } = o;
  const { db, log } = ctx;
  const botId = application.id;
  const leaseMs = o.leaseMs ?? defaultLeaseMs;
  const readGateway = async () => (await o.rest.get(Routes.gatewayBot())) as APIGatewayBotInfo;
  const gateway = await retry(
    { attempts: 5, minMs: 500, maxMs: 5_000, when: (e) => discordCodeOf(e) === null },
    readGateway,
  );

  const channels = createTicketChannels();
  // Those that belong here from the beginning: they open together and share one reading.
  const serving = new Set(o.shardIds);
  const shardOf = (guildId: string): number => Number((BigInt(guildId) >> 22n) % BigInt(shardCount));
  const places = createPlaces({ db, shardCount, shardOf });
  let aligning: { shardIds: readonly number[]; done: Promise<void> } | undefined;
  const readChannels = async (shardIds: readonly number[]): Promise<void> => {
    const closedSince = ctx.now() - replayableMs;
    const listed = await ticketChannelsOfShards(db, { shardIds, total: shardCount, closedSince });
    channels.align(listed, (guildId) => shardIds.includes(shardOf(guildId)), ctx.now());
    channels.retain((guildId) => serving.has(shardOf(guildId)));
    await places.read(shardIds);
  };
  const align = (): Promise<void> => {
    const shardIds = [...serving];
    if (aligning && shardIds.every((id) => aligning?.shardIds.includes(id))) return aligning.done;
    const mine = { shardIds, done: readChannels(shardIds) };
    aligning = mine;
    return mine.done.finally(() => {
      if (aligning === mine) aligning = undefined;
    });
  };

  const batcher = createBatcher<MessageChange>({
    record: o.record,
    onStored: () => void leases.save(), // answers its own errors
    describe: (change) => {
      const { guildId, channelId, ticketId, id } = placeOf(change);
      return { change: change.kind, guildId, channelId, ticketId, messageId: id };
    },
    log,
    ...(o.maxPending && { maxPending: o.maxPending }),
  });
  const work = createWorkQueue({ width: workWidth, isFinal: isDataError, log });
  const fillGap = createGapFiller({
    rest: o.rest,
    botUserId: application.botUserId,
    lastStored: (guildId, ticketIds) => lastStoredMessages(db, guildId, ticketIds),
    push: (message, done) => batcher.push({ kind: 'created', message }, done),
    log,
  });

  const fillMoved = async (guildId: string, moved: readonly MovedChannel[]): Promise<void> => {
    const unplaced = moved.filter((one) => one.ticketId === null);
    const found = unplaced.length > 0 ? await ticketsOfChannels(db, unplaced) : [];
    const ticketOf = new Map(found.map((one) => [one.channelId, one.ticketId]));
    const placed = moved.flatMap((one) => {
      const ticketId = one.ticketId ?? ticketOf.get(one.channelId);
      return ticketId === undefined ? [] : [{ ...one, ticketId }];
    });
    if (placed.length > 0) await fillGap(guildId, placed);
  };

  const made = createNewChannels({ db, now: () => ctx.now(), log });
  const gone = createGoneChannels({ ctx, rest: o.rest });
  const gaps = createSessionGaps({ db, botId, now: () => ctx.now(), log });
  const noteHeard = async (): Promise<void> =>
    gaps
      .heard([...connections].flatMap(([connection, shardId]) => (connection.isReady ? [shardId] : [])))
      .catch((err: unknown) => log.warn({ err }, 'that shards were heard could not be noted; it is again in a minute'));

  const interactions = new Set<Promise<void>>();
  const onInteraction = (interaction: APIInteraction, receivedAt: number): Promise<void> => {
    const end = new AbortController();
    const running = Promise.race([
      o.onInteraction(interaction, receivedAt),
      waitMs(interactionEndsMs, end.signal).catch(() => undefined),
    ]).finally(() => {
      interactions.delete(running);
      end.abort();
    });
    interactions.add(running);
    return running;
  };

  const closeOfLeaver = async (guildId: string, openerId: string): Promise<void> => {
    await closeLeft(ctx, guildId, { openerId, at: ctx.now(), reasonOf: leftReason });
  };

  const route = createRoute({
    botUserId: application.botUserId,
    channels,
    now: () => ctx.now(),
    onInteraction,
    isDedicated: (channelId) => places.isDedicated(channelId),
    panelGuildOf: (messageId) => places.panelGuildOf(messageId),
    onPanelMessageDeleted: (guildId, messageId, done) =>
      work.push('panel', () => recordPanelMessageGone(db, guildId, { messageId }), done),
    onAsking: (message, done) => work.push('message', () => openFromMessage(ctx, message), done),
    onMessage: (change, done) => {
      batcher.push(change, done);
      if (batcher.isFull) for (const connection of connections.keys()) connection.pause();
    },
    onGuild: (guild, moved, done) =>
      work.push(
        'guild',
        async () => {
          await upsertGuild(db, guild.id, {
            name: guild.name,
            ownerId: guild.owner_id,
            iconHash: guild.icon,
            memberCount: guild.member_count,
            locale: guild.preferred_locale,
          });
          await gaps.record(shardOf(guild.id), guild.id);
          await fillMoved(guild.id, moved);
          const listed = new Set([...guild.channels, ...guild.threads].map((channel) => channel.id));
          await gone.missing(channels.ofGuild(guild.id).filter((channel) => !listed.has(channel.channelId)));
        },
        done,
      ),
    onThreads: (guildId, moved, done) => work.push('threads', () => fillMoved(guildId, moved), done),
    onGuildChanged: (guild, done) =>
      work.push(
        'guild',
        async () => {
          const known = await readGuild(db, guild.id);
          if (!known) return;
          await upsertGuild(db, guild.id, {
            name: guild.name,
            ownerId: guild.owner_id,
            iconHash: guild.icon,
            memberCount: known.memberCount,
            locale: guild.preferred_locale,
          });
        },
        done,
      ),
    onChannelMade: (channel, done) => made.seen(channel, done),
    onChannelDeleted: (channel, done) => {
      made.gone(channel.channelId);
      work.push('channel', () => gone.deleted(channel), done);
    },
    onMemberLeft: (guildId, openerId, done) => work.push('member', () => closeOfLeaver(guildId, openerId), done),
    onGuildLeft: (guildId, done) => work.push('guild', () => markGuildLeft(db, guildId, { at: ctx.now() }), done),
    log,
  });

  const connections = new Map<Connection, number>();
  const waitForIdentify = createIdentifyQueue({
    reserve: (bucket) => reserveIdentify(db, { botId, bucket, windowMs: identifyWindowMs }),
    readGateway,
    gateway,
    log,
  });
  const open = async (shardId: number, session: Session | null): Promise<Connection> => {
    serving.add(shardId);
    // A RESUME names no server: what its first event concerns must be known before.
    await align();
    gaps.opened(shardId);
    const connection = openConnection({
      shardId,
      shardCount,
      token: o.token,
      intents: application.intents,
      gateway,
      session,
      waitForIdentify,
      beforeConnect: () => batcher.room(),
      onDispatch: route,
      onSession: (how) => {
        if (how === 'identified') gaps.began(shardId);
        void leases.save(); // answers its own errors
      },
      onFatal: o.onFatal,
      log,
    });
    connections.set(connection, shardId);
    return {
      ...connection,
      get isReady() {
        return connection.isReady;
      },
      get unfinished() {
        return connection.unfinished;
      },
      close: () => {
        connections.delete(connection);
        if (!o.shardIds.includes(shardId)) serving.delete(shardId);
        return connection.close();
      },
    };
  };

  const leases = holdShards({
    db,
    log,
    botId,
    total: shardCount,
    owner: ownerName(o.cluster),
    shardIds: o.shardIds,
    room: o.room ?? 0,
    open,
    onOtherTotal: (total) =>
      o.onFatal(new Error(`this bot runs with ${total} shards now, this process was started for ${shardCount}`)),
    leaseMs,
    graceMs: o.graceMs ?? defaultGraceMs,
    everyMs: o.everyMs ?? Math.min(2_000, leaseMs / 10),
  });
  const timer = setInterval(() => {
    align().catch((err: unknown) => log.warn({ err }, 'channels of tickets could not be compared with the store'));
    void noteHeard(); // answers its own errors
  }, alignEveryMs);

  const drain = async (): Promise<void> => {
    const end = new AbortController();
    const late = waitMs(drainWithinMs, end.signal).then(
      () =>
        log.error({ pending: batcher.pending, interactions: interactions.size }, 'not everything was finished in time'),
      () => undefined,
    );
    const finished = (async () => {
      await Promise.all(interactions);
      await work.drain();
      await batcher.drain();
    })();
    await Promise.race([finished, late]);
    end.abort();
  };

  return {
    stats: () => ({
      wanted: o.shardIds.length,
      ready: leases.ready,
      adopted: leases.adopted,
      pendingMessages: batcher.pending,
      openInteractions: interactions.size,
      ticketChannels: channels.size,
    }),
    look: () => leases.look(),
    async placesChanged(guildId) {
      if (guildId !== undefined && !serving.has(shardOf(guildId))) return;
      await (guildId === undefined ? places.read([...serving]) : places.readAgain(guildId)).catch((err: unknown) =>
        log.warn({ err }, 'changed places could not be read; they are within a minute'),
      );
    },
    async stop() {
      clearInterval(timer);
      made.stop();
      await Promise.race([noteHeard(), waitMs(noteWithinMs)]);
      await leases.stop(drain);
    },
  };
}
