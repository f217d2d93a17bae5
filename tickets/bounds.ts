import { AppError } from './errors.ts';

/** The refusal of a value: which field, and what would fit. */
export const invalid = (field: string, fix: string): AppError => new AppError('input.invalid', { field, fix });

// What a text can look empty with: spaces, control and format characters (zero width, directions), and the fillers of Braille and Hangul.
const unseen = /[\s\p{Cc}\p{Cf}\u034F\u115F\u1160\u2800\u3164\uFFA0]/gu;
const figure = (value: number): string => value.toLocaleString('en');

/** Whether a text can be stored and seen: Postgres stores no NUL, and no half of a surrogate pair in jsonb. */
export const canBeShown = (text: string): boolean =>
  !text.includes('\u0000') && text.isWellFormed() && text.replace(unseen, '') !== '';

/**
 * Checks a text that is to be stored and shown. Lengths are UTF-16 units, of which no text has fewer than of what Discord counts.
 * @throws AppError input.invalid {field, fix}
 */
export function mustBeText(field: string, value: string, max: number): void {
  // Postgres stores no NUL, and no half of a surrogate pair in jsonb.
  if (value.includes('\u0000') || !value.isWellFormed()) throw invalid(field, 'a text without broken characters');
  if (value.length > max) throw invalid(field, `at most ${figure(max)} characters (these are ${figure(value.length)})`);
  if (value.replace(unseen, '') === '') throw invalid(field, 'a text that can be seen');
}

/** Checks a whole number. Throws AppError input.invalid. */
export function mustBeWithin(field: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max)
    throw invalid(field, `a whole number from ${figure(min)} to ${figure(max)}`);
}

/** Checks a list: how many, and none twice. Throws AppError input.invalid. */
export function mustBeList(field: string, values: readonly (string | number)[], min: number, max: number): void {
  if (values.length < min) throw invalid(field, min === 1 ? 'at least one' : `at least ${min}`);
  if (values.length > max) throw invalid(field, `at most ${max} (these are ${figure(values.length)})`);
  if (new Set(values).size < values.length) throw invalid(field, 'each only once');
}

/** Checks the address of a picture as the dashboard takes them: http(s), with a path that ends in .png (features.md 1.4-12). */
export function mustBePicture(field: string, value: string, max: number): void {
  mustBeText(field, value, max);
  const url = URL.canParse(value) ? new URL(value) : null;
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (!url || !isWeb || url.username !== '' || !url.pathname.toLowerCase().endsWith('.png') || /\s/.test(value))
    throw invalid(field, 'an address that starts with https:// and whose path ends with .png');
}

/** Checks a colour, 0xRRGGBB. Throws AppError input.invalid. */
export function mustBeColour(field: string, value: number): void {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffff) throw invalid(field, 'a colour such as #252B4C');
}
