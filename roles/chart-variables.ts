import { objectVariables } from '#runtime/objects/open.ts';
import {
  attachments,
  CLICKHOUSE_URL,
  DATABASE_URL,
  DISCORD_API_URL,
  DISCORD_CLIENT_SECRET,
  DISCORD_PUBLIC_KEY,
  DISCORD_TOKEN,
  ENCRYPTION_KEY,
  INTERACTIONS,
  INTERACTIONS_URL,
  LOG_LEVEL,
  publicAddress,
  SHARDS_PER_CLUSTER,
  TOTAL_SHARDS,
  WORKER_CONCURRENCY,
} from './variables.ts';

/** What the chart lets an operator set for the processes in a cluster; bounds and words come from the variables themselves. */
export const chartVariables = {
  PUBLIC_URL: publicAddress.PUBLIC_URL,
  DISCORD_API_URL,
  DISCORD_PUBLIC_KEY,
  INTERACTIONS,
  INTERACTIONS_URL,
  TOTAL_SHARDS,
  SHARDS_PER_CLUSTER,
  WORKER_CONCURRENCY,
  LOG_LEVEL,
  DISCORD_TOKEN,
  DISCORD_CLIENT_SECRET,
  DATABASE_URL,
  CLICKHOUSE_URL,
  ENCRYPTION_KEY,
  ...objectVariables,
  ...attachments,
};
