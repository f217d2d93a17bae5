import type { EventEmitter } from 'node:events';
import { ClusterClient, type IPCMessage } from 'discord-hybrid-sharding';
import { registry } from '#runtime/telemetry.ts';
import type { ClusterStats, FromChild, ToChild } from './ipc.ts';

/** What a forked cluster knows of itself. */
export type Child = {
  readonly id: number;
  readonly shardIds: readonly number[];
  readonly shardCount: number;
};

export type ChildOptions = {
  stats: () => ClusterStats;
  /** Postgres notified a channel (ipc.ts). */
  onNotified?: (channel: string, payload: string) => void;
  /** Notifications may have been missed: whatever they keep fresh must be dropped. */
  onMissed?: () => void;
};

/**
 * Tells a cluster which shards it serves, and answers its supervisor from now on: pings with `stats`, requests for metrics; passes on what
 * the supervisor heard from Postgres. Throws when this process was not forked by one.
 */
export function joinSupervisor(o: ChildOptions): Child {
  const { SHARD_LIST, TOTAL_SHARDS, CLUSTER } = ClusterClient.getInfo();
  // discord-hybrid-sharding accepts any object as its client; there is none here (design.md 4).
  const client: EventEmitter & Pick<ClusterClient, 'send'> = new ClusterClient({});
  // A supervisor that is gone needs no answer: 'disconnect' ends this process (runtime/stop.ts).
  const answer = (message: FromChild): void => void client.send(message)?.catch(() => undefined);
  client.on('message', (message: IPCMessage | string) => {
    const asked = (typeof message === 'string' ? {} : message.raw) as Partial<ToChild>;
    if (asked.docket === 'ping') answer({ docket: 'pong', stats: o.stats() });
    if (asked.docket === 'notified' && asked.channel !== undefined) o.onNotified?.(asked.channel, asked.payload ?? '');
    if (asked.docket === 'missed') o.onMissed?.();
    if (asked.docket === 'metrics' && asked.request !== undefined) {
      const { request } = asked;
      void registry.getMetricsAsJSON().then((values) => answer({ docket: 'metrics', request, values })); // does not reject
    }
  });
  return { id: CLUSTER, shardIds: SHARD_LIST, shardCount: TOTAL_SHARDS };
}
