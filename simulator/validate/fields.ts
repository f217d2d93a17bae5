import type { Problems } from '../http/errors.ts';

export type Path = readonly (string | number)[];
export type Json = Record<string, unknown>;

/** The value as an object; anything else becomes an empty one. */
export function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value as a text: itself, a number's digits, JSON of anything else; '' when it is absent. */
export function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

/** Length in characters, as Discord counts. */
export function lengthOf(value: string): number {
  return Array.from(value).length;
}

/** A text of `min` to `max` characters; absent or null is allowed unless `required`. */
export function checkText(
  problems: Problems,
  path: Path,
  value: unknown,
  { min, max, required = false }: { min: number; max: number; required?: boolean },
): void {
  if (value === undefined || value === null) {
    if (required) problems.add(path, 'BASE_TYPE_REQUIRED', 'This field is required');
    return;
  }
  if (typeof value !== 'string') {
    problems.add(path, 'STRING_TYPE_CONVERT', 'Could not interpret the value as string.');
    return;
  }
  const length = lengthOf(value);
  if (required && length === 0) problems.add(path, 'BASE_TYPE_REQUIRED', 'This field is required');
  else if (length < min || length > max) {
    const bounds = min === 0 ? `${max} or fewer in length.` : `between ${min} and ${max} in length.`;
    problems.add(path, min === 0 ? 'BASE_TYPE_MAX_LENGTH' : 'BASE_TYPE_BAD_LENGTH', `Must be ${bounds}`);
  }
}

/** A list of `min` to `max` entries. */
export function checkList(problems: Problems, path: Path, value: unknown, min: number, max: number): unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    problems.add(path, 'LIST_TYPE_CONVERT', 'Only iterables may be used in a ListType');
    return [];
  }
  if (value.length < min || value.length > max) {
    problems.add(path, 'BASE_TYPE_BAD_LENGTH', `Must be between ${min} and ${max} in length.`);
  }
  return value;
}

export function checkInteger(problems: Problems, path: Path, value: unknown, min: number, max: number): void {
  if (value === undefined || value === null) return;
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    problems.add(path, 'NUMBER_TYPE_COERCE', `Value "${asText(value)}" is not int.`);
  } else if (value < min) {
    problems.add(path, 'NUMBER_TYPE_MIN', `int value should be greater than or equal to ${min}.`);
  } else if (value > max) {
    problems.add(path, 'NUMBER_TYPE_MAX', `int value should be less than or equal to ${max}.`);
  }
}

export function checkChoice(problems: Problems, path: Path, value: unknown, choices: readonly unknown[]): void {
  if (!choices.includes(value)) {
    problems.add(path, 'BASE_TYPE_CHOICES', `Value must be one of {${choices.join(', ')}}.`);
  }
}

/** Whether it is written like an id. */
export function isSnowflake(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,20}$/.test(value);
}

export function checkSnowflake(problems: Problems, path: Path, value: unknown): void {
  if (!isSnowflake(value) && typeof value !== 'number') {
    problems.add(path, 'NUMBER_TYPE_COERCE', `Value "${String(value)}" is not snowflake.`);
  }
}
