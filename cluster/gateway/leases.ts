import type { Log } from '#runtime/log.ts';
import type { Db } from '#runtime/postgres.ts';
import { waitMs } from '#runtime/retry.ts';
import { metrics } from '#runtime/telemetry.ts';
import {
  acquireShards,
  listShards,
  releaseShards,
  renewShards,
  type ShardSession,
  saveSessions,
} from '#tickets/store/fleet/shard.ts';
import type { Connection, Session } from './connection.ts';
import { isDead } from './owner.ts';

export type LeaseOptions = {
  db: Db;
  log: Log;
  botId: string;
  /** This process among all owners (owner.ts). */
  owner: string;
  shardIds: readonly number[];
  /** Opens a shard that is now ours. */
  open: (shardId: number, session: Session | null) => Promise<Connection>;
  /** How long a shard stays ours when nothing is heard from us. */
  leaseMs?: number;
  /** How often leases are renewed and sessions stored. */
  everyMs?: number;
};

export type Leases = {
  /** Stores the sessions now: after each batch, and when a session begins. Calls that come together become one. */
  save(): Promise<void>;
  readonly ready: number;
  /** Closes every shard, lets `drain` finish what they brought, stores the sessions and lets go. */
  stop(drain: () => Promise<void>): Promise<void>;
};

/** What is stored of a shard. */
const stored = (shardId: number, session: Session | null): ShardSession => ({
  shardId,
  sessionId: session?.sessionId ?? null,
  resumeUrl: session?.resumeUrl ?? null,
  sequence: session?.sequence ?? null,
});

/**
 * Keeps shards: takes those of `shardIds` that are free, opens them, renews their leases, stores their sessions. A lease that turns out to
 * be somebody else's, or that could not be renewed in time, closes its shard at once: two sessions of one shard never serve together.
 */
export function holdShards(o: LeaseOptions): Leases {
  const leaseMs = o.leaseMs ?? 30_000;
  const everyMs = o.everyMs ?? 2_000;
  const held = new Map<number, { connection: Connection; renewedAt: number; saved: string }>();
  const opening = new Map<number, Promise<void>>();
  const { botId, owner } = o;
  let isStopping = false;
  let timer: NodeJS.Timeout | undefined;
  let saving: Promise<void> | undefined;
  let saveAgain = false;

  const count = (): void => {
    const ready = [...held.values()].filter(({ connection }) => connection.isReady).length;
    metrics.shards.set({ state: 'ready' }, ready);
    metrics.shards.set({ state: 'connecting' }, held.size - ready);
    metrics.shards.set({ state: 'waiting' }, o.shardIds.length - held.size);
  };

  const lose = (shardId: number, why: string): void => {
    const shard = held.get(shardId);
    if (!shard) return;
    held.delete(shardId);
    o.log.error({ shardId, why }, 'lease lost; shard closed');
    void shard.connection.close(); // never rejects; whoever owns the shard now must not wait for it
  };

  const write = async (): Promise<void> => {
    const changed = [...held].flatMap(([shardId, shard]) => {
      const row = stored(shardId, shard.connection.session());
      return JSON.stringify(row) === shard.saved ? [] : [{ shard, row }];
    });
    if (changed.length === 0) return;
    const ours = new Set(await saveSessions(o.db, { botId, owner, sessions: changed.map(({ row }) => row) }));
    for (const { shard, row } of changed) {
      if (ours.has(row.shardId)) shard.saved = JSON.stringify(row);
      else if (held.get(row.shardId) === shard) lose(row.shardId, 'its row belongs to another');
    }
  };

  const save = async (): Promise<void> => {
    if (saving) {
      saveAgain = true;
      return saving;
    }
    saving = (async () => {
      do {
        saveAgain = false;
        await write();
      } while (saveAgain);
    })().finally(() => {
      saving = undefined;
    });
    return saving;
  };

  const renew = async (): Promise<void> => {
    const shardIds = [...held.keys()];
    if (shardIds.length === 0) return;
    const startedAt = performance.now();
    const ours = new Set(await renewShards(o.db, { botId, owner, shardIds, leaseMs }));
    for (const shardId of shardIds) {
      const shard = held.get(shardId);
      if (!shard) continue;
      if (ours.has(shardId)) shard.renewedAt = startedAt;
      else lose(shardId, 'another owner took it');
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

  const acquire = async (): Promise<void> => {
    const wanted = o.shardIds.filter((id) => !held.has(id) && !opening.has(id));
    if (wanted.length === 0 || isStopping) return;
    const startedAt = performance.now();
    let leases = await acquireShards(o.db, { botId, owner, shardIds: wanted, leaseMs });
    if (leases.length < wanted.length) {
      // A predecessor that was killed on this host holds the rest: nobody needs to wait for the lease of the dead.
      const owned = (await listShards(o.db, botId)).filter(({ shardId }) => wanted.includes(shardId));
      const dead = new Set(owned.flatMap((shard) => (shard.owner && isDead(shard.owner) ? [shard.owner] : [])));
      for (const one of dead) {
        o.log.warn({ owner: one }, 'shards of a dead process taken over');
        await releaseShards(o.db, { botId, owner: one, shardIds: wanted });
      }
      const rest = wanted.filter((id) => !leases.some((lease) => lease.shardId === id));
      if (dead.size > 0) {
        leases = [...leases, ...(await acquireShards(o.db, { botId, owner, shardIds: rest, leaseMs }))];
      }
    }
    for (const lease of leases) opening.set(lease.shardId, open(lease, startedAt));
  };

  const expire = (): void => {
    // Two rounds before the row says so itself, by a clock that nobody can turn.
    const latestAt = performance.now() - leaseMs + 2 * everyMs;
    for (const [shardId, shard] of held)
      if (shard.renewedAt < latestAt) lose(shardId, 'it could not be renewed in time');
  };

  const tend = async (): Promise<void> => {
    try {
      await renew();
      await acquire();
      await save();
    } catch (err) {
      o.log.warn({ err }, 'leases of shards could not be tended');
    }
    expire();
    count();
    if (!isStopping) timer = setTimeout(() => void (tending = tend()), everyMs); // tend() never rejects
  };
  // A statement that hangs must not keep expiry from being noticed.
  const watch = setInterval(expire, everyMs);
  let tending = tend();

  return {
    save: () =>
      save().catch((err: unknown) => o.log.warn({ err }, 'sessions could not be stored; they are again soon')),
    get ready() {
      return [...held.values()].filter(({ connection }) => connection.isReady).length;
    },
    async stop(drain) {
      isStopping = true;
      clearTimeout(timer);
      clearInterval(watch);
      // A database that is silent must not keep the connections from being closed in order.
      await Promise.race([Promise.all([tending, ...opening.values()]), waitMs(everyMs)]);
      await Promise.all([...held.values()].map(({ connection }) => connection.close()));
      await drain();
      try {
        await save();
        await releaseShards(o.db, { botId, owner, shardIds: [...held.keys()] });
      } catch (err) {
        o.log.error({ err }, 'shards could not be released; their leases run out by themselves');
      }
      held.clear();
      count();
    },
  };
}
