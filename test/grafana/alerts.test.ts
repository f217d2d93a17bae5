import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alerts } from '#dashboards/grafana/alerts.ts';
import { hasPrometheus, programs } from './prometheus.ts';

const run = promisify(execFile);
const rules = resolve('charts/docket/rules/docket.yaml');
const every = Object.values(alerts).flat();

/** Series of an hour, a sample a minute, in promtool's notation: `0+60x60` grows by one a second. */
type Case = Readonly<Record<string, string>>;
const flat = (value: number): string => `${value}x60`;
const perSecond = (value: number): string => `0+${value * 60}x60`;
/** A histogram of which `share` of ten observations a second is at most `le`. */
const histogram = (name: string, le: number, share: number, labels = ''): Case => ({
  [`${name}_bucket{${labels}le="${le}"}`]: perSecond(10 * share),
  [`${name}_bucket{${labels}le="10"}`]: perSecond(10),
  [`${name}_bucket{${labels}le="+Inf"}`]: perSecond(10),
  [`${name}_count{${labels.replace(/,$/, '')}}`]: perSecond(10),
});
/** Ten a second, `share` of them with the bad label. */
const shared = (name: string, label: string, [bad, good]: [string, string], share: number): Case => ({
  [`${name}{${label}="${bad}"}`]: perSecond(10 * share),
  [`${name}{${label}="${good}"}`]: perSecond(10 * (1 - share)),
});
const ready = { 'docket_shards{state="ready"}': flat(16) };

/** For each alert what sets it off, and the nearest that does not. */
const cases: Readonly<Record<string, { fires: Case; quiet: Case }>> = {
  DocketAbsent: { fires: { up: flat(1) }, quiet: { docket_streams: flat(0) } },
  DocketShardsAbandoned: { fires: { docket_shards_abandoned: flat(2) }, quiet: { docket_shards_abandoned: flat(0) } },
  DocketShardsNotReady: {
    fires: { ...ready, 'docket_shards{state="waiting"}': flat(1) },
    quiet: {
      ...ready,
      'docket_shards{state="adopted"}': flat(4),
      'docket_shards{state="connecting"}': '0x10 2x5 0x50',
    },
  },
  DocketIdentifyBudgetLow: {
    fires: {
      'docket_gateway_identify_budget{of="remaining",pod="a"}': flat(900),
      'docket_gateway_identify_budget{of="remaining",pod="b"}': flat(100),
      'docket_gateway_identify_budget{of="total"}': flat(1_000),
    },
    quiet: {
      'docket_gateway_identify_budget{of="remaining"}': flat(300),
      'docket_gateway_identify_budget{of="total"}': flat(1_000),
    },
  },
  DocketSessionsLost: {
    fires: { ...ready, 'docket_gateway_sessions_total{how="lost"}': '0+1x60' },
    quiet: { ...ready, 'docket_gateway_sessions_total{how="lost"}': '0x20 1x5 2x40' },
  },
  DocketLeasesLost: {
    fires: { 'docket_shard_leases_total{what="lost-late"}': '0+1x60' },
    quiet: { 'docket_shard_leases_total{what="handed-over"}': '0+9x60' },
  },
  DocketHeartbeatSlow: {
    fires: histogram('docket_gateway_heartbeat_seconds', 1, 0.9),
    quiet: histogram('docket_gateway_heartbeat_seconds', 1, 1),
  },
  DocketDispatchesUnfinished: {
    fires: {
      'docket_gateway_unfinished_dispatches{pod="a"}': flat(3_000),
      'docket_gateway_unfinished_dispatches{pod="b"}': flat(3_000),
    },
    quiet: { docket_gateway_unfinished_dispatches: flat(4_000) },
  },
  DocketEventLoopSlow: {
    fires: { docket_streams: flat(0), nodejs_eventloop_lag_p99_seconds: flat(0.8) },
    // Somebody else's process.
    quiet: { 'docket_streams{instance="a"}': flat(0), 'nodejs_eventloop_lag_p99_seconds{instance="b"}': flat(0.8) },
  },
  DocketAcksSlow: {
    fires: histogram('docket_interaction_ack_seconds', 0.25, 0.9),
    quiet: histogram('docket_interaction_ack_seconds', 0.25, 1),
  },
  DocketAcksLate: {
    fires: histogram('docket_interaction_ack_seconds', 2.5, 0.98),
    quiet: histogram('docket_interaction_ack_seconds', 2.5, 0.995),
  },
  DocketInteractionsExpired: {
    fires: shared('docket_interactions_total', 'outcome', ['expired', 'done'], 0.02),
    quiet: shared('docket_interactions_total', 'outcome', ['expired', 'done'], 0.005),
  },
  DocketInteractionsFailing: {
    fires: shared('docket_interactions_total', 'outcome', ['failed', 'done'], 0.03),
    quiet: shared('docket_interactions_total', 'outcome', ['refused', 'done'], 0.5),
  },
  DocketInteractionRequestsUnanswered: {
    fires: { 'docket_interaction_requests_total{result="unanswered"}': perSecond(0.1) },
    quiet: { 'docket_interaction_requests_total{result="bad-signature"}': perSecond(5) },
  },
  DocketApiErrors: {
    fires: shared('docket_http_request_seconds_count', 'status', ['5xx', '2xx'], 0.05),
    quiet: shared('docket_http_request_seconds_count', 'status', ['4xx', '2xx'], 0.5),
  },
  DocketApiSlow: {
    fires: histogram('docket_http_request_seconds', 1, 0.9, 'route="/api/me",'),
    quiet: histogram('docket_http_request_seconds', 1, 0, 'route="/api/guilds/:guildId/stream",'),
  },
  DocketBreakerOpen: {
    fires: { docket_discord_breaker_open: flat(1) },
    quiet: { docket_discord_breaker_open: flat(0) },
  },
  DocketRateLimited: {
    fires: { 'docket_discord_rate_limited_total{scope="user"}': perSecond(0.5) },
    quiet: { 'docket_discord_rate_limited_total{scope="shared"}': perSecond(5) },
  },
  DocketDiscordFailing: {
    fires: shared('docket_discord_requests_total', 'status', ['5xx', '2xx'], 0.2),
    quiet: shared('docket_discord_requests_total', 'status', ['4xx', '2xx'], 0.2),
  },
  DocketRequestsPutOff: {
    fires: { 'docket_discord_put_off_total{reason="limit"}': perSecond(2) },
    quiet: { 'docket_discord_put_off_total{reason="breaker"}': perSecond(20) },
  },
  DocketJobsLate: { fires: { docket_jobs_due: flat(2_000) }, quiet: { docket_jobs_due: flat(900) } },
  DocketEffectsFailing: {
    fires: shared('docket_effects_total', 'outcome', ['failed', 'done'], 0.2),
    quiet: shared('docket_effects_total', 'outcome', ['failed', 'done'], 0.05),
  },
  DocketObjectStoreFailing: {
    fires: shared('docket_object_store_seconds_count', 'outcome', ['failed', 'done'], 0.2),
    quiet: shared('docket_object_store_seconds_count', 'outcome', ['failed', 'done'], 0.05),
  },
  DocketOutboxGrowing: {
    fires: { docket_outbox_rows: flat(60_000) },
    quiet: { docket_outbox_rows: '0x10 60000x5 0x50' },
  },
  DocketOutboxStuck: {
    fires: {
      docket_outbox_rows: flat(500),
      'docket_ingest_rows_total{result="ok"}': flat(7),
      docket_kafka_produced_total: flat(0),
    },
    quiet: {
      docket_outbox_rows: flat(500),
      'docket_ingest_rows_total{result="ok"}': flat(0),
      docket_kafka_produced_total: perSecond(1),
    },
  },
  DocketKafkaAway: {
    fires: { 'docket_kafka_up{part="drain"}': flat(1), 'docket_kafka_up{part="ingest"}': flat(0) },
    // One of two suffices.
    quiet: { 'docket_kafka_up{part="ingest",pod="a"}': flat(0), 'docket_kafka_up{part="ingest",pod="b"}': flat(1) },
  },
  DocketKafkaLag: {
    fires: { docket_kafka_lag_messages: flat(200_000) },
    quiet: { docket_kafka_lag_messages: flat(50_000) },
  },
  DocketFiguresLate: {
    fires: { docket_event_lag_seconds: flat(90), 'docket_ingest_rows_total{result="ok"}': perSecond(1) },
    quiet: { docket_event_lag_seconds: flat(90), 'docket_ingest_rows_total{result="ok"}': flat(7) },
  },
  DocketDeadLetters: {
    fires: { 'docket_ingest_rows_total{result="dead"}': '0x30 1x30' },
    quiet: { 'docket_ingest_rows_total{result="drop"}': perSecond(1) },
  },
};

const inJob = (series: string): string =>
  series.includes('{') ? series.replace('{', '{job="docket",').replace(',}', '}') : `${series}{job="docket"}`;
const inputs = (series: Case) => Object.entries(series).map(([name, values]) => ({ series: inJob(name), values }));

const expectAt = (alert: string, at: string, isFiring: boolean) => ({
  expr: `count(ALERTS{alertname="${alert}",alertstate="firing"}) or vector(0)`,
  eval_time: at,
  exp_samples: [{ labels: '{}', value: isFiring ? 1 : 0 }],
});

const whole = hasPrometheus ? describe : describe.skip;

whole('rules', () => {
  let folder: string;
  let promtool: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'docket-rules-'));
    promtool = join(await programs(), 'promtool');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Runs tests of rules; answers what promtool complains of. */
  async function complaints(tests: readonly object[], file = rules): Promise<string> {
    const path = join(folder, 'tests.json');
    await writeFile(path, JSON.stringify({ rule_files: [file], evaluation_interval: '1m', tests }));
    return run(promtool, ['test', 'rules', path]).then(
      () => '',
      (error: { stdout?: string; stderr?: string }) => `${error.stdout}${error.stderr}`,
    );
  }

  test('are rules', async () => {
    const { stdout } = await run(promtool, ['check', 'rules', rules]);
    expect(stdout).toContain(`${every.length} rules found`);
  });

  test('are all tested', () => {
    expect(Object.keys(cases).toSorted()).toEqual(every.map(({ alert }) => alert).toSorted());
  });

  test.each(every)('$alert is set off by what it names and not by the nearest else', async ({ alert, for: time }) => {
    const { fires, quiet } = cases[alert] ?? { fires: {}, quiet: {} };
    const tooEarly = time === '0m' ? [] : [expectAt(alert, '0m', false)];
    const set = {
      interval: '1m',
      input_series: inputs(fires),
      promql_expr_test: [...tooEarly, expectAt(alert, '45m', true)],
    };
    const unset = {
      interval: '1m',
      input_series: inputs(quiet),
      promql_expr_test: ['1m', '15m', '45m', '60m'].map((at) => expectAt(alert, at, false)),
    };
    expect(await complaints([set, unset])).toBe('');
  });

  test('tell who is woken, what is wrong, and where to read on', async () => {
    const { fires } = cases['DocketIdentifyBudgetLow'] ?? { fires: {} };
    const expected = {
      exp_labels: { job: 'docket', severity: 'page' },
      exp_annotations: {
        summary: 'Only 10% of the day’s IDENTIFYs are left.',
        runbook_url: 'https://github.com/docket/docket/blob/main/docs/operations.md#docketidentifybudgetlow',
      },
    };
    const told = { eval_time: '30m', alertname: 'DocketIdentifyBudgetLow', exp_alerts: [expected] };
    expect(await complaints([{ interval: '1m', input_series: inputs(fires), alert_rule_test: [told] }])).toBe('');
  });

  test('a rule with a wrong threshold is found by these tests', async () => {
    const wrong = join(folder, 'wrong.yaml');
    await writeFile(
      wrong,
      (await readFile(rules, 'utf8')).replace(
        'docket_kafka_lag_messages) > 100000',
        'docket_kafka_lag_messages) > 10000000',
      ),
    );
    const { fires } = cases['DocketKafkaLag'] ?? { fires: {} };
    const set = {
      interval: '1m',
      input_series: inputs(fires),
      promql_expr_test: [expectAt('DocketKafkaLag', '45m', true)],
    };
    expect(await complaints([set], wrong)).toContain('FAILED');
  });
});
