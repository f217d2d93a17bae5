import { readFileSync } from 'node:fs';
import type { KafkaPlace } from '#analytics/log/kafka.ts';
import type { TopicSettings } from '#analytics/log/topic.ts';
import { ConfigError, type ConfigOf, readConfig } from '#runtime/config.ts';
import type { RunFile } from '#runtime/embedded/run-file.ts';
import { kafka } from './variables.ts';

/** A Kafka to use, and what is wanted of the topic in it. */
export type KafkaChoice = { readonly place: KafkaPlace; readonly settings: TopicSettings };
type Config = ConfigOf<typeof kafka>;

const brokerAddress = /^[^\s,:]+:\d{1,5}$/;
const hourMs = 3_600_000;

/** What the KAFKA_ variables mean; null without KAFKA_BROKERS. Throws ConfigError with everything that does not go together. */
export function kafkaOf(config: Config): KafkaChoice | null {
  if (config.KAFKA_BROKERS === undefined) return null;
  const brokers = config.KAFKA_BROKERS.split(',').map((one) => one.trim());
  const problems: string[] = [];
  if (!brokers.every((one) => brokerAddress.test(one))) {
    problems.push('KAFKA_BROKERS is no list of brokers. Set it to host:port, several separated by commas.');
  }
  const { KAFKA_REPLICATION_FACTOR: copies, KAFKA_MIN_INSYNC_REPLICAS: least } = config;
  if (copies !== undefined && least !== undefined && least > copies) {
    problems.push(
      'KAFKA_MIN_INSYNC_REPLICAS is more than KAFKA_REPLICATION_FACTOR: nothing could be written. Lower it.',
    );
  }
  const sasl = saslOf(config, problems);
  const ca = caOf(config, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    place: {
      brokers,
      clientId: config.KAFKA_CLIENT_ID,
      topic: config.KAFKA_TOPIC,
      tls: config.KAFKA_TLS,
      ...(ca !== undefined && { ca }),
      ...(sasl && { sasl }),
    },
    settings: {
      partitions: config.KAFKA_PARTITIONS,
      retentionMs: config.KAFKA_RETENTION_HOURS * hourMs,
      ...(copies !== undefined && { replicationFactor: copies }),
      ...(least !== undefined && { minInsyncReplicas: least }),
    },
  };
}

function saslOf(config: Config, problems: string[]): KafkaPlace['sasl'] {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = config;
  if (mechanism === 'none') {
    if (username === undefined && password === undefined) return undefined;
    problems.push('KAFKA_SASL_MECHANISM is not set, but a name or a password is. Set it, or take those away.');
    return undefined;
  }
  if (username === undefined) problems.push('KAFKA_SASL_USERNAME is not set, but KAFKA_SASL_MECHANISM is. Set both.');
  if (password === undefined) problems.push('KAFKA_SASL_PASSWORD is not set, but KAFKA_SASL_MECHANISM is. Set both.');
  return { mechanism, username: username ?? '', password: password ?? '' };
}

function caOf({ KAFKA_TLS: tls, KAFKA_TLS_CA: file }: Config, problems: string[]): string | undefined {
  if (file === undefined) return undefined;
  if (!tls) problems.push('KAFKA_TLS_CA is set, but KAFKA_TLS is not true. Set KAFKA_TLS=true, or take it away.');
  try {
    return readFileSync(file, 'utf8');
  } catch {
    problems.push('KAFKA_TLS_CA names a file that cannot be read. Set it to a file of certificates in PEM.');
    return undefined;
  }
}

/** As kafkaOf; what the environment leaves open is that of the Docket that runs beside, unless another Postgres, and so another log, is named. */
export function kafkaBeside(
  config: Config & { DATABASE_URL: string | undefined },
  running: RunFile | undefined,
): KafkaChoice | null {
  const isOwn = config.KAFKA_BROKERS !== undefined || config.DATABASE_URL !== undefined;
  return kafkaOf(isOwn ? config : readConfig(kafka, running?.kafka ?? {}));
}

/** The KAFKA_ variables of a configuration as texts, for processes that are told where this one stands. */
export function kafkaTexts(config: Config): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).flatMap(([name, value]) =>
      name.startsWith('KAFKA_') && value !== undefined ? [[name, String(value)]] : [],
    ),
  );
}
