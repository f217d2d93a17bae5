import { promisify } from 'node:util';
import zlib from 'node:zlib';
// TRICKY: Node finds only some of its names, so values are taken from the whole.
import kafkajs, { type Kafka, type KafkaConfig, type SASLOptions } from 'kafkajs';
import type { Log } from '#runtime/log.ts';

/** A cluster of Kafka, and the topic in it that is Docket's. */
export type KafkaPlace = {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly topic: string;
  readonly tls: boolean;
  /** Certificates (PEM) that sign the brokers', besides those that Node knows. */
  readonly ca?: string;
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
};

/** The consumer group that carries a topic into ClickHouse. */
export const groupOf = (topic: string): string => `${topic}.ingest`;

// Rows are JSON and repeat their columns’ names: packed in forties they take a ninth of the room (622 bytes each, measured). kafkajs brings gzip alone.
const compress = promisify(zlib.zstdCompress);
const decompress = promisify(zlib.zstdDecompress);
kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = () => ({
  compress: ({ buffer }: { buffer: Buffer }) => compress(buffer),
  decompress: (buffer: Buffer) => decompress(buffer),
});

/**
 * Names a cluster to kafkajs; nothing is connected. A request is given up after 10 s; one call of the client tries for about 10 s, then its
 * caller hears of it. What kafkajs says itself is logged as `debug`: whoever calls logs what became of the call.
 */
export function createKafka(place: KafkaPlace, log: Log): Kafka {
  const ssl: KafkaConfig['ssl'] = place.ca === undefined ? place.tls : { ca: [place.ca] };
  return new kafkajs.Kafka({
    clientId: place.clientId,
    brokers: [...place.brokers],
    ssl,
    ...(place.sasl && { sasl: { ...place.sasl } as SASLOptions }), // a copy: kafkajs keeps what it makes of it inside
    connectionTimeout: 5_000,
    authenticationTimeout: 5_000,
    requestTimeout: 10_000,
    retry: { retries: 5, initialRetryTime: 300, maxRetryTime: 5_000 },
    logLevel: kafkajs.logLevel.WARN,
    logCreator:
      () =>
      ({ log: { message, error, broker, groupId, topic } }) =>
        log.debug({ kafka: message, error, broker, groupId, topic }, 'kafka client'),
  });
}
