import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { registry } from '#runtime/telemetry.ts';
import { alertRules, alerts, runbook } from './alerts.ts';
import { boardJson } from './board.ts';
import { boards } from './render.ts';

type Shown = {
  id: number;
  title: string;
  type: string;
  description?: string;
  fieldConfig?: { defaults: { unit?: string; thresholds?: { steps: unknown[] } } };
  targets?: { refId: string; expr?: string; rawSql?: string; datasource: { uid: string } }[];
  panels?: Shown[];
};
const everyAlert = Object.values(alerts).flat();
/** The names of our own series in an expression. */
const namesIn = (expr: string): string[] => expr.match(/\bdocket_[a-z_]+/g) ?? [];

const known = new Set((await registry.getMetricsAsJSON()).map(({ name }) => name));
const base = (name: string): string => name.replace(/_(bucket|count|sum)$/, '');
const isKnown = (name: string): boolean => known.has(name) || known.has(base(name));

describe.each(Object.entries(boards))('%s', (_, board) => {
  const json = JSON.parse(boardJson(board)) as {
    uid: string;
    panels: Shown[];
    templating: { list: { name: string }[] };
  };
  const all = json.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
  const panels = all.filter(({ type }) => type !== 'row');

  test('numbers its panels once', () => {
    const ids = all.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each(panels)('$title has a unit, says what it shows, and asks something', (panel) => {
    expect(panel.fieldConfig?.defaults.unit).toBeTruthy();
    expect(panel.description).toMatch(/^.{15,}[.]$/s);
    expect(panel.targets?.length).toBeGreaterThan(0);
    expect(new Set(panel.targets?.map(({ refId }) => refId)).size).toBe(panel.targets?.length);
  });

  test('asks for series that exist and variables that are declared', () => {
    const targets = panels.flatMap((panel) => panel.targets ?? []);
    const variables = new Set(json.templating.list.map(({ name }) => name));
    for (const { expr = '', rawSql = '', datasource } of targets) {
      expect(namesIn(expr).filter((name) => !isKnown(name))).toEqual([]);
      for (const [, name = ''] of `${rawSql}${datasource.uid}`.matchAll(/\$\{(\w+)/g))
        expect(variables).toContain(name);
      if (expr) expect(variables).toContain('job');
    }
  });

  test('compares times to the millisecond', () => {
    for (const { rawSql = '' } of panels.flatMap((panel) => panel.targets ?? []))
      expect(rawSql).not.toMatch(/\$__(from|to)Time\b/);
  });
});

test('whatever is measured is shown somewhere', () => {
  const texts = Object.values(boards).map(boardJson).join('\n');
  expect([...known].filter((name) => name.startsWith('docket_') && !texts.includes(name))).toEqual([]);
});

test.each([
  ['Fleet', 'Acknowledged within', 0.3],
  ['Pipeline', 'Event to chart', 2],
  ['Fleet', 'Requests per second and the shared limit', 45],
])('%s / %s has its budget as a threshold', (name, title, at) => {
  const board = Object.values(boards).find((one) => one.title === `Docket / ${name}`);
  const panel = board?.rows
    .flatMap(({ panels }) => panels.map((one) => one.build()))
    .find((one) => one.title === title);
  expect(panel?.fieldConfig?.defaults.thresholds?.steps.map(({ value }) => value)).toEqual([null, at]);
});

describe('alerts', () => {
  test('ask for series that exist', () => {
    for (const { expr } of everyAlert) expect(namesIn(expr).filter((name) => !isKnown(name))).toEqual([]);
  });

  test('each has a heading in the runbook, and the runbook no other', () => {
    const section = readFileSync('docs/operations.md', 'utf8').split('\n## Alerts\n')[1] ?? '';
    const headings = [...section.matchAll(/^### (Docket\w+)$/gm)].map(([, name]) => name);
    expect(headings).toEqual(everyAlert.map(({ alert }) => alert));
    for (const entry of section.split('\n### ').slice(1))
      for (const part of ['**Means**', '**You see**', '**Do:**']) expect(entry).toContain(part);
  });

  test('panels that the runbook names are there', () => {
    const titles = Object.values(boards).flatMap(({ rows }) =>
      rows.flatMap(({ panels }) => panels.map((one) => one.build().title)),
    );
    const section = readFileSync('docs/operations.md', 'utf8').split('\n## Alerts\n')[1] ?? '';
    const quoted = [...section.matchAll(/“([^”]+)”/g)].map(([, title]) => title);
    expect(quoted.filter((title) => title !== 'did not respond' && !titles.includes(title))).toEqual([]);
  });

  test('link to the repository that the chart names', () => {
    const home = /^home: (.*)$/m.exec(readFileSync('charts/docket/Chart.yaml', 'utf8'))?.[1] ?? 'none';
    expect(runbook).toBe(`${home}/blob/main/docs/operations.md`);
    expect(alertRules()).toContain(`${runbook}#docketdeadletters`);
  });
});
