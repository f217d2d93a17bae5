import type { APIButtonComponent } from 'discord-api-types/v10';
import { type TextKey, translate } from '#locales/index.ts';
import { button } from './components.ts';
import { number } from './options.ts';

/** A menu holds 25 options: https://discord.com/developers/docs/components/reference#string-select */
export const menuMax = 25;

/** The part of a custom id that says which page is shown; 0 has the newest. */
export const pageNo = () => number(0, 9_999);

/** What a menu shows of a list, and where the rest is. */
export type Page<T> = { readonly rows: readonly T[]; readonly older: number | null; readonly newer: number | null };

/** One page of a list that begins with the oldest; page 0 ends with the newest. A page that is no longer there is the last one. */
export function pageOf<T>(all: readonly T[], page: number, size = menuMax): Page<T> {
  const at = Math.min(page, Math.max(0, Math.ceil(all.length / size) - 1));
  const end = all.length - at * size;
  return {
    rows: all.slice(Math.max(0, end - size), end),
    older: end > size ? at + 1 : null,
    newer: at > 0 ? at - 1 : null,
  };
}

/** The same for a menu that remembers what was chosen: that is on every page, so that to choose more loses nothing. */
export function choicePage<T extends { readonly id: number }>(
  all: readonly T[],
  chosen: readonly number[],
  o: { page: number; size?: number },
): Page<T> {
  const size = o.size ?? menuMax;
  const kept = all.filter(({ id }) => chosen.includes(id)).slice(-size);
  const rest = all.filter(({ id }) => !chosen.includes(id));
  if (kept.length === size) return { rows: kept, older: null, newer: null };
  const shown = pageOf(rest, o.page, size - kept.length);
  const ids = new Set([...kept, ...shown.rows].map(({ id }) => id));
  return { ...shown, rows: all.filter(({ id }) => ids.has(id)) };
}

/** The buttons that lead to the other pages, as far as there are any. */
export function pageButtons(
  locale: string,
  { older, newer }: Pick<Page<unknown>, 'older' | 'newer'>,
  customIdOf: (page: number) => string,
  keys: { older: TextKey; newer: TextKey } = { older: 'buttons.older.label', newer: 'buttons.newer.label' },
): APIButtonComponent[] {
  return [
    ...(newer === null ? [] : [button(translate(locale, keys.newer), customIdOf(newer))]),
    ...(older === null ? [] : [button(translate(locale, keys.older), customIdOf(older))]),
  ];
}
