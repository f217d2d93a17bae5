import type { Encoded } from './encode.ts';
import type { Result } from './result.ts';

/** Of rows with one key in one batch only the newest is worth inserting; of equal versions the last that came. */
export function collapse(rows: readonly Encoded[]): Result<Encoded>[] {
  const newest = new Map<string, Encoded>();
  for (const row of rows) {
    const key = `${row.kind}/${row.key}`;
    const known = newest.get(key);
    if (!known || known.version <= row.version) newest.set(key, row);
  }
  const kept = new Set(newest.values());
  return rows.map((row) => (kept.has(row) ? { ok: row } : { drop: 'superseded' }));
}
