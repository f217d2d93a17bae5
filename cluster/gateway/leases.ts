import type { Log } from '#runtime/log.ts';
import type { Db } from '#runtime/postgres.ts';
import { waitMs } from '#runtime/retry.ts';
import { metrics } from '#runtime/telemetry.ts';
import {
  acquireShards,
  adoptShards,
  countAbandoned,
  listShards,
  releaseShards,
  renewShards,
  type ShardSession,
  saveSessions,
  wantShards,
} from '#tickets/store/fleet/shard.ts';
import { readShardTotal } from '#tickets/store/fleet/shard-total.ts';
import type { Connection, Session } from './connection.ts';
import { isDead } from './owner.ts';
import { takeTurns } from './turn.ts';

export type LeaseOptions = {
  db: Db;
  log: Log;
  botId: string;
  /** The bot's number of shards; when it is another one meanwhile, nothing is taken any more. */
  total: number;
  /** This process among all owners (owner.ts). */
  owner: string;
  /** The shards that belong here. */
  shardIds: readonly number[];
  /** How many shards of others may be served here while nobody else does. */
  room: number;
  /** Opens a shard that is now ours. */
  open: (shardId: number, session: Session | null) => Promise<Connection>;
  /** The bot runs with another total now. */
  onOtherTotal: (total: number | null) => void;
  /** How long a shard stays ours when nothing is heard from us. */
  leaseMs: number;
  /** How long a shard without an owner waits for the process it belongs to. */
  graceMs: number;
  /** How often leases are renewed and sessions stored. */
  everyMs: number;
};

export type Leases = {
  /** Stores the sessions now: after each batch, and when a session begins. Calls that come together become one. */
  save(): Promise<void>;
  /** Looks after the leases now: somebody let go of a shard, or wants one. */
  look(): void;
  /** How many of the shards that belong here are ready. */
  readonly ready: number;
  /** How many shards of others are served here. */
  readonly adopted: number;
  /** Closes every shard, lets `drain` finish what they brought, stores the sessions and lets go. */
  stop(drain: () => Promise<void>): Promise<void>;
};

type Held = { connection: Connection; renewedAt: number; saved: string };

/** What a shard that is handed over may still finish; the rest is replayed to whoever gets it, and everything stored is idempotent. */
const handOverWithinMs = 3_000;

/** What is stored of a shard. */
const stored = (shardId: number, session: Session | null): ShardSession => ({
  shardId,
  sessionId: session?.sessionId ?? null,
  resumeUrl: session?.resumeUrl ?? null,
  sequence: session?.sequence ?? null,
});

/**
 * Keeps shards: takes those of `shardIds`, asks whoever serves them meanwhile to hand them over, and serves others' that nobody does. It
 * opens them, renews their leases, stores their sessions. A lease that turns out to be somebody else's, or that could not be renewed in
 * time, closes its shard at once: two sessions of one shard never serve together.
 */
export function holdShards(o: LeaseOptions): Leases {
  const { db, botId, total, owner, leaseMs, graceMs } = o;
  const belongsHere = new Set(o.shardIds);
  const held = new Map<number, Held>();
  const opening = new Map<number, Promise<void>>();
  const leaving = new Map<number, { shard: Held; done: Promise<void> }>();
  /** All that ever were ours: what of them still is can be let go at the end. */
  const taken = new Set<number>();
  let isStopping = false;
  let timer: NodeJS.Timeout | undefined;

  const readyIds = (): number[] => [...held].flatMap(([id, { connection }]) => (connection.isReady ? [id] : []));
  const count = (): void => {
    const ready = readyIds().length;
    const served = o.shardIds.filter((id) => held.has(id)).length;
    metrics.shards.set({ state: 'ready' }, ready);
    metrics.shards.set({ state: 'connecting' }, held.size - ready);
    metrics.shards.set({ state: 'waiting' }, o.shardIds.length - served);
    metrics.shards.set({ state: 'adopted' }, held.size - served);
    const open = [...held.values()].map(({ connection }) => connection.unfinished);
    metrics.gatewayUnfinished.set(open.reduce((sum, one) => sum + one, 0));
  };

  const lose = (shardId: number, why: 'taken' | 'late'): void => {
    const shard = held.get(shardId);
    if (!shard) return;
    held.delete(shardId);
    metrics.shardLeases.inc({ what: `lost-${why}` });
    o.log.error({ shardId, why }, 'lease lost; shard closed');
    void shard.connection.close(); // never rejects; whoever owns the shard now must not wait for it
  };

  const save = takeTurns(async () => {
    const leavers = [...leaving].map(([shardId, { shard }]) => [shardId, shard] as const);
    const changed = [...held, ...leavers].flatMap(([shardId, shard]) => {
      const row = stored(shardId, shard.connection.session());
      return JSON.stringify(row) === shard.saved ? [] : [{ shard, row }];
    });
    if (changed.length === 0) return;
    const ours = new Set(await saveSessions(db, { botId, owner, sessions: changed.map(({ row }) => row) }));
    for (const { shard, row } of changed) {
      if (ours.has(row.shardId)) shard.saved = JSON.stringify(row);
      else if (held.get(row.shardId) === shard) lose(row.shardId, 'taken');
    }
  });

  /** Gives a shard to whom it belongs: closed for us, open again there as soon as its session is stored. */
  const handOver = async (shardId: number, shard: Held): Promise<void> => {
    try {
      await shard.connection.close();
      await Promise.race([shard.connection.finished(), waitMs(handOverWithinMs)]);
      await save();
      await releaseShards(db, { botId, owner, shardIds: [shardId] });
      metrics.shardLeases.inc({ what: 'handed-over' });
      o.log.info({ shardId }, 'shard handed over');
    } catch (err) {
      o.log.error({ err, shardId }, 'shard could not be released; its lease runs out by itself');
    } finally {
      leaving.delete(shardId);
    }
  };

  const renew = async (): Promise<void> => {
    const shardIds = [...held.keys()];
    if (shardIds.length === 0) return;
    const startedAt = performance.now();
    const ours = new Map(
      (await renewShards(db, { botId, owner, shardIds, leaseMs })).map((one) => [one.shardId, one.isWanted]),
    );
    for (const shardId of shardIds) {
      const shard = held.get(shardId);
      if (!shard) continue;
      if (ours.has(shardId)) shard.renewedAt = startedAt;
      else lose(shardId, 'taken');
      if (!ours.get(shardId) || belongsHere.has(shardId) || isStopping) continue;
      held.delete(shardId);
      leaving.set(shardId, { shard, done: handOver(shardId, shard) });
    }
  };

  const open = async (lease: ShardSession, renewedAt: number): Promise<void> => {
    const { shardId, sessionId, resumeUrl, sequence } = lease;
    const session = sessionId && resumeUrl && sequence !== null ? { sessionId, resumeUrl, sequence } : null;
    try {
      const connection = await o.open(shardId, session);
      if (isStopping || performance.now() - renewedAt > leaseMs) await connection.close();
      else held.set(shardId, { connection, renewedAt, saved: JSON.stringify(lease) });
    } catch (err) {
      o.log.error({ err, shardId }, 'shard could not be opened; it is tried again');
    } finally {
      opening.delete(shardId);
    }
  };
  const openAll = (leases: readonly ShardSession[], startedAt: number): void => {
    for (const lease of leases) {
      taken.add(lease.shardId);
      if (!isStopping) opening.set(lease.shardId, open(lease, startedAt));
    }
  };

  /** A predecessor that was killed on this host: nobody needs to wait for the lease of the dead. */
  const releaseDead = async (wanted: readonly number[]): Promise<boolean> => {
    const owned = (await listShards(db, botId)).filter(({ shardId }) => wanted.includes(shardId));
    const dead = new Set(owned.flatMap((shard) => (shard.owner && isDead(shard.owner) ? [shard.owner] : [])));
    for (const one of dead) {
      o.log.warn({ owner: one }, 'shards of a dead process taken over');
      await releaseShards(db, { botId, owner: one });
    }
    return dead.size > 0;
  };

  const acquire = async (): Promise<void> => {
    const startedAt = performance.now();
    const missing = (): number[] => o.shardIds.filter((id) => !held.has(id) && !opening.has(id) && !leaving.has(id));
    const take = async (): Promise<void> =>
      openAll(await acquireShards(db, { botId, total, owner, shardIds: missing(), leaseMs }), startedAt);
    if (missing().length === 0) return;
    await take();
    if (missing().length === 0) return;
    const stored = await readShardTotal(db, botId);
    if (stored !== total) return o.onOtherTotal(stored);
    if (await releaseDead(missing())) await take();
    await wantShards(db, { botId, owner, shardIds: missing(), leaseMs });
  };

  /** Takes some of what nobody serves; a quarter at a time, so that all who have room share it. */
  const adopt = async (): Promise<void> => {
    const abandoned = await countAbandoned(db, { botId, graceMs });
    metrics.shardsAbandoned.set(abandoned);
    const serving = [...held.keys(), ...opening.keys(), ...leaving.keys()];
    const room = o.room - serving.filter((id) => !belongsHere.has(id)).length;
    const limit = Math.min(room, Math.ceil(abandoned / 4));
    if (limit <= 0) return;
    const startedAt = performance.now();
    const adopted = await adoptShards(db, { botId, total, owner, graceMs, leaseMs, limit });
    if (adopted.length === 0) return;
    metrics.shardLeases.inc({ what: 'adopted' }, adopted.length);
    o.log.warn({ shardIds: adopted.map(({ shardId }) => shardId) }, 'shards that nobody served are served here now');
    openAll(adopted, startedAt);
  };

  const expire = (): void => {
    // Two rounds before the row says so itself, by a clock that nobody can turn.
    const latestAt = performance.now() - leaseMs + 2 * o.everyMs;
    for (const [shardId, shard] of held) if (shard.renewedAt < latestAt) lose(shardId, 'late');
  };

  const tend = takeTurns(async () => {
    clearTimeout(timer);
    if (isStopping) return;
    try {
      await renew();
      await acquire();
      await adopt();
      await save();
    } catch (err) {
      o.log.warn({ err }, 'leases of shards could not be tended');
    }
    expire();
    count();
    if (!isStopping) timer = setTimeout(() => void tend(), o.everyMs); // does not reject
  });
  // A statement that hangs must not keep expiry from being noticed.
  const watch = setInterval(expire, o.everyMs);
  void tend(); // does not reject

  return {
    save: () =>
      save().catch((err: unknown) => o.log.warn({ err }, 'sessions could not be stored; they are again soon')),
    look: () => void tend(), // does not reject
    get ready() {
      return readyIds().filter((id) => belongsHere.has(id)).length;
    },
    get adopted() {
      return [...held.keys()].filter((id) => !belongsHere.has(id)).length;
    },
    async stop(drain) {
      isStopping = true;
      clearTimeout(timer);
      clearInterval(watch);
      // A database that is silent must not keep the connections from being closed in order.
      const underWay = Promise.all([tend(), ...opening.values(), ...[...leaving.values()].map(({ done }) => done)]);
      await Promise.race([underWay, waitMs(o.everyMs)]);
      await Promise.all([...held.values()].map(({ connection }) => connection.close()));
      await drain();
      try {
        await save();
        await releaseShards(db, { botId, owner, shardIds: [...taken].filter((id) => !opening.has(id)) });
      } catch (err) {
        o.log.error({ err }, 'shards could not be released; their leases run out by themselves');
      }
      held.clear();
      count();
    },
  };
}
