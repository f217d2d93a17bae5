/** Writes the files that derive from the registries; with --check says which differ and ends with 1. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { observed } from '#dashboards/grafana/render.ts';
import { chartDefaults, chartFile, chartPage, chartSchema } from '#docs/generate/chart/render.ts';
import { envExample } from '#docs/generate/env-example.ts';
import { eventsPage } from '#docs/generate/events.ts';
import { featuresPage } from '#docs/generate/features.ts';
import { metricsPage } from '#docs/generate/metrics.ts';
import { settingsPage } from '#docs/generate/settings.ts';
import { printLine } from '#runtime/stdout.ts';
import { chartVariables, notByCompose } from './chart-variables.ts';

const derived: Readonly<Record<string, () => string>> = {
  ...observed,
  'charts/docket/README.md': () => chartPage(chartVariables),
  'charts/docket/files/variables.json': () => chartFile(chartVariables),
  'charts/docket/values.schema.json': () => chartSchema(chartVariables),
  'charts/docket/values.yaml': () => chartDefaults(chartVariables),
  'k8s/one-host/env.example': () => envExample(chartVariables.all, notByCompose),
  'docs/events.md': eventsPage,
  'docs/features.md': featuresPage,
  'docs/metrics.md': metricsPage,
  'docs/settings.md': settingsPage,
};

const isCheck = process.argv.includes('--check');
const stale: string[] = [];
for (const [path, page] of Object.entries(derived)) {
  const content = page();
  if ((await readFile(path, 'utf8').catch(() => '')) === content) continue;
  stale.push(path);
  if (isCheck) continue;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
if (isCheck && stale.length > 0) {
  printLine(`Out of date: ${stale.join(', ')}. Run npm run generate and commit the result.`);
  process.exitCode = 1;
} else printLine(stale.length > 0 ? `Wrote ${stale.join(', ')}.` : 'Derived files are up to date.');
