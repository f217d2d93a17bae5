import { type Metric, type MetricName, metrics } from '#analytics/metrics/registry.ts';
import { aggregateOf, sourceOf, type Stored } from '#analytics/query/compile.ts';

/**
 * Statements for Grafana's ClickHouse plugin from the declared metrics, as analytics/query makes them for everybody else. The plugin puts the chosen
 * time for $__fromTime_ms and $__toTime_ms and the seconds of a bucket for $__interval_s; Grafana puts its variables. A server that is
 * no number is nobody's. Ids are texts, for Grafana's numbers have 53 bits.
 *
 * TRICKY: never $__toTime. It is a DateTime, and `at < DateTime` on a DateTime64 column is looked up in the index as `at <= one second before`
 * (ClickHouse 26.7): parts that hold only the last second are passed over.
 */
const from = '$__fromTime_ms';
const to = '$__toTime_ms';
const ms = (time: string): string => `toUnixTimestamp64Milli(${time})`;
const current = { from, to };
const before = { from: `fromUnixTimestamp64Milli(2 * ${ms(from)} - ${ms(to)})`, to: from };
const both = { from: before.from, to };
const lengthS = `intDiv(${ms(to)} - ${ms(from)}, 1000)`;
type Window = typeof current;

const guild = 'toUInt64OrZero(${guild:sqlstring})';
/** What stands for "all panels": the column itself. */
export const allPanels = 'panel_id';
/** What stands for everybody: nobody's id. */
export const allStaff = '0';
const ofPanels = 'has([${panel:csv}], panel_id)';
const byStaff = (person: string): string => `(has([\${staff:csv}], ${allStaff}) OR has([\${staff:csv}], ${person}))`;

/** The declared metric, which ClickHouse has to answer. */
export function stored(name: MetricName): Stored {
  const metric: Metric = metrics[name];
  if (metric.from === 'now') throw new Error(`${name} is answered by Postgres`);
  return metric;
}

const source = (metric: Stored): string =>
  sourceOf(metric, { guild, name: metric.from === 'event' ? `'${metric.name}'` : '' });
const isIn = (metric: Stored, window: Window): string =>
  `${metric.at} >= ${window.from} AND ${metric.at} < ${window.to}`;

/** The figure in a window; without data it is NULL where the metric has no zero. */
function valueOf(metric: Stored, window: Window): string {
  const value = aggregateOf(metric, window);
  return metric.empty === null ? `if(isFinite(${value}), ${value}, NULL)` : value;
}

/** Columns of the comparison of two windows. */
export const compared = { current: 'This period', before: 'Period before', change: 'Change' } as const;

const comparison = (metric: Stored): string[] => [
  `${valueOf(metric, current)} AS "${compared.current}"`,
  `${valueOf(metric, before)} AS "${compared.before}"`,
  `("${compared.current}" - "${compared.before}") / nullIf(abs("${compared.before}"), 0) AS "${compared.change}"`,
];

/** One row: the figure in the chosen time, in the equally long one before, and the change. */
export function comparisonOf(name: MetricName): string {
  const metric = stored(name);
  return [
    `SELECT ${comparison(metric).join(',\n  ')}`,
    source(metric),
    `WHERE ${ofPanels} AND ${isIn(metric, both)}`,
  ].join('\n');
}

/** Figures over time; with `shifted`, of the period before, moved onto this one. They must be filed under one time of one table. */
export function seriesOf(columns: Readonly<Record<string, MetricName>>, shifted = false): string {
  const entries = Object.entries(columns).map(([label, name]) => ({ label, metric: stored(name) }));
  const [first] = entries;
  if (!first || entries.some(({ metric }) => metric.at !== first.metric.at || metric.from !== first.metric.from))
    throw new Error('these figures do not stand in one statement');
  const window = shifted ? before : current;
  const at = `toDateTime(assumeNotNull(${first.metric.at}))${shifted ? ` + ${lengthS}` : ''}`;
  return [
    `SELECT toStartOfInterval(${at}, INTERVAL $__interval_s second) AS time`,
    ...entries.map(({ label, metric }) => `  , ${valueOf(metric, window)} AS "${label}"`),
    source(first.metric),
    `WHERE ${ofPanels} AND ${isIn(first.metric, window)}`,
    'GROUP BY time',
    'ORDER BY time',
  ].join('\n');
}

/** A row per panel, person or server, the largest by `first` on top; that figure is compared with the period before, further `columns` are not. */
export function rankingOf(o: {
  by: 'panel' | 'staff' | 'server';
  label: string;
  first: MetricName;
  columns: Readonly<Record<string, MetricName>>;
}): string {
  const first = stored(o.first);
  const further = Object.entries(o.columns).map(([label, name]) => `${valueOf(stored(name), current)} AS "${label}"`);
  const key = { panel: 'panel_id', staff: first.person, server: 'guild_id' }[o.by];
  const shown = o.by === 'panel' ? `if(panel_id = 0, 'No panel', toString(panel_id))` : `toString(${key})`;
  const where = [
    ...(o.by === 'server' ? [] : [ofPanels]),
    ...(o.by === 'staff' ? [`${key} > 0`, byStaff(key)] : []),
    // All servers at once are read as narrowly as the table allows.
    ...(o.by === 'server' ? [isIn(first, both)] : []),
  ];
  return [
    `SELECT ${[`${shown} AS "${o.label}"`, ...comparison(first), ...further].join(',\n  ')}`,
    o.by === 'server' ? `FROM ${first.from} FINAL` : source(first),
    `WHERE ${where.join(' AND ')}`,
    `GROUP BY ${key}`,
    `HAVING "${compared.current}" > 0 OR "${compared.before}" > 0`,
    `ORDER BY "${compared.current}" DESC, ${key}`,
    'LIMIT 50',
  ].join('\n');
}

/** A figure by a small key computed from the row, such as the hour of the day. */
export function spreadOf(name: MetricName, key: string, label: string): string {
  const metric = stored(name);
  return [
    `SELECT toString(${key}) AS "${label}", ${valueOf(metric, current)} AS "${compared.current}"`,
    source(metric),
    `WHERE ${[ofPanels, isIn(metric, current), ...(metric.where ? [metric.where] : [])].join(' AND ')}`,
    `GROUP BY ${key}`,
    `ORDER BY ${key}`,
  ].join('\n');
}

/** What the variables list. */
export const lists = {
  guild: `SELECT toString(guild_id) AS server FROM ticket
WHERE opened_at >= now() - INTERVAL 90 DAY GROUP BY guild_id ORDER BY count() DESC, guild_id LIMIT 500`,
  panel: `SELECT toString(panel_id) AS panel FROM ticket PREWHERE guild_id = ${guild}
GROUP BY panel_id ORDER BY panel_id LIMIT 500`,
  staff: `SELECT toString(actor_id) AS staff FROM event PREWHERE guild_id = ${guild} AND name = 'message.replied'
GROUP BY actor_id ORDER BY count() DESC, actor_id LIMIT 500`,
} as const;
