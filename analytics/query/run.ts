import type { ClickHouseClient } from '@clickhouse/client';
import { readRows } from '../clickhouse/client.ts';
import type { Metrics } from '../metrics/registry.ts';
import { compile, type Request, type Scope, type Statement } from './compile.ts';

type Figure = number | null;
/** A figure by panel; `null` is "no panel". */
export type PanelFigure = { panelId: number | null; value: number };

/** What a request is answered with: one figure, an array of a fixed dimension, or one figure per panel. */
export type AnswerOf<R extends Request> = R['by'] extends 'panel'
  ? PanelFigure[]
  : R['by'] extends string
    ? Figure[]
    : Figure;
type Answers<R extends Record<string, Request>> = { [K in keyof R]: AnswerOf<R[K]> };

type Row = Record<string, unknown>;

/** Asks ClickHouse, all statements at once, and answers under the requests' own names. Missing data becomes the metric's `empty`. */
export async function runRequests<const R extends Record<string, Request>>(
  deps: { clickhouse: ClickHouseClient; metrics: Metrics },
  scope: Scope,
  requests: R,
): Promise<Answers<R>> {
  const statements = compile(deps.metrics, scope, requests);
  const results = await Promise.all(
    statements.map(async (statement) => {
      const rows = await readRows<Row>(deps.clickhouse, statement.query, statement.parameters);
      return answersOf(statement, rows);
    }),
  );
  return Object.fromEntries(results.flat()) as Answers<R>;
}

function answersOf(statement: Statement, rows: readonly Row[]): [name: string, answer: unknown][] {
  return statement.answers.map(({ name, column, request, metric }) => {
    const figure = (value: unknown): Figure => figureOf(value) ?? metric.empty;
    if (request.by === 'panel') {
      const panels = rows.map((row) => ({ panelId: Number(row.panel_id) || null, value: figure(row[column]) ?? 0 }));
      return [name, panels.filter((panel) => panel.value > 0)];
    }
    const value = rows[0]?.[column];
    if (request.by) return [name, Array.isArray(value) ? value.map(figure) : []];
    if (metric.peak) return [name, Array.isArray(value) ? peakOf(value.map(Number)) : null];
    return [name, figure(value)];
  });
}

/** Counts come as texts (64 bits); "not a number" and NULL come as null. */
function figureOf(value: unknown): Figure {
  if (value === null || value === undefined) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** The index of the largest value, the first of equals; null when all are 0. */
export function peakOf(values: readonly number[]): number | null {
  const most = Math.max(0, ...values);
  return most === 0 ? null : values.indexOf(most);
}
