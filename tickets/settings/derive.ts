import { type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { snowflakeSource } from '#runtime/snowflake.ts';
import { canBeShown } from '../bounds.ts';
import { AppError } from '../errors.ts';
import { durationText } from './duration.ts';
import { type Overrides, type Setting, type SettingName, type Settings, settings } from './registry.ts';

/** Where Docket's own ids begin (store/migrations/000001_tickets.sql). */
const firstId = 1_000;
const plural = { category: 'categories', role: 'roles', user: 'members' } as const;
const snowflake = `^${snowflakeSource}$`;
const isName = (name: string): name is SettingName => Object.hasOwn(settings, name);
const names = Object.keys(settings).filter(isName);
const orNull = (schema: TSchema, isNullable: boolean): TSchema =>
  isNullable ? Type.Union([schema, Type.Null()]) : schema;

/** The JSON schema of one setting's value. */
export function schemaOf(setting: Setting): TSchema {
  switch (setting.kind) {
    case 'boolean':
      return Type.Boolean();
    case 'integer':
      return orNull(Type.Integer({ minimum: setting.min, maximum: setting.max }), setting.nullable);
    case 'text':
      return orNull(Type.String({ minLength: 1, maxLength: setting.max }), setting.nullable);
    case 'duration':
      return orNull(Type.Integer({ minimum: setting.min, maximum: setting.max, description: 'milliseconds' }), true);
    case 'choice':
      return Type.Enum([...setting.of]);
    case 'language':
      return orNull(Type.Enum([...setting.of]), true);
    case 'channel':
      return orNull(Type.String({ pattern: snowflake }), true);
    case 'list':
      return Type.Array(Type.String({ pattern: snowflake }), { uniqueItems: true, maxItems: setting.max });
    case 'reference':
      return orNull(Type.Integer({ minimum: firstId }), true);
    case 'colour':
      return Type.String({ pattern: '^#[0-9A-Fa-f]{6}$' });
  }
}

/** Every setting, for answers. */
export const settingsSchema = Type.Object(Object.fromEntries(names.map((name) => [name, schemaOf(settings[name])])));

/**
 * Any part of the settings, for changes: no defaults and nothing unknown, so that a change never resets another (design.md 11.1). `reset` names
 * those to follow the default again; null is no reset, it is a value where a setting allows it.
 */
export const settingsPatchSchema = Type.Object(
  {
    ...Object.fromEntries(names.map((name) => [name, Type.Optional(schemaOf(settings[name]))])),
    reset: Type.Optional(Type.Array(Type.Enum([...names]), { uniqueItems: true, maxItems: names.length })),
  },
  { additionalProperties: false },
);

const validators = new Map(names.map((name) => [name, Compile(schemaOf(settings[name]))]));

const isAllowed = (name: SettingName, value: unknown): boolean =>
  validators.get(name)?.Check(value) === true &&
  // A colour or an id is text too, and always shows.
  (settings[name].kind !== 'text' || typeof value !== 'string' || canBeShown(value));

/** Checks a change. Throws `setting.invalid` naming the first setting that is unknown or out of bounds, and what it takes. */
export function checkPatch(patch: Readonly<Record<string, unknown>>): Overrides {
  for (const [name, value] of Object.entries(patch)) {
    if (!isName(name)) throw new AppError('setting.invalid', { field: name, fix: 'no such setting' });
    if (!isAllowed(name, value)) throw new AppError('setting.invalid', { field: name, fix: boundsOf(name) });
  }
  return patch as Overrides;
}

/** Checks what is to follow the default again. Throws `setting.invalid` for an unknown setting, and for one that `patch` gives a value. */
export function checkReset(reset: readonly string[], patch: Overrides): SettingName[] {
  return reset.map((name) => {
    if (!isName(name)) throw new AppError('setting.invalid', { field: name, fix: 'no such setting' });
    if (Object.hasOwn(patch, name))
      throw new AppError('setting.invalid', { field: name, fix: 'either a value or its default' });
    return name;
  });
}

/** What a setting takes, in words. */
export function boundsOf(name: SettingName): string {
  const setting: Setting = settings[name];
  switch (setting.kind) {
    case 'boolean':
      return 'true or false';
    case 'integer':
      return `a whole number from ${setting.min} to ${setting.max}${setting.nullable ? ', or none' : ''}`;
    case 'text':
      return `1 to ${setting.max} characters that can be seen${setting.nullable ? ', or none' : ''}`;
    case 'duration':
      return `a time from ${durationText(setting.min)} to ${durationText(setting.max)}, such as 2d 12h, or none`;
    case 'choice':
      return `one of ${setting.of.join(', ')}`;
    case 'language':
      return `one of ${setting.of.join(', ')}, or none for the server's own`;
    case 'list':
      return `up to ${setting.max} ${plural[setting.of]} of this server`;
    case 'reference':
      return `a ${setting.to} of this server, or none`;
    case 'channel':
      return `a ${setting.types === 'category' ? 'category' : 'text channel'} of this server, or none`;
    case 'colour':
      return 'a colour such as #252B4C';
  }
}

const clamped = (setting: Setting, stored: unknown): unknown => {
  if (setting.kind === 'integer' && typeof stored === 'number')
    return Math.min(setting.max, Math.max(setting.min, stored));
  // By code points, as the validator and Discord count: half an emoji would be neither.
  if (setting.kind === 'text' && typeof stored === 'string' && stored.length > setting.max)
    return Array.from(stored).slice(0, setting.max).join('');
  return stored;
};

/**
 * The settings in force: what the server chose, else the default. What is stored is clamped, and replaced by the default where it fits no more,
 * so that a bound lowered later never breaks a server.
 */
export function effective(overrides: Readonly<Record<string, unknown>>): Settings {
  const valueOf = (name: SettingName): unknown => {
    const setting: Setting = settings[name];
    if (!Object.hasOwn(overrides, name)) return setting.default;
    const value = clamped(setting, overrides[name]);
    return isAllowed(name, value) ? value : setting.default;
  };
  return Object.fromEntries(names.map((name) => [name, valueOf(name)])) as Settings;
}
