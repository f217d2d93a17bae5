// What a command's options, a custom id's arguments and a modal's inputs may be: plain data, with the type of what they bring.
import { ApplicationCommandOptionType, type ChannelType } from 'discord-api-types/v10';
import type { TextKey } from '#locales/index.ts';

/** One choice of a text option. `title` is a locale key. */
export type Choice = { readonly value: string; readonly title: TextKey };

/** An option of a command. Its description is the locale key `commands.<command>.options.<name>`. */
export type Option =
  | { readonly kind: 'text'; readonly optional: boolean; readonly max: number; readonly choices?: readonly Choice[] }
  | {
      readonly kind: 'integer';
      readonly optional: boolean;
      readonly min: number;
      readonly max: number;
      readonly of?: readonly number[];
    }
  | { readonly kind: 'flag'; readonly optional: boolean }
  | { readonly kind: 'user'; readonly optional: boolean }
  | { readonly kind: 'role'; readonly optional: boolean }
  | { readonly kind: 'mentionable'; readonly optional: boolean }
  | { readonly kind: 'channel'; readonly optional: boolean; readonly types: readonly ChannelType[] };

export type Options = Readonly<Record<string, Option>>;

/** A user or a role that somebody chose. */
export type Mentioned = {
  readonly id: string;
  readonly kind: 'user' | 'role';
  readonly isBot: boolean;
  /** Of a user: what they are in this server; null when they are not in it. */
  readonly member: { readonly roleIds: readonly string[]; readonly hasManageGuild: boolean } | null;
};

type Value<O extends Option> = O['kind'] extends 'text' | 'channel' | 'role'
  ? string
  : O['kind'] extends 'integer'
    ? number
    : O['kind'] extends 'flag'
      ? boolean
      : Mentioned;
/** What the options bring: an optional one that was not given is null. */
export type OptionValues<O extends Options> = {
  readonly [K in keyof O]: O[K]['optional'] extends true ? Value<O[K]> | null : Value<O[K]>;
};

type Optional = { readonly optional: true };
type Given<T> = T extends Optional ? true : false;

/** A text of at most `max` characters (Discord's own limit is 6,000). */
export function text<const T extends { max: number; optional?: true; choices?: readonly Choice[] }>(o: T) {
  return {
    kind: 'text',
    max: o.max,
    optional: (o.optional ?? false) as Given<T>,
    ...(o.choices && { choices: o.choices }),
  } as const;
}
/** A whole number between `min` and `max`, or one of a few. */
export function integer<const T extends { min: number; max: number; of?: readonly number[]; optional?: true }>(o: T) {
  return {
    kind: 'integer',
    min: o.min,
    max: o.max,
    optional: (o.optional ?? false) as Given<T>,
    ...(o.of && { of: o.of }),
  } as const;
}
/** A member of the server. */
export function user<const T extends { optional?: true }>(o: T = {} as T) {
  return { kind: 'user', optional: (o.optional ?? false) as Given<T> } as const;
}
/** A member or a role. */
export function mentionable<const T extends { optional?: true }>(o: T = {} as T) {
  return { kind: 'mentionable', optional: (o.optional ?? false) as Given<T> } as const;
}

/** Discord's number for an option's kind. */
export const optionTypes = {
  text: ApplicationCommandOptionType.String,
  integer: ApplicationCommandOptionType.Integer,
  flag: ApplicationCommandOptionType.Boolean,
  user: ApplicationCommandOptionType.User,
  role: ApplicationCommandOptionType.Role,
  mentionable: ApplicationCommandOptionType.Mentionable,
  channel: ApplicationCommandOptionType.Channel,
} as const satisfies Record<Option['kind'], ApplicationCommandOptionType>;

/** A part of a custom id: an internal id, a snowflake, a small number. */
export type Arg =
  | { readonly kind: 'id' }
  | { readonly kind: 'snowflake' }
  | { readonly kind: 'number'; readonly min: number; readonly max: number };
export type Args = Readonly<Record<string, Arg>>;
export type ArgValues<A extends Args> = { readonly [K in keyof A]: A[K]['kind'] extends 'snowflake' ? string : number };

/** One of Docket's own ids. */
export const id = () => ({ kind: 'id' }) as const;
/** An id of Discord's. '0' says "none". */
export const snowflake = () => ({ kind: 'snowflake' }) as const;
/** A whole number. */
export const number = (min: number, max: number) => ({ kind: 'number', min, max }) as const;
