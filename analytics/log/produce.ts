import kafkajs, { type ICustomPartitioner, type Kafka, type Producer } from 'kafkajs';
import type { Log } from '#runtime/log.ts';
import { metrics } from '#runtime/telemetry.ts';
import type { Handler } from './drain.ts';
import { type Outgoing, toMessage } from './message.ts';

/** Takes the outbox's rows into Kafka. */
export type Sender = {
  /** The drain's handler: returns when every row is acknowledged by all replicas that must have it. */
  readonly handler: Handler;
  /** Throws while the last rows were not taken. */
  readonly check: () => void;
  close(): Promise<void>;
};

// Messages of one request that fall into one partition may weigh a megabyte there by default (message.max.bytes), compressed.
const maxRequestBytes = 900_000;
const closeWithinMs = 3_000;

/**
 * Makes the drain's Kafka handler. A rejection leaves the rows in the outbox; they come again, and may then be in the log twice.
 * Nothing is connected before the first rows.
 */
export function createSender(o: { kafka: Kafka; topic: string; log: Log }): Sender {
  let open: Promise<Connection> | undefined;
  let failure: Error | undefined;

  const handler: Handler = async (rows, signal) => {
    try {
      signal.throwIfAborted();
      open ??= connect(o.kafka);
      const connection = await unlessAborted(open, signal);
      for (const messages of chunksOf(rows.map(toMessage))) {
        await unlessAborted(send(connection, o.topic, messages), signal);
        metrics.kafkaProduced.inc(messages.length);
      }
      failure = undefined;
      metrics.kafkaUp.set({ part: 'drain' }, 1);
    } catch (error) {
      // Its sequence numbers may be taken by rows that the broker did store: another batch under the same numbers would pass for a repetition
      // and be dropped. A new producer has numbers of its own.
      const broken = open;
      open = undefined;
      if (broken) void disconnect(broken, o.log); // bounded, and nobody needs its end
      if (!signal.aborted) {
        failure = error as Error;
        metrics.kafkaFailures.inc({ part: 'drain' });
        metrics.kafkaUp.set({ part: 'drain' }, 0);
      }
      throw error;
    }
  };
  return {
    handler,
    check() {
      if (failure) throw new Error(`Kafka takes no rows: ${failure.message}`);
    },
    async close() {
      if (open) await disconnect(open, o.log);
    },
  };
}

/** A producer and the partitions that the request under way goes to. */
type Connection = { readonly producer: Producer; readonly touched: Set<number> };

async function connect(kafka: Kafka): Promise<Connection> {
  const touched = new Set<number>();
  const createPartitioner: ICustomPartitioner = () => {
    const choose = kafkajs.Partitioners.DefaultPartitioner();
    return (args) => {
      const partition = choose(args);
      touched.add(partition);
      return partition;
    };
  };
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner,
    // Idempotence holds within one call; the drain repeats what is rejected.
    retry: { retries: 5, initialRetryTime: 300, maxRetryTime: 5_000 },
  });
  await producer.connect();
  return { producer, touched };
}

async function send({ producer, touched }: Connection, topic: string, messages: Outgoing[]): Promise<void> {
  touched.clear();
  const answers = await producer.send({ topic, messages, acks: -1, compression: kafkajs.CompressionTypes.ZSTD });
  const missing = unacknowledged(
    touched,
    answers.map((one) => one.partition),
  );
  if (missing.length > 0) throw new Error(`no acknowledgement of partitions ${missing.join(', ')}`);
}

/**
 * The partitions that were written to and not answered for. TRICKY: kafkajs 2.2.4 repeats a failed request by broker; when a partition moves
 * meanwhile to a broker that has answered already, its messages are left out and the call succeeds.
 */
export function unacknowledged(touched: ReadonlySet<number>, answered: readonly number[]): number[] {
  return [...touched].filter((partition) => !answered.includes(partition));
}

/** Messages in requests of at most `maxBytes`; a heavier message goes alone. */
export function* chunksOf(messages: readonly Outgoing[], maxBytes = maxRequestBytes): Generator<Outgoing[]> {
  let chunk: Outgoing[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = Buffer.byteLength(message.value) + message.key.length;
    if (chunk.length > 0 && bytes + size > maxBytes) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(message);
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}

/** Waits for `work`, or throws as soon as the signal is aborted; the work goes on without anybody who waits for it. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => undefined); // when nobody waits any more
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function disconnect(open: Promise<Connection>, log: Log): Promise<void> {
  const closing = open.then(({ producer }) => producer.disconnect());
  const late = AbortSignal.timeout(closeWithinMs);
  await unlessAborted(closing, late).catch((err: unknown) => log.debug({ err }, 'a producer could not be closed'));
}
