import { stringify } from 'yaml';
import { answers } from './api.ts';
import { limits } from './limits.ts';

/** A condition somebody has to know of. `page`: people are affected now; `ticket`: they will be, or quality suffers. */
export type Alert = {
  readonly alert: string;
  readonly expr: string;
  /** How long it must hold. */
  readonly for: string;
  readonly severity: 'page' | 'ticket';
  /** One line; may hold Prometheus' templates. */
  readonly summary: string;
};

const shareOf = (metric: string, bad: string, window: string): string =>
  `sum by (job) (rate(${metric}{${bad}}[${window}])) / sum by (job) (rate(${metric}[${window}]))`;
const p99 = (metric: string, labels = ''): string =>
  `histogram_quantile(0.99, sum by (job, le) (rate(${metric}_bucket${labels && `{${labels}}`}[5m])))`;
const percent = '{{ $value | humanizePercentage }}';
const number = '{{ $value | humanize }}';
const duration = '{{ $value | humanizeDuration }}';

const fleet: readonly Alert[] = [
  {
    alert: 'DocketAbsent',
    expr: 'absent(docket_streams)',
    for: '10m',
    severity: 'page',
    summary: 'No process of Docket is scraped.',
  },
  {
    alert: 'DocketShardsAbandoned',
    expr: 'max by (job) (docket_shards_abandoned) > 0',
    for: '5m',
    severity: 'page',
    summary: `${number} shards are served by nobody.`,
  },
  {
    alert: 'DocketShardsNotReady',
    expr: 'sum by (job) (docket_shards{state=~"connecting|waiting"}) > 0',
    for: '10m',
    severity: 'page',
    summary: `${number} shards have had no session for 10 minutes.`,
  },
  {
    alert: 'DocketIdentifyBudgetLow',
    expr: `min by (job) (docket_gateway_identify_budget{of="remaining"}) / min by (job) (docket_gateway_identify_budget{of="total"}) < ${limits.identifyShare}`,
    for: '5m',
    severity: 'page',
    summary: `Only ${percent} of the day’s IDENTIFYs are left.`,
  },
  {
    alert: 'DocketSessionsLost',
    // A few are normal; a tenth of all shards in a quarter of an hour is not.
    expr: 'sum by (job) (increase(docket_gateway_sessions_total{how="lost"}[15m])) > clamp_min(0.1 * sum by (job) (docket_shards{state="ready"}), 3)',
    for: '5m',
    severity: 'ticket',
    summary: `${number} gateway sessions were lost in 15 minutes.`,
  },
  {
    alert: 'DocketLeasesLost',
    expr: 'sum by (job) (increase(docket_shard_leases_total{what=~"lost-.*"}[15m])) > 3',
    for: '5m',
    severity: 'ticket',
    summary: `${number} shard leases were lost in 15 minutes.`,
  },
  {
    alert: 'DocketHeartbeatSlow',
    expr: `${p99('docket_gateway_heartbeat_seconds')} > ${limits.heartbeatS}`,
    for: '10m',
    severity: 'ticket',
    summary: `Heartbeats are acknowledged after ${duration} (p99).`,
  },
  {
    alert: 'DocketDispatchesUnfinished',
    expr: `sum by (job) (docket_gateway_unfinished_dispatches) > ${limits.unfinished}`,
    for: '5m',
    severity: 'ticket',
    summary: `${number} dispatches wait to be stored.`,
  },
  {
    alert: 'DocketEventLoopSlow',
    expr: `nodejs_eventloop_lag_p99_seconds > ${limits.eventLoopS} and on (job, instance) docket_streams`,
    for: '10m',
    severity: 'ticket',
    summary: `The event loop of {{ $labels.instance }} is ${duration} late (p99).`,
  },
];

const people: readonly Alert[] = [
  {
    alert: 'DocketAcksSlow',
    expr: `${p99('docket_interaction_ack_seconds')} > ${limits.ackS}`,
    for: '10m',
    severity: 'ticket',
    summary: `Interactions are acknowledged after ${duration} (p99).`,
  },
  {
    alert: 'DocketAcksLate',
    expr: `1 - sum by (job) (rate(docket_interaction_ack_seconds_bucket{le="${limits.ackLateS}"}[5m])) / sum by (job) (rate(docket_interaction_ack_seconds_count[5m])) > 0.01`,
    for: '5m',
    severity: 'page',
    summary: `${percent} of interactions are acknowledged later than 2.5 s.`,
  },
  {
    alert: 'DocketInteractionsExpired',
    expr: `${shareOf('docket_interactions_total', 'outcome="expired"', '5m')} > 0.01`,
    for: '5m',
    severity: 'page',
    summary: `${percent} of interactions had expired before they were acknowledged.`,
  },
  {
    alert: 'DocketInteractionsFailing',
    expr: `${shareOf('docket_interactions_total', 'outcome="failed"', '10m')} > ${limits.failedShare}`,
    for: '10m',
    severity: 'ticket',
    summary: `${percent} of interactions end with an unexpected error.`,
  },
  {
    alert: 'DocketInteractionRequestsUnanswered',
    expr: 'sum by (job) (rate(docket_interaction_requests_total{result="unanswered"}[5m])) > 0.05',
    for: '5m',
    severity: 'page',
    summary: `${number} requests per second to /interactions are not answered.`,
  },
  {
    alert: 'DocketApiErrors',
    expr: `${shareOf('docket_http_request_seconds_count', 'status="5xx"', '5m')} > ${limits.failedShare}`,
    for: '10m',
    severity: 'page',
    summary: `${percent} of API requests are answered 5xx.`,
  },
  {
    alert: 'DocketApiSlow',
    expr: `${p99('docket_http_request_seconds', answers)} > ${limits.apiS}`,
    for: '15m',
    severity: 'ticket',
    summary: `The API answers within ${duration} (p99).`,
  },
];

const discord: readonly Alert[] = [
  {
    alert: 'DocketBreakerOpen',
    expr: 'max by (job) (docket_discord_breaker_open) > 0',
    for: '1m',
    severity: 'page',
    summary: 'Discord is asked nothing, for it refused too many requests.',
  },
  {
    alert: 'DocketRateLimited',
    expr: `sum by (job) (rate(docket_discord_rate_limited_total{scope!="shared"}[10m])) > ${limits.limitedPerS}`,
    for: '10m',
    severity: 'ticket',
    summary: `Discord answers ${number} requests per second with 429.`,
  },
  {
    alert: 'DocketDiscordFailing',
    expr: `${shareOf('docket_discord_requests_total', 'status="5xx"', '10m')} > ${limits.refusedShare}`,
    for: '10m',
    severity: 'ticket',
    summary: `${percent} of requests to Discord are answered 5xx.`,
  },
  {
    alert: 'DocketRequestsPutOff',
    expr: 'sum by (job) (rate(docket_discord_put_off_total{reason="limit"}[10m])) > 1',
    for: '15m',
    severity: 'ticket',
    summary: `${number} requests per second find the shared limit spent.`,
  },
  {
    alert: 'DocketJobsLate',
    expr: `max by (job) (docket_jobs_due) > ${limits.jobsDue}`,
    for: '10m',
    severity: 'page',
    summary: `${number} jobs wait for a worker.`,
  },
  {
    alert: 'DocketEffectsFailing',
    expr: `${shareOf('docket_effects_total', 'outcome="failed"', '10m')} > ${limits.refusedShare}`,
    for: '10m',
    severity: 'ticket',
    summary: `${percent} of steps in Discord fail.`,
  },
  {
    alert: 'DocketObjectStoreFailing',
    expr: `${shareOf('docket_object_store_seconds_count', 'outcome="failed"', '10m')} > ${limits.refusedShare}`,
    for: '10m',
    severity: 'ticket',
    summary: `${percent} of requests to the object store fail.`,
  },
];

const pipeline: readonly Alert[] = [
  {
    alert: 'DocketOutboxGrowing',
    expr: `max by (job) (docket_outbox_rows) > ${limits.outboxRows}`,
    for: '10m',
    severity: 'ticket',
    summary: `${number} rows wait in the outbox.`,
  },
  {
    alert: 'DocketOutboxStuck',
    // Rows wait, and neither ClickHouse nor Kafka gets any.
    expr: 'max by (job) (docket_outbox_rows) > 100 and on (job) (sum by (job) (rate(docket_ingest_rows_total[10m])) + sum by (job) (rate(docket_kafka_produced_total[10m]))) == 0',
    for: '10m',
    severity: 'page',
    summary: `${number} rows wait in the outbox and none leaves it.`,
  },
  {
    alert: 'DocketKafkaAway',
    expr: 'max by (job, part) (docket_kafka_up) == 0',
    for: '5m',
    severity: 'page',
    summary: 'No process is connected to Kafka ({{ $labels.part }}).',
  },
  {
    alert: 'DocketKafkaLag',
    expr: `max by (job) (docket_kafka_lag_messages) > ${limits.lagMessages}`,
    for: '10m',
    severity: 'ticket',
    summary: `${number} messages wait in Kafka.`,
  },
  {
    alert: 'DocketFiguresLate',
    // The gauge stays where it was while nothing arrives; only a moving one tells.
    expr: `max by (job) (docket_event_lag_seconds) > ${limits.delayAlertS} and on (job) sum by (job) (rate(docket_ingest_rows_total{result="ok"}[5m])) > 0`,
    for: '10m',
    severity: 'ticket',
    summary: `Figures are ${duration} behind the tickets.`,
  },
  {
    alert: 'DocketDeadLetters',
    expr: 'sum by (job) (increase(docket_ingest_rows_total{result="dead"}[1h])) > 0',
    for: '0m',
    severity: 'ticket',
    summary: `${number} rows were refused in an hour.`,
  },
];

/** Every alert, by the group it is evaluated in. */
export const alerts: Readonly<Record<string, readonly Alert[]>> = {
  'docket-fleet': fleet,
  'docket-people': people,
  'docket-discord': discord,
  'docket-pipeline': pipeline,
};

/** Where the runbook lies; each alert has a heading of its name in it. */
export const runbook = 'https://github.com/docket/docket/blob/main/docs/operations.md';

/** The groups as Prometheus' rule files hold them. */
export function alertRules(): string {
  const groups = Object.entries(alerts).map(([name, rules]) => ({
    name,
    rules: rules.map(({ severity, summary, ...rule }) => ({
      ...rule,
      labels: { severity },
      annotations: { summary, runbook_url: `${runbook}#${rule.alert.toLowerCase()}` },
    })),
  }));
  return `# Made by npm run generate from dashboards/grafana/alerts.ts.\n${stringify({ groups }, { lineWidth: 0 })}`;
}
