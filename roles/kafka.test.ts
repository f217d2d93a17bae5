import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ConfigError, readConfig } from '#runtime/config.ts';
import { kafkaBeside, kafkaOf, kafkaTexts } from './kafka.ts';
import { kafka } from './variables.ts';

const folder = mkdtempSync(join(tmpdir(), 'docket-kafka-'));
const ca = join(folder, 'ca.pem');
writeFileSync(ca, 'certificates');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (env: Record<string, string>) => kafkaOf(readConfig(kafka, env));
const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    read(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

test('without brokers there is no Kafka', () => expect(read({ KAFKA_TOPIC: 'x' })).toBeNull());

test('brokers alone are enough', () => {
  expect(read({ KAFKA_BROKERS: 'a:9092, b:9093' })).toEqual({
    place: { brokers: ['a:9092', 'b:9093'], clientId: 'docket', topic: 'docket.events', tls: false },
    settings: { partitions: 24, retentionMs: 604_800_000 },
  });
});

const whole = {
  KAFKA_BROKERS: 'a:9092',
  KAFKA_TOPIC: 'other',
  KAFKA_PARTITIONS: '48',
  KAFKA_REPLICATION_FACTOR: '3',
  KAFKA_MIN_INSYNC_REPLICAS: '2',
  KAFKA_RETENTION_HOURS: '24',
  KAFKA_CLIENT_ID: 'me',
  KAFKA_TLS: 'true',
  KAFKA_TLS_CA: ca,
  KAFKA_SASL_MECHANISM: 'scram-sha-512',
  KAFKA_SASL_USERNAME: 'docket',
  KAFKA_SASL_PASSWORD: 'hush',
};

test('everything can be said', () => {
  expect(read(whole)).toEqual({
    place: {
      brokers: ['a:9092'],
      clientId: 'me',
      topic: 'other',
      tls: true,
      ca: 'certificates',
      sasl: { mechanism: 'scram-sha-512', username: 'docket', password: 'hush' },
    },
    settings: { partitions: 48, retentionMs: 86_400_000, replicationFactor: 3, minInsyncReplicas: 2 },
  });
});

test.each([
  [{ KAFKA_BROKERS: 'a' }, 'KAFKA_BROKERS'],
  [{ KAFKA_BROKERS: 'a:1,,b:2' }, 'KAFKA_BROKERS'],
  [{ KAFKA_REPLICATION_FACTOR: '2', KAFKA_MIN_INSYNC_REPLICAS: '3' }, 'KAFKA_MIN_INSYNC_REPLICAS'],
  [{ KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'x' }, 'KAFKA_SASL_PASSWORD'],
  [{ KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_PASSWORD: 'x' }, 'KAFKA_SASL_USERNAME'],
  [{ KAFKA_SASL_PASSWORD: 'hush' }, 'KAFKA_SASL_MECHANISM'],
  [{ KAFKA_TLS_CA: ca }, 'KAFKA_TLS_CA'],
  [{ KAFKA_TLS: 'true', KAFKA_TLS_CA: '/nowhere/ca.pem' }, 'KAFKA_TLS_CA'],
])('%o does not go together', (env, name) => {
  const problems = problemsOf({ KAFKA_BROKERS: 'a:9092', ...env });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(new RegExp(`^${name} .+\\. .+\\.$`));
  expect(problems[0]).not.toContain('hush');
});

test('a process beside is told by texts, unless its own environment says more', () => {
  const running = {
    databaseUrl: '',
    clickhouseUrl: '',
    discordApiUrl: '',
    discordToken: '',
    web: '',
    kafka: kafkaTexts(readConfig(kafka, whole)),
  };
  const nothing = { ...readConfig(kafka, {}), DATABASE_URL: undefined };
  expect(kafkaBeside(nothing, running)).toEqual(read(whole));
  expect(kafkaBeside(nothing, undefined)).toBeNull();
  expect(kafkaBeside({ ...nothing, DATABASE_URL: 'postgres://elsewhere' }, running)).toBeNull();
});
