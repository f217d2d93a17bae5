import type { REST } from '@discordjs/rest';
import { type APIGatewayBotInfo, type APIInteraction, Routes } from 'discord-api-types/v10';
import { discordCodeOf } from '#discord/rest.ts';
import type { Application } from '#discord/application.ts';
import { retry, waitMs } from '#runtime/retry.ts';
import type { Ctx } from '#tickets/context.ts';
import { markGuildLeft, readGuild, upsertGuild } from '#tickets/store/guild.ts';
import { lastStoredMessages, ticketChannelsOfShards } from '#tickets/store/fleet/shard-channels.ts';
import { reserveIdentify } from '#tickets/store/fleet/shard.ts';
import { createTicketChannels } from './channels.ts';
import { type Connection, openConnection, type Session } from './connection.ts';
import { createRoute } from './dispatch.ts';
import { createGapFiller } from './gap.ts';
import { createIdentifyQueue, identifyWindowMs } from './identify.ts';
import { type MessageChange, placeOf } from './incoming.ts';
import { holdShards } from './leases.ts';
import { createBatcher } from './messages.ts';
import { ownerName } from './owner.ts';
import { createWorkQueue } from './work.ts';

export type ShardsOptions = {
  ctx: Ctx;
  /** With the bot's token, on the shared limiter, at priority 'gap-fill'. */
  rest: Pick<REST, 'get'>;
  token: string;
  application: Pick<Application, 'id' | 'botUserId' | 'intents'>;
  shardIds: readonly number[];
  shardCount: number;
  /** This cluster among all, for people who read the shard table: `docket-0/1`. */
  cluster: string;
  /** Resolves when the interaction is finished; never rejects. */
  onInteraction: (interaction: APIInteraction, receivedMonotonicMs: number) => Promise<void>;
  /** Stores changes of messages as one batch; must be idempotent (record.ts). */
  record: (changes: readonly MessageChange[]) => Promise<void>;
  /** Discord will never let this bot in as it is configured. */
  onFatal: (error: Error) => void;
  leaseMs?: number;
  everyMs?: number;
  /** How many messages may wait for the database before the connections are paused. */
  maxPending?: number;
};

export type Shards = {
  stats(): { wanted: number; ready: number; pendingMessages: number; openInteractions: number; ticketChannels: number };
  stop(): Promise<void>;
};

const alignEveryMs = 60_000;
/** Discord lets a session be resumed for minutes; an hour is on the safe side. */
const replayableMs = 60 * 60_000;
/** What may still be stored or answered while stopping; a pod has 30 s in all. */
const drainWithinMs = 12_000;
/** After this an interaction's token is dead, so nothing more can come of it. */
const interactionEndsMs = 15 * 60_000;
const workWidth = 4;

const isDataError = (error: unknown): boolean => {
  const code = (error as { code?: unknown } | null)?.code;
  return (typeof code === 'string' && /^2[23]/.test(code)) || discordCodeOf(error) !== null;
};

/** Runs a bot's shards in this process: takes their leases, connects or resumes them, routes what they bring, and hands all over at the end. */
export async function startShards(o: ShardsOptions): Promise<Shards> {
  const { ctx, application, shardCount } = o;
  const { db, log } = ctx;
  const botId = application.id;
  const readGateway = async () => (await o.rest.get(Routes.gatewayBot())) as APIGatewayBotInfo;
  const gateway = await retry(
    { attempts: 5, minMs: 500, maxMs: 5_000, when: (e) => discordCodeOf(e) === null },
    readGateway,
  );

  const channels = createTicketChannels();
  const isOurs = (guildId: string): boolean =>
    o.shardIds.includes(Number((BigInt(guildId) >> 22n) % BigInt(shardCount)));
  let aligning: Promise<void> | undefined;
  // Shards that open together share one reading.
  const align = (): Promise<void> => {
    aligning ??= ticketChannelsOfShards(db, {
      shardIds: o.shardIds,
      total: shardCount,
      closedSince: ctx.now() - replayableMs,
    })
      .then((listed) => channels.align(listed, isOurs, ctx.now()))
      .finally(() => {
        aligning = undefined;
      });
    return aligning;
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

  const route = createRoute({
    botUserId: application.botUserId,
    channels,
    now: () => ctx.now(),
    onInteraction,
    onMessage: (change, done) => {
      batcher.push(change, done);
      if (batcher.isFull) for (const connection of connections) connection.pause();
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
          if (moved.length > 0) await fillGap(guild.id, moved);
        },
        done,
      ),
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
    onGuildLeft: (guildId, done) => work.push('guild', () => markGuildLeft(db, guildId, { at: ctx.now() }), done),
    log,
  });

  const connections = new Set<Connection>();
  const waitForIdentify = createIdentifyQueue({
    reserve: (bucket) => reserveIdentify(db, { botId, bucket, windowMs: identifyWindowMs }),
    readGateway,
    gateway,
    log,
  });
  const open = async (shardId: number, session: Session | null): Promise<Connection> => {
    // A RESUME names no server: what its first event concerns must be known before.
    await align();
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
      onSession: () => void leases.save(), // answers its own errors
      onFatal: o.onFatal,
      log,
    });
    connections.add(connection);
    return {
      ...connection,
      get isReady() {
        return connection.isReady;
      },
      close: () => {
        connections.delete(connection);
        return connection.close();
      },
    };
  };

  const leases = holdShards({
    db,
    log,
    botId,
    owner: ownerName(o.cluster),
    shardIds: o.shardIds,
    open,
    ...(o.leaseMs && { leaseMs: o.leaseMs }),
    ...(o.everyMs && { everyMs: o.everyMs }),
  });
  const timer = setInterval(() => {
    align().catch((err: unknown) => log.warn({ err }, 'channels of tickets could not be compared with the store'));
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
      pendingMessages: batcher.pending,
      openInteractions: interactions.size,
      ticketChannels: channels.size,
    }),
    async stop() {
      clearInterval(timer);
      await leases.stop(drain);
    },
  };
}
