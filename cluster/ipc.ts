import type { MetricObjectWithValues, MetricValue } from 'prom-client';

/** How a cluster does. */
export type ClusterStats = { wanted: number; ready: number };

/** Metrics as prom-client hands them from process to process. */
export type MetricValues = MetricObjectWithValues<MetricValue<string>>[];

/** What a supervisor sends to a cluster; `docket` tells our messages from the library's. */
export type ToChild = { docket: 'ping' } | { docket: 'metrics'; request: number };

/** What a cluster sends to its supervisor. */
export type FromChild =
  | { docket: 'pong'; stats: ClusterStats }
  | { docket: 'metrics'; request: number; values: MetricValues };
