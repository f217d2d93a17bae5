import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkPatch, effective } from './derive.ts';
import { durationText, readDuration } from './duration.ts';
import { type Setting, type SettingName, settings } from './registry.ts';

const names = Object.keys(settings) as SettingName[];
const snowflake = fc.bigInt({ min: 10n ** 16n, max: 92n * 10n ** 17n - 1n }).map(String);
const orNull = <T>(values: fc.Arbitrary<T>, isNullable: boolean): fc.Arbitrary<T | null> =>
  isNullable ? fc.option(values) : values;

/** Values that a setting takes. */
function valuesOf(setting: Setting): fc.Arbitrary<unknown> {
  switch (setting.kind) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return orNull(fc.integer({ min: setting.min, max: setting.max }), setting.nullable);
    case 'duration':
      return orNull(fc.integer({ min: setting.min, max: setting.max }), true);
    case 'text':
      // What people write: emojis, right to left, zero width, mentions, formatting. Something of it can be seen.
      return orNull(
        fc
          .string({
            maxLength: setting.max - 1,
            unit: fc.constantFrom('a', 'é', '😀', '\u202e', '\u200b', '@', '`', '\n'),
          })
          .map((rest) => `x${rest}`),
        setting.nullable,
      );
    case 'choice':
      return fc.constantFrom(...setting.of);
    case 'language':
      return orNull(fc.constantFrom(...setting.of), true);
    case 'channel':
      return orNull(snowflake, true);
    case 'list':
      return fc.uniqueArray(snowflake, { maxLength: Math.min(setting.max, 30) });
    case 'reference':
      return orNull(fc.integer({ min: 1_000, max: Number.MAX_SAFE_INTEGER }), true);
    case 'colour':
      return fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);
  }
}
const patches: fc.Arbitrary<Record<string, unknown>> = fc.record(
  Object.fromEntries(names.map((name) => [name, valuesOf(settings[name])])),
  { requiredKeys: [] },
);
const anything: fc.Arbitrary<Record<string, unknown>> = fc.dictionary(
  fc.oneof(fc.constantFrom<string>(...names, '__proto__', 'constructor', 'toString'), fc.string()),
  fc.anything({ withBigInt: false }),
);

describe('settings', () => {
  test('what a patch takes is in force as it was given, and everything else is the default', () => {
    fc.assert(
      fc.property(patches, (patch) => {
        const chosen = checkPatch(patch);
        const inForce = effective(chosen);
        for (const name of names)
          expect(inForce[name], name).toEqual(Object.hasOwn(patch, name) ? patch[name] : settings[name].default);
      }),
    );
  });

  test('whatever was stored, what is in force is allowed, and reading it again changes nothing', () => {
    fc.assert(
      fc.property(fc.oneof(anything, patches), (stored) => {
        const inForce = effective(stored);
        expect(Object.keys(inForce)).toEqual(names);
        expect(() => checkPatch(inForce)).not.toThrow();
        expect(effective(inForce)).toEqual(inForce);
      }),
    );
  });

  test('anything but a value of its kind is refused, naming the setting and what it takes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.anything({ withBigInt: false }), (name, value) => {
        const isAllowed = (): boolean => {
          const read = effective({ [name]: value })[name];
          return JSON.stringify(read) === JSON.stringify(value) && typeof read === typeof value;
        };
        try {
          checkPatch({ [name]: value });
          expect(isAllowed()).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'setting.invalid', context: { field: name } });
        }
      }),
    );
  });

  const texts = names.filter((name) => settings[name].kind === 'text');
  const max = (name: SettingName): number => {
    const setting: Setting = settings[name];
    return setting.kind === 'text' ? setting.max : 0;
  };
  test.each(texts)('%s takes as many characters as its limit, and not one more', (name) => {
    expect(checkPatch({ [name]: 'x'.repeat(max(name)) })).toEqual({ [name]: 'x'.repeat(max(name)) });
    for (const text of [
      '',
      ' ',
      '\u200b\u202e',
      '\u0000x',
      '\ud83d',
      'x'.repeat(max(name) + 1),
      'x'.repeat(max(name) * 100),
    ])
      expect(() => checkPatch({ [name]: text }), `${text.length}`).toThrow('setting.invalid');
  });

  test('what is too long by a lowered limit is cut and never ends in half a character', () => {
    const [full, long] = ['😀'.repeat(1_024), `x${'😀'.repeat(1_024)}`];
    expect(effective({ defaultCloseReason: full }).defaultCloseReason).toBe(full);
    expect(effective({ defaultCloseReason: long }).defaultCloseReason).toBe(`x${'😀'.repeat(1_023)}`);
  });
});

describe('durations', () => {
  const minutes = fc.integer({ min: 0, max: 90 * 24 * 60 });
  test('are read as they are written', () => {
    fc.assert(
      fc.property(minutes, (n) => {
        expect(readDuration(durationText(n * 60_000))).toBe(n * 60_000);
      }),
    );
  });

  test('are read in any order and spacing, each unit once', () => {
    const spaces = fc.constantFrom('', ' ', '  ');
    fc.assert(
      fc.property(fc.nat(90), fc.nat(99), fc.nat(999), spaces, fc.boolean(), (d, h, m, space, isUpper) => {
        const parts = [`${d}d`, `${h}h`, `${m}m`];
        const expected = ((d * 24 + h) * 60 + m) * 60_000;
        for (const order of [parts, parts.toReversed(), [`${h}h`, `${m}m`, `${d}d`]]) {
          const text = order.join(space);
          expect(readDuration(isUpper ? text.toUpperCase() : text)).toBe(expected);
        }
      }),
    );
  });

  test('nothing else is a duration', () => {
    for (const text of ['', ' ', '5', 'd', '1d1d', '-1d', '1.5h', '1w', '1d 2', '१d', '1d​', 'Infinityd', '1e3m'])
      expect(readDuration(text), JSON.stringify(text)).toBeNull();
    fc.assert(
      fc.property(fc.string(), (text) => {
        const ms = readDuration(text);
        expect(ms === null || (Number.isSafeInteger(ms) && ms >= 0 && ms % 60_000 === 0)).toBe(true);
      }),
    );
  });
});
