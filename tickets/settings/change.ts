import { isDeepStrictEqual } from 'node:util';

type Values = Readonly<Record<string, unknown>>;

/** What a change of settings did, as the audit keeps it: the overrides of the named settings before and after; absent = the default. */
export type SettingsDiff = { readonly before: Values; readonly after: Values; readonly names: readonly string[] };

const isValues = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads it from an entry of the audit; null when the entry is something else, or changed nothing. */
export function changedIn(entry: { readonly action: string; readonly data: unknown }): SettingsDiff | null {
  if (entry.action !== 'settings.changed' || !isValues(entry.data)) return null;
  const { before, after } = entry.data;
  if (!isValues(before) || !isValues(after)) return null;
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !isDeepStrictEqual(before[name], after[name]),
  );
  return names.length > 0 ? { before: pick(before, names), after: pick(after, names), names } : null;
}

const pick = (values: Values, names: readonly string[]): Values =>
  Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
