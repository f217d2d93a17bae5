import { isSnowflake } from '#runtime/snowflake.ts';
import type { Arg, Args, ArgValues } from './options.ts';

// Discord allows 100 characters. An internal id has at most 16 digits, a snowflake 19.
const widest = { id: 16, snowflake: 19 } as const;
const widthOf = (arg: Arg): number => (arg.kind === 'number' ? String(arg.max).length : widest[arg.kind]);

/** The most characters that a custom id with these arguments can have. */
export function widthOfCustomId(name: string, args: Args): number {
  return name.length + Object.values(args).reduce((sum, arg) => sum + 1 + widthOf(arg), 0);
}

/** Writes `name:value:value`, values in the order of the declaration. */
export function writeCustomId<A extends Args>(name: string, args: A, values: ArgValues<A>): string {
  return [name, ...Object.keys(args).map((key) => String(values[key]))].join(':');
}

const choosing = 'choose';
/**
 * The custom id of a menu whose options name their handlers: each value is a custom id. So one menu can hold what is answered by a form
 * and what is not, which must be known before anything is looked up (design.md 4). `key` tells apart the menus of a message.
 */
export const chooserId = (key: string | number): string => `${choosing}:${key}`;
/** Whether a custom id is a chooser's. */
export const isChooser = (customId: string): boolean => customId.startsWith(`${choosing}:`);

/** The name in a custom id: the handler's key. */
export function nameInCustomId(customId: string): string {
  return customId.split(':', 1)[0] ?? '';
}

function readArg(arg: Arg, raw: string): string | number | undefined {
  if (!/^\d{1,20}$/.test(raw)) return undefined;
  if (arg.kind === 'snowflake') return raw === '0' || isSnowflake(raw) ? raw : undefined;
  const value = Number(raw);
  if (!Number.isSafeInteger(value)) return undefined;
  return arg.kind === 'number' && (value < arg.min || value > arg.max) ? undefined : value;
}

/** Reads what `writeCustomId` wrote; null when it does not fit the declaration (an older version's button). */
export function readCustomId<A extends Args>(args: A, customId: string): ArgValues<A> | null {
  const raw = customId.split(':').slice(1);
  const entries = Object.entries(args);
  if (raw.length !== entries.length) return null;
  const values: Record<string, string | number> = {};
  for (const [i, [key, arg]] of entries.entries()) {
    const value = readArg(arg, raw[i] ?? '');
    if (value === undefined) return null;
    values[key] = value;
  }
  return values as ArgValues<A>;
}
