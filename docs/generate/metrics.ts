import { type Metric, metrics } from '#analytics/metrics/registry.ts';
import { table } from './table.ts';

const where: Record<Metric['from'], string> = {
  now: 'Postgres, true now',
  ticket: 'ClickHouse, tickets',
  event: 'ClickHouse, events',
};

/** docs/metrics.md: what each figure means, from the metric registry. */
export function metricsPage(): string {
  const rows = Object.entries<Metric>(metrics).map(([name, metric]) => [
    `\`${name}\``,
    metric.unit,
    metric.better ?? 'neither',
    metric.empty === null ? 'nothing' : String(metric.empty),
    where[metric.from],
    metric.doc,
  ]);
  const head = ['figure', 'unit', 'better', 'without data', 'from', 'what it means'];
  return `# Figures\n\nEvery figure is declared once; the API, \`/stats\`, the web app and its info buttons derive from the same entry. All times are UTC, windows are rolling.\n\n${table(head, rows)}\n`;
}
