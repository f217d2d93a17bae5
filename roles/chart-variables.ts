import type { Variable } from '#runtime/config.ts';
import { stopWithinMs } from '#runtime/stop.ts';
import { variables as analytics } from './analytics.ts';
import { variables as api } from './api.ts';
import { variables as cluster } from './cluster.ts';
import { variables as interactions } from './interactions.ts';
import { variables as migrate } from './migrate.ts';
import { variables as register } from './register.ts';
import { variables as shards } from './shards.ts';
import { CLICKHOUSE_URL, DATABASE_URL, INTERACTIONS } from './variables.ts';
import { variables as worker } from './worker.ts';

type Spec = Readonly<Record<string, Variable<unknown>>>;

/** The chart's roles and what they read. The chart needs to know, for no pod is told what it has no use for. */
const byRole: Readonly<Record<string, Spec>> = {
  cluster: { ...shards, ...cluster },
  interactions,
  worker,
  drain: analytics,
  ingest: analytics,
  api: { ...api, INTERACTIONS }, // doctor is run in its pods
  migrate: { DATABASE_URL, CLICKHOUSE_URL, ...migrate },
  register,
};

/** Declared variables that no value of the chart sets, each with the reason. */
export const notByChart: Readonly<Record<string, string>> = {
  CLOCK_OFFSET_MS: 'is for tests',
  DATA_DIR: 'is /tmp: the image can be written to nowhere else',
  HEALTH_PORT: 'is 3001, and the probes look there',
  HTTP_EXTERNAL: 'is another name of PUBLIC_URL',
  INTERACTIONS_PORT: 'is read by `up` alone, which no cluster runs',
  KAFKA_TLS_CA: 'follows from kafkaCa, which mounts the file',
  POD_COUNT: 'is cluster.replicas',
  POD_NAME: 'is the pod’s name',
  PORT: 'is 3000, and service.port leads there',
};

/** Variables that compose.yaml does not take from .env though the chart does, each with the reason. */
export const notByCompose: Readonly<Record<string, string>> = {
  CLICKHOUSE_CLUSTER: 'one host runs one ClickHouse',
  CLICKHOUSE_URL: 'follows from CLICKHOUSE_PASSWORD',
  DATABASE_URL: 'follows from POSTGRES_PASSWORD',
  HOST: 'is 0.0.0.0 in a container; BIND says which address of the host leads there',
  KAFKA_BROKERS: 'is the broker beside',
  KAFKA_SASL_MECHANISM: 'the broker beside asks nobody, for nobody else reaches it',
  KAFKA_SASL_PASSWORD: 'as KAFKA_SASL_MECHANISM',
  KAFKA_SASL_USERNAME: 'as KAFKA_SASL_MECHANISM',
  KAFKA_TLS: 'as KAFKA_SASL_MECHANISM',
};

const sorted = (spec: Spec): Spec =>
  Object.fromEntries(
    Object.entries(spec)
      .filter(([name]) => !notByChart[name])
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );

// Spread in this order, for what is `optional` in one role and required in another is required.
const all: Spec = Object.assign({}, ...Object.values(byRole).toReversed());

/** What the chart lets an operator set for the processes in a cluster; bounds and words come from the variables themselves. */
export const chartVariables = {
  all: sorted(all),
  byRole: Object.fromEntries(Object.entries(byRole).map(([role, spec]) => [role, sorted(spec)])),
  stopWithinS: stopWithinMs / 1_000,
};
