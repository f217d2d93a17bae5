import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClickHouse, createClickhouse, readRows } from '#analytics/clickhouse/client.ts';
import { type MetricName, metrics } from '#analytics/metrics/registry.ts';
import { runRequests } from '#analytics/query/run.ts';
import { compared, comparisonOf, lists, rankingOf } from '#dashboards/grafana/figures.ts';
import { boards } from '#dashboards/grafana/render.ts';
import { freePort } from '#runtime/embedded/ports.ts';
import { readRunFile } from '#runtime/embedded/run-file.ts';
import { printLine } from '#runtime/stdout.ts';
import { until } from '../harness/desk.ts';
import { startKafka, type TestBroker, whyNoKafka } from '../harness/kafka.ts';
import { type Stack, startStack } from '../harness/stack.ts';
import { type Chosen, expandExpr, expandSql } from './expand.ts';
import { hasPrometheus, type Prometheus, type Series, startPrometheus } from './prometheus.ts';
import { type Happened, happen, look } from './traffic.ts';

type Target = { refId: string; expr?: string; rawSql?: string; instant?: boolean };
type Shown = { title: string; description?: string; targets?: Target[]; panels?: Shown[] };
const shown = (name: string): Shown[] => {
  const board = JSON.parse(readFileSync(`charts/docket/dashboards/${name}.json`, 'utf8')) as { panels: Shown[] };
  return board.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]).filter(({ targets }) => targets);
};

const whyKafkaIsAway = await whyNoKafka();
if (whyKafkaIsAway) printLine(`test/grafana: panels of Kafka are skipped, because ${whyKafkaIsAway}`);
/** A series that only a stack with Kafka has. */
const ofKafka = /docket_kafka_up/;

let broker: TestBroker | undefined;
let stack: Stack;
let prometheus: Prometheus;
let clickhouse: ClickHouse;
let happened: Happened;
let looking: ReturnType<typeof look>;
const table: string[] = [];

/** Where the supervisor serves its clusters' metrics: it takes a free port and says which. */
function clusterPort(one: Stack): number {
  const log = readFileSync(join(one.env['DATA_DIR'] ?? '', 'run', 'cluster.log'), 'utf8');
  return Number(/"healthPort":(\d+)/.exec(log)?.[1]);
}

const chosen = (variables: Record<string, string> = {}): Chosen => ({
  from: happened.from,
  to: happened.to,
  intervalS: 60,
  variables: { guild: happened.guildId, panel: 'panel_id', staff: '0', ...variables },
});

/** As Grafana asks: without any setting of ours. */
async function ask<Row = Record<string, unknown>>(
  rawSql: string,
  variables: Record<string, string> = {},
): Promise<Row[]> {
  const answer = await clickhouse.query({ query: expandSql(rawSql, chosen(variables)), format: 'JSONEachRow' });
  return answer.json<Row>();
}

const whole = hasPrometheus ? describe : describe.skip;

whole('a running stack', () => {
  beforeAll(async () => {
    broker = whyKafkaIsAway === undefined ? await startKafka() : undefined;
    const healthPort = await freePort();
    const interactionsPort = await freePort();
    stack = await startStack({
      env: {
        HEALTH_PORT: String(healthPort),
        INTERACTIONS: 'http',
        INTERACTIONS_PORT: String(interactionsPort),
        INTERACTIONS_URL: `http://localhost:${interactionsPort}/interactions`,
        ...(broker && { KAFKA_BROKERS: broker.brokers }),
      },
    });
    const run = readRunFile(stack.env['DATA_DIR'] ?? '');
    const { origin, pathname } = new URL(run?.clickhouseUrl ?? '');
    clickhouse = createClickhouse({ url: origin, database: pathname.slice(1) });
    prometheus = await startPrometheus({
      ports: [healthPort, clusterPort(stack)],
      rules: 'charts/docket/rules/docket.yaml',
    });
    looking = look(stack);
    // Prometheus begins to scrape some seconds after its start; rates need scrapes on both sides of what happens.
    const scrapes = async () => Number((await prometheus.instant('min(count_over_time(up[10m]))'))[0]?.value?.[1] ?? 0);
    await until(scrapes, (count) => count > 1);
    happened = await happen(stack, run?.databaseUrl ?? '');
    await until(
      () => ask('SELECT count() AS n FROM dead_letter'),
      ([row]) => Number(row?.['n']) > 0,
    );
    await until(
      () => ask(comparisonOf('ratingCount')),
      ([row]) => Number(row?.[compared.current]) === happened.rated,
    );
    const seen = await scrapes();
    await until(scrapes, (count) => count >= seen + 3);
  }, 400_000);

  afterAll(async () => {
    if (table.length > 0) printLine(['', 'dashboard / panel [query] → sample', ...table].join('\n'));
    await looking?.stop();
    await prometheus?.stop();
    await clickhouse?.close();
    await stack?.stop();
    await broker?.stop();
  }, 120_000);

  const note = (board: string, panel: Shown, target: Target, sample: string): void => {
    table.push(`${board} / ${panel.title} [${target.refId}] → ${sample}`);
  };

  describe.each(Object.keys(boards))('%s', (board) => {
    const targets = shown(board).flatMap((panel) => (panel.targets ?? []).map((target) => ({ panel, target })));
    const named = targets.map((one) => ({ ...one, name: `${one.panel.title} [${one.target.refId}]` }));

    test.each(named.filter(({ target }) => target.rawSql))('$name', async ({ panel, target }) => {
      const rows = await ask(target.rawSql ?? '');
      expect(rows.length).toBeGreaterThan(0);
      const columns = Object.keys(rows[0] ?? {}).filter((name) => name !== compared.change && name !== compared.before);
      for (const name of columns)
        expect(
          rows.some((row) => row[name] !== null),
          name,
        ).toBe(true);
      note(board, panel, target, JSON.stringify(rows[0]));
    });

    const expressions = named.filter(({ target }) => target.expr && !(whyKafkaIsAway && ofKafka.test(target.expr)));
    test.each(expressions)('$name', async ({ panel, target }) => {
      const expr = expandExpr(target.expr ?? '', { job: 'docket', rateInterval: '1m' });
      const found = await (target.instant ? prometheus.instant(expr) : prometheus.range(expr));
      const samples = found.flatMap(latest);
      expect(samples, expr).not.toEqual([]);
      note(
        board,
        panel,
        target,
        samples.slice(0, 4).join(', ') + (samples.length > 4 ? `, … (${samples.length})` : ''),
      );
    });
  });

  test('the lists of variables answer', async () => {
    expect(await ask(lists.guild)).toContainEqual({ server: happened.guildId });
    expect((await ask(lists.panel)).length).toBeGreaterThan(0);
    expect(await ask(lists.staff)).toContainEqual({ staff: happened.staff[0] });
    expect((await prometheus.instant('docket_streams')).map(({ metric }) => metric['job'])).toEqual([
      'docket',
      'docket',
    ]);
  });

  const answered = Object.keys(metrics).filter((name): name is MetricName => {
    const metric = metrics[name as MetricName];
    return metric.from !== 'now' && !('peak' in metric);
  });
  test.each(answered)('%s is what the rest of Docket says', async (name) => {
    const { from, to, guildId } = { ...happened };
    const window = { metric: name, from: from * 1_000, to: to * 1_000 } as const;
    const before = { metric: name, from: (from - (to - from)) * 1_000, to: from * 1_000 } as const;
    const right = await runRequests({ clickhouse, metrics }, { guildId }, { window, before });
    const [row = {}] = await ask<Record<string, unknown>>(comparisonOf(name));
    const same = (text: unknown, figure: number | null): void => {
      if (figure === null) expect(text).toBeNull();
      else expect(Number(text)).toBeCloseTo(figure, 6);
    };
    same(row[compared.current], right.window);
    same(row[compared.before], right.before);
  });

  test('a chosen panel and a chosen person narrow, a server that is no number finds nothing', async () => {
    const panels = await ask<{ panel: string }>(lists.panel);
    const opened = async (variables: Record<string, string>) =>
      Number((await ask(comparisonOf('ticketsOpened'), variables))[0]?.[compared.current]);
    expect(await opened({ panel: panels.map(({ panel }) => panel).join(',') })).toBe(happened.members.length);
    expect(await opened({ panel: '999999' })).toBe(0);
    expect(await opened({ guild: "Ada's" })).toBe(0);
    const staff = rankingOf({ by: 'staff', label: 'Person', first: 'ticketsAnswered', columns: {} });
    expect(await ask(staff, { staff: happened.staff.join(',') })).toHaveLength(1);
    expect(await ask(staff, { staff: happened.members.join(',') })).toHaveLength(0);
  });

  test('rules are evaluated, and nothing but the planted letter alarms', async () => {
    const rules = await prometheus.rules();
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
    expect(rules.filter(({ state }) => state === 'firing').map(({ name }) => name)).toEqual(['DocketDeadLetters']);
  });

  test('the settings that Docket reads with change no figure', async () => {
    const answers = [
      await readRows(clickhouse, expandSql(comparisonOf('replies'), chosen())),
      await ask(comparisonOf('replies')),
    ];
    const [ours, plain] = answers.map(([row]) => Object.values(row as object).map(Number));
    expect(ours).toEqual(plain);
  });
});

/** The newest number of a series, with what distinguishes it. */
function latest({ metric, value, values }: Series): string[] {
  const numbers = [...(values ?? []), ...(value ? [value] : [])]
    .map(([, text]) => Number(text))
    .filter(Number.isFinite);
  const last = numbers.at(-1);
  const labels = Object.entries(metric)
    .filter(([name]) => !['__name__', 'job'].includes(name))
    .map(([name, text]) => `${name}=${text}`);
  return last === undefined ? [] : [`${[...labels, Number(last.toPrecision(3))].join(' ')}`];
}
