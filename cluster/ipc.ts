import type { MetricObjectWithValues, MetricValue } from 'prom-client';

/** How a cluster does. */
export type ClusterStats = { wanted: number; ready: number };

/** What a pod's clusters hear from Postgres, by the one connection of their supervisor. */
export const channels = {
  /** Somebody let go of a shard, or wants one. */
  shards: 'docket_shards',
  /** A panel of the server that the payload names has changed. */
  panels: 'docket_panels',
  /** In the server that the payload names another channel opens tickets, or another message shows panels. */
  places: 'docket_places',
} as const;

/** Metrics as prom-client hands them from process to process. */
export type MetricValues = MetricObjectWithValues<MetricValue<string>>[];

/** What a supervisor sends to a cluster; `docket` tells our messages from the library's. */
export type ToChild =
  | { docket: 'ping' }
  | { docket: 'metrics'; request: number }
  | { docket: 'notified'; channel: string; payload: string }
  /** The listening connection was away: what was said meanwhile is unknown. */
  | { docket: 'missed' };

/** What a cluster sends to its supervisor. */
export type FromChild =
  | { docket: 'pong'; stats: ClusterStats }
  | { docket: 'metrics'; request: number; values: MetricValues };
