import type { Admin, Kafka } from 'kafkajs';
import type { Log } from '#runtime/log.ts';
import { waitMs } from '#runtime/retry.ts';
import { metrics } from '#runtime/telemetry.ts';
import { groupOf } from './kafka.ts';
import { withAdmin } from './topic.ts';

/** Offsets by partition; a message's is at least 0. */
type Offsets = ReadonlyMap<number, bigint>;

/** How far the group that reads has come. */
export type Progress = {
  /** The ends of the partitions: the offset of the next message. */
  readonly ends: Offsets;
  /** Messages below the ends that are not known to be in ClickHouse. */
  readonly behind: number;
  /** Messages that were deleted before they were read. */
  readonly expired: number;
};

/**
 * Reads how far the group has come. `upTo`: the ends that count, as an earlier call told them; without, those of now.
 * A partition of which nothing was ever committed is read from its beginning.
 */
export async function readProgress(admin: Admin, topic: string, upTo?: Offsets): Promise<Progress> {
  // The commits first: an end that is read later can only be further.
  const [group] = await admin.fetchOffsets({ groupId: groupOf(topic), topics: [topic] });
  const committed = new Map(group?.partitions.map((one) => [one.partition, BigInt(one.offset)]));
  const ends = new Map<number, bigint>();
  let behind = 0n;
  let expired = 0n;
  for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
    const end = upTo ? (upTo.get(partition) ?? 0n) : BigInt(high);
    const oldest = BigInt(low);
    const next = committed.get(partition) ?? -1n;
    ends.set(partition, end);
    if (next >= 0n && next < oldest) expired += oldest - next;
    const from = next > oldest ? next : oldest;
    if (end > from) behind += end - from;
  }
  return { ends, behind: Number(behind), expired: Number(expired) };
}

const everyMs = 10_000;

/** Keeps the metric of the group's lag until stopped; says when messages were deleted before anybody read them. */
export function watchProgress(o: { kafka: Kafka; topic: string; log: Log }): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await withAdmin(o.kafka, async (admin) => {
        while (!signal.aborted) {
          const { behind, expired } = await readProgress(admin, o.topic);
          metrics.kafkaLag.set(behind);
          if (expired > 0) {
            o.log.error({ messages: expired }, 'kafka deleted messages before they were read: run rebuild and verify');
          }
          await waitMs(everyMs, signal);
        }
      }).catch((err: unknown) => {
        if (!signal.aborted) o.log.info({ err }, 'lag could not be read'); // whoever sends and reads says that Kafka is away
      });
      await waitMs(everyMs, signal).catch(() => undefined); // only the signal ends it
    }
  };
  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
