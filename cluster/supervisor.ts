import type { ChildProcess } from 'node:child_process';
import { type Cluster, ClusterManager, type IPCMessage } from 'discord-hybrid-sharding';
import { AggregatorRegistry } from 'prom-client';
import type { Log } from '#runtime/log.ts';
import { registry } from '#runtime/telemetry.ts';
import type { ClusterStats, FromChild, MetricValues, ToChild } from './ipc.ts';

export type SupervisorOptions = {
  /** The file to fork (main.ts), and what it is told to be. */
  entry: string;
  args: readonly string[];
  token: string;
  totalShards: number;
  /** One list of shards per cluster. */
  clusters: readonly (readonly number[])[];
  /** Number of the first cluster, so that those of several pods differ. */
  firstClusterId?: number;
  /** Added to the environment of the clusters. */
  env?: Readonly<Record<string, string>>;
  log: Log;
  /** Clusters die faster than they may: the pod must end, so that somebody sees it. `code` is what the last one ended with. */
  onSpent: (code: number) => void;
  /** A cluster that does not answer for so long is killed; until its first answer it may take `startMs`. */
  silentMs?: number;
  startMs?: number;
  pingMs?: number;
  /** How long a cluster may take to end by itself. */
  stopMs?: number;
  /** At most so many deaths of all clusters together in this time. */
  budget?: { deaths: number; withinMs: number };
};

export type Supervisor = {
  /** Throws with the reason while not every shard is ready. */
  checkReady(): Promise<void>;
  /** Passes on to all clusters what Postgres notified. */
  tell(channel: string, payload: string): void;
  /** Tells all clusters that notifications may have been missed. */
  tellMissed(): void;
  /** The metrics of all clusters and of this process, summed. */
  metricsText(): Promise<string>;
  /** Process numbers by cluster; null while one is not running. */
  pids(): Map<number, number | null>;
  stop(): Promise<void>;
};

/** Exit code of a process whose configuration is wrong: starting it again changes nothing. */
const misconfigured = 2;
const metricsWithinMs = 2_000;

type Watched = {
  cluster: Cluster;
  process: ChildProcess | null;
  /** When it was forked, then when it answered last. */
  heardAt: number;
  hasAnswered: boolean;
  stats: ClusterStats;
};

/**
 * Forks clusters and keeps them alive. discord-hybrid-sharding gives the forking and the IPC; the supervision is ours, because the
 * library's leaves a hung cluster alive, a spent one dead in a healthy pod, and ends itself when it sends to a dead one (design.md 4).
 */
export function startSupervisor(o: SupervisorOptions): Supervisor {
  const silentMs = o.silentMs ?? 20_000;
  const startMs = o.startMs ?? 60_000;
  const budget = o.budget ?? { deaths: 5, withinMs: 60_000 };
  const watched = new Map<number, Watched>();
  const timers = new Set<NodeJS.Timeout>();
  const requests = new Map<number, (values: MetricValues) => void>();
  let deaths: number[] = [];
  let request = 0;
  let isStopping = false;

  const manager = new ClusterManager(o.entry, {
    mode: 'process',
    token: o.token,
    totalShards: o.totalShards,
    totalClusters: o.clusters.length,
    shardList: o.clusters.flat(),
    shardArgs: [...o.args],
    respawn: false, // ours, below: the library's counts per cluster and gives up silently
  });
  manager.on('error', (err: unknown) => o.log.error({ err }, 'cluster could not be forked'));

  const send = (one: Watched, message: ToChild): void => {
    if (!one.process?.connected) return;
    // The library's own send rejects where nobody listens when the cluster dies at that moment.
    one.process.send(message, (err) => {
      if (err) o.log.debug({ err, clusterId: one.cluster.id }, 'message to a cluster was lost');
    });
  };

  const later = (ms: number, work: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms);
    timers.add(timer);
  };

  const spawn = (one: Watched): void => {
    if (isStopping) return;
    // With -1 it resolves when the child is forked, and rejects only when one is running already.
    one.cluster.spawn(-1).catch((err: unknown) => o.log.error({ err }, 'cluster could not be spawned'));
  };

  const onDeath = (one: Watched, code: number | null, signal: string | null): void => {
    one.process = null;
    one.stats = { wanted: one.cluster.shardList.length, ready: 0 };
    if (isStopping) return;
    o.log.error({ clusterId: one.cluster.id, code, signal }, 'cluster died');
    const now = performance.now();
    deaths = [...deaths.filter((at) => now - at < budget.withinMs), now];
    if (code === misconfigured || deaths.length > budget.deaths) {
      o.log.fatal({ deaths: deaths.length }, 'clusters do not stay alive; giving up');
      o.onSpent(code === misconfigured ? misconfigured : 1);
      return;
    }
    // The first is replaced at once; a second in a row waits a little longer each time.
    later(Math.min(10_000, 100 * 2 ** deaths.length), () => spawn(one));
  };

  const onMessage = (one: Watched, message: Partial<FromChild>): void => {
    if (message.docket === 'pong' && message.stats) {
      one.heardAt = performance.now();
      one.hasAnswered = true;
      one.stats = message.stats;
    }
    if (message.docket === 'metrics' && message.request !== undefined && message.values) {
      requests.get(message.request)?.(message.values);
    }
  };

  o.clusters.forEach((shardIds, i) => {
    const id = (o.firstClusterId ?? 0) + i;
    const cluster = manager.createCluster(id, [...shardIds], o.totalShards);
    Object.assign(cluster.env, o.env);
    const one: Watched = {
      cluster,
      process: null,
      heardAt: 0,
      hasAnswered: false,
      stats: { wanted: shardIds.length, ready: 0 },
    };
    watched.set(id, one);
    cluster.on('error', (err: unknown) => o.log.error({ err, clusterId: id }, 'cluster failed'));
    cluster.on('message', (message) => {
      if (typeof message === 'object') onMessage(one, (message as IPCMessage).raw as Partial<FromChild>);
    });
    cluster.on('spawn', (forked) => {
      const child = forked as ChildProcess;
      one.process = child;
      one.heardAt = performance.now();
      one.hasAnswered = false;
      o.log.info({ clusterId: id, pid: child.pid, shardIds }, 'cluster forked');
      child.once('exit', (code, signal) => onDeath(one, code, signal));
    });
    spawn(one);
  });

  const pinging = setInterval(() => {
    for (const one of watched.values()) {
      if (!one.process) continue;
      if (performance.now() - one.heardAt > (one.hasAnswered ? silentMs : startMs)) {
        o.log.error({ clusterId: one.cluster.id, pid: one.process.pid }, 'cluster does not answer; killing it');
        one.process.kill('SIGKILL'); // SIGTERM would not reach a hung event loop
      } else send(one, { docket: 'ping' });
    }
  }, o.pingMs ?? 2_000);

  const metricsOf = (one: Watched): Promise<MetricValues> => {
    const number = (request += 1);
    return new Promise<MetricValues>((resolve) => {
      const timer = setTimeout(() => resolve([]), metricsWithinMs);
      requests.set(number, (values) => {
        clearTimeout(timer);
        resolve(values);
      });
      send(one, { docket: 'metrics', request: number });
    }).finally(() => requests.delete(number));
  };

  const end = (one: Watched): Promise<void> =>
    new Promise((resolve) => {
      const child = one.process;
      if (!child) return resolve();
      const timer = setTimeout(() => {
        o.log.error({ clusterId: one.cluster.id }, 'cluster did not end in time; killing it');
        child.kill('SIGKILL');
      }, o.stopMs ?? 22_000);
      child.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      child.kill('SIGTERM');
    });

  return {
    async checkReady() {
      const late = [...watched.values()].filter(({ process, stats }) => !process || stats.ready < stats.wanted);
      if (late.length === 0) return;
      const parts = late.map(({ cluster, stats }) => `cluster ${cluster.id}: ${stats.ready} of ${stats.wanted} shards`);
      throw new Error(parts.join(', '));
    },
    tell(channel, payload) {
      for (const one of watched.values()) send(one, { docket: 'notified', channel, payload });
    },
    tellMissed() {
      for (const one of watched.values()) send(one, { docket: 'missed' });
    },
    async metricsText() {
      const running = [...watched.values()].filter(({ process }) => process);
      const own = (await registry.getMetricsAsJSON()) as MetricValues;
      const all = [own, ...(await Promise.all(running.map(metricsOf)))].filter((values) => values.length > 0);
      return AggregatorRegistry.aggregate(all).metrics();
    },
    pids: () => new Map([...watched].map(([id, one]) => [id, one.process?.pid ?? null])),
    async stop() {
      isStopping = true;
      clearInterval(pinging);
      for (const timer of timers) clearTimeout(timer);
      await Promise.all([...watched.values()].map(end));
    },
  };
}
