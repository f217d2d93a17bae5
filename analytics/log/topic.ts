import kafkajs, { type Admin, type Kafka } from 'kafkajs';

/** What Docket wants of its topic. */
export type TopicSettings = {
  readonly partitions: number;
  /** Copies of each message; default 3, or as many as there are brokers. */
  readonly replicationFactor?: number;
  /** Copies that must be written before a message counts; default 2 of 3, else 1. */
  readonly minInsyncReplicas?: number;
  readonly retentionMs: number;
};

/** A topic as its cluster has it. */
export type TopicState = {
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly minInsyncReplicas: number;
  /** -1: for ever. */
  readonly retentionMs: number;
  readonly compression: string;
};

/** The topic is there, but not as this configuration wants it. The message says how to mend it. */
export class TopicRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TopicRefused';
  }
}

/** Runs `work` with a connection that administers the cluster. */
export async function withAdmin<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Reads a topic; null when there is none. */
export async function readTopic(admin: Admin, topic: string): Promise<TopicState | null> {
  if (!(await admin.listTopics()).includes(topic)) return null;
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const partitions = topics[0]?.partitions ?? [];
  const names = ['min.insync.replicas', 'retention.ms', 'compression.type'];
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: names }],
  });
  const entries = new Map(resources[0]?.configEntries.map((one) => [one.configName, one.configValue]));
  return {
    partitions: partitions.length,
    replicationFactor: Math.min(...partitions.map((one) => one.replicas.length)),
    minInsyncReplicas: Number(entries.get('min.insync.replicas') ?? 1),
    retentionMs: Number(entries.get('retention.ms') ?? -1),
    compression: entries.get('compression.type') ?? 'producer',
  };
}

/**
 * Makes the topic when there is none, and checks one that is there. Throws TopicRefused when its number of partitions is another: which
 * partition a ticket is in follows from it. Copies and retention of a topic that is there are its owner's.
 */
export async function declareTopic(admin: Admin, topic: string, wanted: TopicSettings): Promise<TopicState> {
  const before = await readTopic(admin, topic);
  if (!before) await createTopic(admin, topic, wanted);
  const state = before ?? (await readTopic(admin, topic));
  if (!state) throw new Error(`topic ${topic} was made, but is not listed yet`);
  if (state.partitions !== wanted.partitions) throw new TopicRefused(refusalOf(topic, state.partitions, wanted));
  return state;
}

async function createTopic(admin: Admin, topic: string, wanted: TopicSettings): Promise<void> {
  const { brokers } = await admin.describeCluster();
  const replicationFactor = wanted.replicationFactor ?? Math.min(3, brokers.length);
  const minInsyncReplicas = wanted.minInsyncReplicas ?? (replicationFactor >= 3 ? 2 : 1);
  // False when another process made it at the same moment.
  await admin.createTopics({
    waitForLeaders: true,
    topics: [
      {
        topic,
        numPartitions: wanted.partitions,
        replicationFactor,
        configEntries: [
          { name: 'min.insync.replicas', value: String(minInsyncReplicas) },
          { name: 'retention.ms', value: String(wanted.retentionMs) },
          // As it was sent: a broker that packs it anew may choose a form that kafkajs cannot read (lz4, snappy).
          { name: 'compression.type', value: 'producer' },
        ],
      },
    ],
  });
}

/** Why a topic with `found` partitions is not used, and what to do. */
export function refusalOf(topic: string, found: number, { partitions }: TopicSettings): string {
  const is = `KAFKA_PARTITIONS is ${partitions}, but the topic ${topic} has ${found} partitions.`;
  const keep = `Set KAFKA_PARTITIONS=${found} to keep it so`;
  if (found > partitions) return `${is} ${keep}: partitions can be added, never taken away.`;
  const alter = `kafka-topics.sh --alter --topic ${topic} --partitions ${partitions}`;
  return `${is} ${keep}, or add partitions as docs/kafka.md says: ${alter}`;
}
