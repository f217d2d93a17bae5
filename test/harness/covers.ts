import { featureRows, settingsAhead } from '#docs/generate/feature-rows.ts';

/**
 * Says that the test around it shows a row of the feature list: through Discord and HTTP, or by its route where the row describes a page ('api'),
 * or as a setting whose effect comes later ('setting'). docs/features.md finds the calls by reading the files: write a plain string.
 */
export function covers(row: string, how?: 'api' | 'setting'): void {
  if (featureRows[row] === undefined)
    throw new Error(`No feature has the number ${row} (docs/generate/feature-rows.ts)`);
  if (how === 'setting' && !settingsAhead.includes(row)) throw new Error(`${row} has an effect now: show it`);
}
