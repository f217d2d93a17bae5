/** What Grafana and its ClickHouse plugin put into a query before they send it. */
export type Chosen = {
  /** Seconds. */
  readonly from: number;
  readonly to: number;
  readonly intervalS: number;
  /** As Grafana formats them: lists with commas, "all" as the variable says. */
  readonly variables: Readonly<Record<string, string>>;
};

/** A statement as the plugin sends it: https://grafana.com/docs/plugins/grafana-clickhouse-datasource/latest/ (macros). */
export function expandSql(sql: string, chosen: Chosen): string {
  const expanded = sql
    .replaceAll(/\$\{(\w+):csv\}/g, (whole, name: string) => chosen.variables[name] ?? whole)
    .replaceAll(/\$\{(\w+):sqlstring\}/g, (_, name: string) => `'${chosen.variables[name]?.replaceAll("'", "''")}'`)
    .replaceAll(/\$__fromTime_ms\b/g, `fromUnixTimestamp64Milli(${chosen.from * 1_000})`)
    .replaceAll(/\$__toTime_ms\b/g, `fromUnixTimestamp64Milli(${chosen.to * 1_000})`)
    .replaceAll(/\$__interval_s\b/g, String(chosen.intervalS));
  if (expanded.includes('$')) throw new Error(`Grafana would not know what to put here: ${expanded}`);
  return expanded;
}

/** An expression as Grafana sends it to Prometheus. */
export function expandExpr(expr: string, variables: { job: string; rateInterval: string }): string {
  const expanded = expr.replaceAll('$__rate_interval', variables.rateInterval).replaceAll('$job', variables.job);
  if (expanded.includes('$')) throw new Error(`Grafana would not know what to put here: ${expanded}`);
  return expanded;
}
