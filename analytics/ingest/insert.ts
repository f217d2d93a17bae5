import type { ClickHouseClient } from '@clickhouse/client';
import type { Log } from '#runtime/log.ts';
import { retry } from '#runtime/retry.ts';
import { insertLines, isRefusal } from '../clickhouse/client.ts';
import { columnsOf, type Encoded, escapeText, type Kind } from './encode.ts';
import type { Result } from './result.ts';

type Deps = { clickhouse: ClickHouseClient; log: Log };

/** A row that cannot be stored. */
export type DeadLetter = {
  readonly kind: string;
  readonly guildId: string;
  readonly reason: string;
  readonly row: string;
};

const deadLetterColumns = ['at', 'kind', 'guild_id', 'reason', 'row'];
const maxReasonLength = 500;

/** Waits for ClickHouse as long as it takes: what is not inserted stays in the log. Only the signal and a refusal end it. */
function patiently<T>(deps: Deps, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return retry(
    {
      attempts: Number.POSITIVE_INFINITY,
      minMs: 100,
      maxMs: 5_000,
      signal,
      when: (error) => !isRefusal(error),
      onRetry: (err, attempt) => deps.log.warn({ err, attempt }, 'clickhouse did not take a batch'),
    },
    work,
  );
}

/**
 * Inserts rows of one kind. When ClickHouse refuses them they are halved until the refused rows stand alone: at most two inserts for each
 * halving of a batch, so one bad row in 10,000 costs 28.
 */
export async function insertRows(
  deps: Deps,
  kind: Kind,
  rows: readonly Encoded[],
  signal: AbortSignal,
): Promise<Result<Encoded>[]> {
  if (rows.length === 0) return [];
  const lines = rows.map((row) => row.line);
  try {
    await patiently(deps, signal, () => insertLines(deps.clickhouse, kind, columnsOf(kind), lines));
    return rows.map((row) => ({ ok: row }));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (rows.length === 1) return [{ dead: error.message.slice(0, maxReasonLength) }];
    const middle = rows.length >> 1;
    const left = await insertRows(deps, kind, rows.slice(0, middle), signal);
    return [...left, ...(await insertRows(deps, kind, rows.slice(middle), signal))];
  }
}

/** Keeps rows that could not be stored. */
export async function bury(deps: Deps, letters: readonly DeadLetter[], at: number, signal: AbortSignal): Promise<void> {
  if (letters.length === 0) return;
  const when = (at / 1_000).toFixed(3);
  const lines = letters.map(
    ({ kind, guildId, reason, row }) => `${[when, kind, guildId, reason, row].map(escapeText).join('\t')}\n`,
  );
  await patiently(deps, signal, () => insertLines(deps.clickhouse, 'dead_letter', deadLetterColumns, lines));
}
