import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { clickhouse, prometheus } from './queries.ts';

/** What dashboards of Prometheus’ series ask for: the data source and which installations. */
export const forSeries = (): Builder<VariableModel>[] => [
  new DatasourceVariableBuilder('prometheus').label('Prometheus').type(prometheus.type),
  new QueryVariableBuilder('job')
    .label('Installation')
    .description('The scrape job: one release of Docket in one namespace.')
    .datasource(prometheus)
    .query('label_values(docket_streams, job)')
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true),
];

/** The data source of ClickHouse. */
export const clickhouseSource = (): Builder<VariableModel> =>
  new DatasourceVariableBuilder('clickhouse').label('ClickHouse').type(clickhouse.type);

/** A choice among what a statement lists; whatever else is typed in is taken as well. */
export const choice = (o: {
  name: string;
  label: string;
  doc: string;
  statement: string;
  /** What stands for all of them in a statement. */
  all?: string;
}): Builder<VariableModel> => {
  const variable = new QueryVariableBuilder(o.name)
    .label(o.label)
    .description(o.doc)
    .datasource(clickhouse)
    .query(o.statement)
    .refresh(VariableRefresh.OnDashboardLoad)
    .allowCustomValue(true);
  return o.all === undefined ? variable : variable.multi(true).includeAll(true).allValue(o.all);
};
