import { resources } from './index.ts';
import type { LanguageCode } from './languages.ts';

const baseOf = (key: string): string => key.replace(/_(zero|one|two|few|many|other)$/, '');
const basesOf = (texts: Readonly<Record<string, string>>): Set<string> => new Set(Object.keys(texts).map(baseOf));

/** How much of the source a language has, in whole percent; only what is complete is 100. */
export function coverageOf(code: LanguageCode): number {
  const source = basesOf(resources.en);
  const own = basesOf(resources[code]);
  const have = [...source].filter((key) => own.has(key)).length;
  return Math.floor((have / source.size) * 100);
}
