import { mustBeText } from './bounds.ts';

const breaks = /[\p{Cc}\u2028\u2029]+/gu;

/**
 * A text that people wrote as one line: line breaks become spaces, the ends are trimmed. `max` counts UTF-16 units.
 * @throws AppError input.invalid {field, fix}: nothing that can be seen, or too long
 */
export function oneLine(text: string, o: { field: string; max: number }): string {
  const line = text.replace(breaks, ' ').trim();
  mustBeText(o.field, line, o.max);
  return line;
}
