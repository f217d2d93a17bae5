import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';

/** The data sources, as each dashboard's variables name them. */
export const prometheus = { type: 'prometheus', uid: '${prometheus}' } as const;
export const clickhouse = { type: 'grafana-clickhouse-datasource', uid: '${clickhouse}' } as const;

/** The installation's series: a job is one release in one namespace. */
export const ours = 'job=~"$job"';

/** A rate over the window that Grafana chooses so that no scrape falls between two. */
export const rate = (metric: string, labels = ''): string =>
  `rate(${metric}{${ours}${labels && `,${labels}`}}[$__rate_interval])`;

/** The value that this share of a histogram's observations stays below; `by` keeps these labels. */
export const quantile = (share: number, metric: string, o: { labels?: string; by?: string } = {}): string =>
  `histogram_quantile(${share}, sum by (${['le', ...(o.by ? [o.by] : [])].join(', ')}) (${rate(`${metric}_bucket`, o.labels)}))`;

/** A series over the chosen time. `legend` may name labels: `{{outcome}}`. */
export const series = (expr: string, legend: string): Builder<Dataquery> =>
  new DataqueryBuilder().datasource(prometheus).expr(expr).legendFormat(legend).range();

/** What is true at the end of the chosen time, as rows. */
export const present = (expr: string, legend = ''): Builder<Dataquery> =>
  new DataqueryBuilder()
    .datasource(prometheus)
    .expr(expr)
    .legendFormat(legend)
    .instant()
    .format(legend ? PromQueryFormat.TimeSeries : PromQueryFormat.Table);

type Sql = Dataquery & { refId?: string } & Readonly<Record<string, unknown>>;
// The plugin's query format of this version; it migrates older ones.
const pluginVersion = '4.8.2';
// Numbers by which the plugin tells series from rows.
const format = { timeseries: 0, table: 1 } as const;

/** A statement for Grafana's ClickHouse plugin. Series have a column `time`. */
export function sql(rawSql: string, kind: 'timeseries' | 'table'): Builder<Dataquery> {
  const built: Omit<Sql, '_implementsDataqueryVariant'> = {
    datasource: clickhouse,
    editorType: 'sql',
    format: format[kind],
    pluginVersion,
    queryType: kind,
    rawSql,
  };
  return { build: () => built as Sql };
}
