import type { ClickHouseClient } from '@clickhouse/client';
import { now } from '#runtime/clock.ts';
import type { Log } from '#runtime/log.ts';
import type { Db } from '#runtime/postgres.ts';
import { metrics } from '#runtime/telemetry.ts';
import { notify } from '../notify.ts';
import { collapse } from './collapse.ts';
import { type Encoded, encode, type Incoming, kinds } from './encode.ts';
import { bury, type DeadLetter, insertRows } from './insert.ts';
import type { Result } from './result.ts';

type Deps = { clickhouse: ClickHouseClient; pool: Db; log: Log };

/** Takes a batch of rows into ClickHouse; returns when every row is stored, not needed, or among the dead letters. */
export type Ingest = (rows: readonly Incoming[], signal: AbortSignal) => Promise<void>;

/**
 * Makes the ingest: check and encode, keep the newest of each key, insert, bury what was refused, tell whose figures moved. Any order, any
 * repetition of rows ends in the same figures. A refused row stops nothing; an absent ClickHouse is waited for.
 */
export function createIngest(deps: Deps): Ingest {
  return async (rows, signal) => {
    const letters: DeadLetter[] = [];
    const settle = settler(letters);

    const encoded = timed('encode', () => settle(rows, rows.map(encode)));
    const fresh = timed('collapse', () => settle(encoded, collapse(encoded)));
    const stored: Encoded[] = [];
    for (const kind of kinds) {
      const ofKind = fresh.filter((row) => row.kind === kind);
      const results = await timedAsync('insert', () => insertRows(deps, kind, ofKind, signal));
      stored.push(...settle(ofKind, results));
    }
    metrics.ingestRows.inc({ result: 'ok' }, stored.length);
    if (letters.length > 0) {
      await timedAsync('bury', () => bury(deps, letters, now(), signal));
      deps.log.error({ rows: letters.length, reason: letters[0]?.reason }, 'rows were put among the dead letters');
    }
    const newest = stored.reduce((max, row) => Math.max(max, row.at ?? 0), 0);
    if (newest > 0) metrics.eventLag.set(Math.max(0, (now() - newest) / 1_000));
    const guildIds = new Set(stored.map((row) => row.guildId));
    await timedAsync('announce', () => announce(deps, guildIds));
  };
}

/** A listener that hears nothing reads again soon; a failing NOTIFY must not make the log repeat what is stored. */
async function announce(deps: Deps, guildIds: Set<string>): Promise<void> {
  try {
    await notify(deps.pool, 'docket_figures', guildIds);
  } catch (err) {
    deps.log.warn({ err }, 'figures could not be announced');
  }
}

const isEncoded = (row: Incoming | Encoded): row is Encoded => 'line' in row;

/** Counts each row's result, collects the dead, and returns what goes on. */
function settler(letters: DeadLetter[]) {
  return <In extends Incoming | Encoded, Out>(rows: readonly In[], results: readonly Result<Out>[]): Out[] => {
    const kept: Out[] = [];
    let dropped = 0;
    results.forEach((result, i) => {
      const row = rows[i];
      if ('ok' in result) kept.push(result.ok);
      else if ('drop' in result) dropped += 1;
      else if (row) letters.push(letterOf(row, result.dead));
    });
    const dead = results.length - kept.length - dropped;
    if (dropped > 0) metrics.ingestRows.inc({ result: 'drop' }, dropped);
    if (dead > 0) metrics.ingestRows.inc({ result: 'dead' }, dead);
    return kept;
  };
}

// Of what cannot be read at all, enough to recognise it.
const maxTextLength = 10_000;

function letterOf(row: Incoming | Encoded, reason: string): DeadLetter {
  if (isEncoded(row)) return { kind: row.kind, guildId: row.guildId, reason, row: row.line.trimEnd() };
  if (typeof row.row === 'string') return { kind: row.kind, guildId: '', reason, row: row.row.slice(0, maxTextLength) };
  const { guild_id: guildId } = (row.row ?? {}) as { guild_id?: string | number };
  return { kind: row.kind, guildId: `${guildId ?? ''}`, reason, row: JSON.stringify(row.row) ?? '' };
}

function timed<T>(step: string, work: () => T): T {
  const end = metrics.ingestSeconds.startTimer({ step });
  try {
    return work();
  } finally {
    end();
  }
}

async function timedAsync<T>(step: string, work: () => Promise<T>): Promise<T> {
  const end = metrics.ingestSeconds.startTimer({ step });
  try {
    return await work();
  } finally {
    end();
  }
}
