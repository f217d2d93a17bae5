import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Operational metrics, declared once. No label has unbounded values: never a guild, a person or a channel. */
export const registry = new Registry();
collectDefaultMetrics({ register: registry });

const registers = [registry];
const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Every operational metric of every process. */
export const metrics = {
  gatewayDispatches: new Counter({
    name: 'docket_gateway_dispatches_total',
    help: 'Gateway dispatches by event',
    labelNames: ['event'],
    registers,
  }),
  gatewaySessions: new Counter({
    name: 'docket_gateway_sessions_total',
    help: 'Sessions by how they began',
    labelNames: ['how'],
    registers,
  }),
  shards: new Gauge({ name: 'docket_shards', help: 'Shards by state', labelNames: ['state'], registers }),
  shardsAbandoned: new Gauge({
    name: 'docket_shards_abandoned',
    help: 'Shards of the bot that nobody has served for longer than lease and grace',
    aggregator: 'max',
    registers,
  }),
  shardLeases: new Counter({
    name: 'docket_shard_leases_total',
    help: 'Leases of shards by what became of them',
    labelNames: ['what'],
    registers,
  }),
  identifyBudget: new Gauge({
    name: 'docket_gateway_identify_budget',
    help: 'IDENTIFYs that Discord allows: total, remaining, and seconds until all are allowed again',
    labelNames: ['of'],
    aggregator: 'min',
    registers,
  }),
  gatewayHeartbeat: new Histogram({
    name: 'docket_gateway_heartbeat_seconds',
    help: 'Gateway heartbeat to its acknowledgement',
    buckets: seconds,
    registers,
  }),
  gatewayUnfinished: new Gauge({
    name: 'docket_gateway_unfinished_dispatches',
    help: 'Dispatches received but not finished: how far the durable sequence is behind',
    registers,
  }),
  messagesRecorded: new Counter({ name: 'docket_messages_recorded_total', help: 'Ticket messages stored', registers }),
  interactionAck: new Histogram({
    name: 'docket_interaction_ack_seconds',
    help: 'Receipt to acknowledgement',
    buckets: seconds,
    registers,
  }),
  interactions: new Counter({
    name: 'docket_interactions_total',
    help: 'Interactions by outcome',
    labelNames: ['outcome'],
    registers,
  }),
  interactionRequests: new Counter({
    name: 'docket_interaction_requests_total',
    help: 'Requests to /interactions by result',
    labelNames: ['result'],
    registers,
  }),
  restRequests: new Counter({
    name: 'docket_discord_requests_total',
    help: 'Requests to Discord by status class',
    labelNames: ['status'],
    registers,
  }),
  restLimited: new Counter({
    name: 'docket_discord_rate_limited_total',
    help: '429 answers by route and scope',
    labelNames: ['route', 'scope'],
    registers,
  }),
  restWait: new Histogram({
    name: 'docket_discord_wait_seconds',
    help: 'How long requests waited for the limit that all processes share',
    labelNames: ['priority'],
    buckets: seconds,
    registers,
  }),
  restPutOff: new Counter({
    name: 'docket_discord_put_off_total',
    help: 'Requests that would have waited longer than 3 s, by why',
    labelNames: ['priority', 'reason'],
    registers,
  }),
  restBreaker: new Gauge({
    name: 'docket_discord_breaker_open',
    help: '1 while Discord is asked nothing because too many requests were refused',
    registers,
  }),
  objectSeconds: new Histogram({
    name: 'docket_object_store_seconds',
    help: 'Requests to the object store by operation and outcome, retries included',
    labelNames: ['operation', 'outcome'],
    buckets: seconds,
    registers,
  }),
  attachments: new Counter({
    name: 'docket_attachments_total',
    help: 'Files of messages by what became of them and why',
    labelNames: ['state', 'reason'],
    registers,
  }),
  effects: new Counter({
    name: 'docket_effects_total',
    help: 'Steps of the reconciler by name and outcome',
    labelNames: ['step', 'outcome'],
    registers,
  }),
  jobsDue: new Gauge({
    name: 'docket_jobs_due',
    help: 'Jobs of the whole fleet that a worker could start now; each worker tells the same number',
    registers,
  }),
  outboxDepth: new Gauge({ name: 'docket_outbox_rows', help: 'Rows waiting in the outbox', registers }),
  ingestRows: new Counter({
    name: 'docket_ingest_rows_total',
    help: 'Rows by result',
    labelNames: ['result'],
    registers,
  }),
  ingestSeconds: new Histogram({
    name: 'docket_ingest_step_seconds',
    help: 'Ingest steps',
    labelNames: ['step'],
    buckets: seconds,
    registers,
  }),
  eventLag: new Gauge({
    name: 'docket_event_lag_seconds',
    help: 'Age of the newest ingested row when it was inserted',
    registers,
  }),
  kafkaProduced: new Counter({
    name: 'docket_kafka_produced_total',
    help: 'Messages that Kafka acknowledged',
    registers,
  }),
  kafkaConsumed: new Counter({
    name: 'docket_kafka_consumed_total',
    help: 'Messages read, stored and committed',
    registers,
  }),
  kafkaLag: new Gauge({
    name: 'docket_kafka_lag_messages',
    help: 'Messages of the whole topic not yet in ClickHouse; every ingest tells the same',
    registers,
  }),
  kafkaUp: new Gauge({
    name: 'docket_kafka_up',
    help: '1 while this process sends to Kafka (drain) or is a member of the group that reads (ingest)',
    labelNames: ['part'],
    registers,
  }),
  kafkaFailures: new Counter({
    name: 'docket_kafka_failures_total',
    help: 'Batches that Kafka did not take (drain), and ends of a reader (ingest)',
    labelNames: ['part'],
    registers,
  }),
  kafkaRebalances: new Counter({
    name: 'docket_kafka_rebalances_total',
    help: 'Times the partitions were dealt anew',
    registers,
  }),
  httpRequests: new Histogram({
    name: 'docket_http_request_seconds',
    help: 'API requests',
    labelNames: ['method', 'route', 'status'],
    buckets: seconds,
    registers,
  }),
  streams: new Gauge({ name: 'docket_streams', help: 'Open event streams', registers }),
};

/** Adds the samples of every value that a label can have. */
const fromZero = (counter: Counter<string>, samples: readonly Record<string, string>[]): void => {
  for (const labels of samples) counter.inc(labels, 0);
};
const each = (label: string, values: string): Record<string, string>[] =>
  values.split(' ').map((value) => ({ [label]: value }));

// A counter without a sample has no rate, and its first step is not seen as one: what has few labels begins at 0, so that a healthy process answers too.
fromZero(metrics.gatewaySessions, each('how', 'identified resumed lost'));
fromZero(metrics.shardLeases, each('what', 'handed-over adopted lost-taken lost-late'));
fromZero(metrics.interactions, each('outcome', 'done unheard refused failed expired stale too-old ignored'));
fromZero(
  metrics.interactionRequests,
  each('result', 'taken ping unknown-path malformed bad-signature stale replay unanswered'),
);
fromZero(metrics.restRequests, each('status', '2xx 3xx 4xx 5xx'));
fromZero(
  metrics.restLimited,
  each('scope', 'user shared global').map((scope) => ({ route: 'none', ...scope })),
);
fromZero(
  metrics.restPutOff,
  each('priority', 'tickets gap-fill panels').flatMap((one) =>
    each('reason', 'limit breaker').map((why) => ({ ...one, ...why })),
  ),
);
fromZero(metrics.attachments, [{ state: 'stored', reason: 'none' }]);
fromZero(metrics.ingestRows, each('result', 'ok drop dead'));
fromZero(metrics.kafkaFailures, each('part', 'drain ingest'));
