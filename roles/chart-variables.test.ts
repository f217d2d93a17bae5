import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { chartVariables, notByChart } from './chart-variables.ts';

type Values = Record<string, { config?: Record<string, unknown>; values?: Record<string, unknown> }>;
const values = parse(readFileSync('charts/docket/values.yaml', 'utf8')) as Values;
const sources = ['runtime/clock.ts', 'runtime/objects/open.ts', ...globSync('roles/*.ts')]
  .filter((path) => !path.endsWith('.test.ts'))
  .map((path) => readFileSync(path, 'utf8'))
  .join('\n');
const declared = [...sources.matchAll(/\b([A-Z][A-Z_]+)(?::| =) ?(?:text|integer|port|choice|url|flag)\(/g)].map(
  ([, name]) => name ?? '',
);

test('the chart sets every variable that a role declares, or it is said why not', () => {
  const set = [...Object.keys(values['config'] ?? {}), ...Object.keys(values['secrets']?.values ?? {})];
  const tests = ['REQUIRE_ALL', 'KAFKA_CACHE'];
  const known = new Set([...set, ...Object.keys(notByChart), ...tests]);
  expect(declared.filter((name) => !known.has(name))).toEqual([]);
  expect(set.filter((name) => notByChart[name])).toEqual([]);
  expect(Object.keys(notByChart).filter((name) => !declared.includes(name))).toEqual([]);
});

test('what one role alone reads can be set under it', () => {
  for (const [name, variable] of Object.entries(chartVariables.all)) {
    const readers = Object.entries(chartVariables.byRole).filter(([, spec]) => spec[name]);
    const [[role] = ['']] = readers;
    // migrate's is the cluster of ClickHouse servers: not one role's, even while one alone makes tables there.
    if (variable.isSecret || readers.length > 1 || name === 'CLICKHOUSE_CLUSTER') continue;
    expect(Object.keys(values[role]?.config ?? {}), `${name} of ${role}`).toContain(name);
  }
  for (const role of Object.keys(chartVariables.byRole)) expect(values[role]?.config).toHaveProperty('LOG_LEVEL');
});
