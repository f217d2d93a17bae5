import type { Kafka } from 'kafkajs';
import type { Log } from '#runtime/log.ts';
import { retry } from '#runtime/retry.ts';
import { metrics } from '#runtime/telemetry.ts';
import type { Ingest } from '../ingest/ingest.ts';
import { startReader } from './consume.ts';
import { startDrain } from './drain.ts';
import { createKafka, type KafkaPlace } from './kafka.ts';
import { createSender } from './produce.ts';
import { watchProgress } from './progress.ts';
import { declareTopic, TopicRefused, type TopicSettings, withAdmin } from './topic.ts';

/** The way from the outbox through Kafka into ClickHouse, or one half of it. */
export type KafkaLog = {
  /** Throws with the reason while a half does not work. */
  check(): void;
  stop(): Promise<void>;
};

type Options = {
  place: KafkaPlace;
  settings: TopicSettings;
  log: Log;
  /** The half that takes the outbox to Kafka. */
  drain?: { url: string; batch?: number; intervalMs?: number };
  /** The half that takes Kafka to ClickHouse. */
  ingest?: Ingest;
  /** The topic is not as configured: nothing was started, and nothing will be. */
  onRefused: (refused: TopicRefused) => void;
};

type Half = { check(): void; stop(): Promise<void> };

/** Starts the halves as soon as a broker answers and the topic is as it should be; returns at once. Kafka away is waited for as long as it takes. */
export function startKafkaLog(o: Options): KafkaLog {
  const stopping = new AbortController();
  const kafka = createKafka(o.place, o.log);
  let halves: Half[] = [];
  let waitsFor: Error | undefined = new Error('not connected yet');
  for (const part of ['drain', 'ingest'] as const) if (o[part]) metrics.kafkaUp.set({ part }, 0);

  const open = async (): Promise<void> => {
    try {
      await untilDeclared(o, kafka, stopping.signal, (error) => (waitsFor = error));
      waitsFor = undefined;
      halves = startHalves(o, kafka);
    } catch (error) {
      if (stopping.signal.aborted) return;
      waitsFor = error as Error;
      o.log.fatal({ err: error }, 'kafka cannot be used');
      if (error instanceof TopicRefused) o.onRefused(error);
    }
  };
  const opening = open();
  return {
    check() {
      if (waitsFor) throw new Error(`Kafka: ${waitsFor.message}`);
      for (const half of halves) half.check();
    },
    async stop() {
      stopping.abort(new Error('stopping'));
      await opening;
      await Promise.all(halves.map((half) => half.stop()));
    },
  };
}

async function untilDeclared(
  { place, settings, log }: Options,
  kafka: Kafka,
  signal: AbortSignal,
  onWait: (error: Error) => void,
): Promise<void> {
  const when = (error: unknown): boolean => !(error instanceof TopicRefused);
  const onRetry = (error: unknown): void => {
    onWait(error as Error);
    log.warn({ err: error }, 'kafka does not answer');
  };
  const patience = { attempts: Number.POSITIVE_INFINITY, minMs: 500, maxMs: 10_000, signal, when, onRetry };
  const state = await retry(patience, () => withAdmin(kafka, (admin) => declareTopic(admin, place.topic, settings)));
  log.info({ topic: place.topic, ...state }, 'topic is there');
}

function startHalves({ place, settings, log, drain, ingest }: Options, kafka: Kafka): Half[] {
  const { topic } = place;
  const halves: Half[] = [];
  if (drain) {
    const sender = createSender({ kafka, topic, log });
    const draining = startDrain({ ...drain, handler: sender.handler, log });
    halves.push({
      check: sender.check,
      async stop() {
        await draining.stop();
        await sender.close();
      },
    });
  }
  if (ingest) {
    halves.push(startReader({ kafka, topic, partitions: settings.partitions, ingest, log }));
    const progress = watchProgress({ kafka, topic, log });
    halves.push({ check: () => undefined, stop: () => progress.stop() });
  }
  return halves;
}
