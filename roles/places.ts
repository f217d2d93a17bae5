import { readRunFile } from '#runtime/embedded/run-file.ts';
import { ConfigError, readConfig } from '#runtime/config.ts';
import { type KafkaChoice, kafkaBeside } from './kafka.ts';
import { DATA_DIR, DISCORD_API_URL, kafka, LOG_LEVEL, optional } from './variables.ts';

/** Where a role that runs once finds what it works on. */
export type Places = {
  readonly databaseUrl: string;
  readonly clickhouseUrl: string;
  readonly discord: { readonly token: string; readonly apiUrl: string };
  /** Null: the outbox itself is the log. */
  readonly kafka: KafkaChoice | null;
};

const spec = {
  DATABASE_URL: optional.DATABASE_URL,
  CLICKHOUSE_URL: optional.CLICKHOUSE_URL,
  DISCORD_TOKEN: optional.DISCORD_TOKEN,
  DISCORD_API_URL,
  DATA_DIR,
  LOG_LEVEL,
  ...kafka,
};
const variables = {
  databaseUrl: 'DATABASE_URL',
  clickhouseUrl: 'CLICKHOUSE_URL',
  discord: 'DISCORD_TOKEN',
  kafka: 'KAFKA_BROKERS',
} as const;

/**
 * Reads the places that a one-shot role `needs`: from its environment, else from the Docket that runs on DATA_DIR.
 * Throws ConfigError when neither knows them.
 */
export function readPlaces<Need extends keyof Places>(needs: readonly Need[]): Pick<Places, Need> {
  const config = readConfig(spec);
  const running = readRunFile(config.DATA_DIR);
  const token = config.DISCORD_TOKEN ?? running?.discordToken;
  const apiUrl = config.DISCORD_TOKEN ? config.DISCORD_API_URL : (running?.discordApiUrl ?? config.DISCORD_API_URL);
  const found: Partial<Places> = {
    databaseUrl: config.DATABASE_URL ?? running?.databaseUrl,
    clickhouseUrl: config.CLICKHOUSE_URL ?? running?.clickhouseUrl,
    ...(token ? { discord: { token, apiUrl } } : {}),
    // Not looked at unless it is asked for: in a cluster, only who speaks to Kafka has its password.
    ...(needs.includes('kafka' as Need) && { kafka: kafkaBeside(config, running) }),
  };
  const missing = needs.filter((need) => found[need] === undefined).map((need) => variables[need]);
  if (missing.length > 0) {
    throw new ConfigError([`No Docket runs on ${config.DATA_DIR}: run npm start first, or set ${missing.join(', ')}.`]);
  }
  return found as Pick<Places, Need>;
}
