/** One variable of a process's configuration: how to read it, what it means, how to mend it. */
export type Variable<T> = {
  readonly parse: (raw: string) => T;
  readonly fallback: T | undefined;
  readonly isRequired: boolean;
  readonly isSecret: boolean;
  readonly doc: string;
  readonly fix: string;
  /** The same bounds as JSON Schema, for what checks a value before any process reads it. */
  readonly schema: ValueSchema;
};

/** What a value may be, in JSON Schema's words. */
export type ValueSchema =
  | { readonly type: 'string'; readonly pattern?: string }
  | { readonly type: 'string'; readonly enum: readonly string[] }
  | { readonly type: 'integer'; readonly minimum: number; readonly maximum: number }
  | { readonly type: 'boolean' };

type Options<T> = { default?: T; optional?: boolean; secret?: boolean; doc: string; fix?: string };
type Spec = Readonly<Record<string, Variable<unknown>>>;

/** The typed values that a spec yields. */
export type ConfigOf<S extends Spec> = { readonly [K in keyof S]: S[K] extends Variable<infer T> ? T : never };

/** Every problem of a configuration at once; `problems` holds one sentence each, with the fix. Never holds a value. */
export class ConfigError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`The configuration has ${problems.length} problem${problems.length === 1 ? '' : 's'}.`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

function variable<T>(o: Options<T>, fix: string, schema: ValueSchema, parse: (raw: string) => T): Variable<T> {
  return {
    schema,
    parse,
    fallback: o.default,
    isRequired: o.default === undefined && o.optional !== true,
    isSecret: o.secret ?? false,
    doc: o.doc,
    fix: o.fix ?? fix,
  };
}

type TextOptions = Options<string> & { pattern?: RegExp };

/** Any non-empty text, or one of a `pattern`. With `optional` the value may be undefined. */
export function text(o: TextOptions & { optional: true }): Variable<string | undefined>;
export function text(o: TextOptions): Variable<string>;
export function text(o: TextOptions): Variable<string | undefined> {
  const { pattern } = o;
  return variable(o, 'Set it to a text.', { type: 'string', ...(pattern && { pattern: pattern.source }) }, (raw) => {
    if (pattern && !pattern.test(raw)) throw new RangeError('is not such a text');
    return raw;
  });
}

/** A whole number between `min` and `max`. */
export function integer(
  o: Options<number> & { min: number; max: number; optional: true },
): Variable<number | undefined>;
export function integer(o: Options<number> & { min: number; max: number }): Variable<number>;
export function integer(o: Options<number> & { min: number; max: number }): Variable<number | undefined> {
  const schema = { type: 'integer', minimum: o.min, maximum: o.max } as const;
  return variable(o, `Set it to a whole number from ${o.min} to ${o.max}.`, schema, (raw) => {
    const value = Number(raw);
    if (!/^-?\d+$/.test(raw) || value < o.min || value > o.max) throw new RangeError('is not such a number');
    return value;
  });
}

/** A TCP port; 0 takes a free one. */
export function port(o: Options<number>): Variable<number> {
  return integer({ ...o, min: 0, max: 65_535 });
}

/** One of a few words. */
export function choice<const T extends string>(o: Options<NoInfer<T>> & { of: readonly T[] }): Variable<T> {
  return variable<T>(o, `Set it to one of: ${o.of.join(', ')}.`, { type: 'string', enum: o.of }, (raw) => {
    if (!(o.of as readonly string[]).includes(raw)) throw new RangeError('is none of the words allowed');
    return raw as T;
  });
}

/** An absolute URL with one of `protocols` (without the colon; default http and https). */
export function url(
  o: Options<string> & { protocols?: readonly string[]; optional: true },
): Variable<string | undefined>;
export function url(o: Options<string> & { protocols?: readonly string[] }): Variable<string>;
export function url(o: Options<string> & { protocols?: readonly string[] }): Variable<string | undefined> {
  const protocols = o.protocols ?? ['http', 'https'];
  return variable(
    o,
    `Set it to an address that starts with ${protocols.map((p) => `${p}://`).join(' or ')}.`,
    { type: 'string', pattern: `^(${protocols.join('|').replaceAll('+', '\\+')})://` },
    (raw) => {
      const parsed = URL.parse(raw);
      if (!parsed || !protocols.includes(parsed.protocol.slice(0, -1))) throw new RangeError('is not such an address');
      return raw.replace(/\/+$/, '');
    },
  );
}

/** true or false. */
export function flag(o: Options<boolean>): Variable<boolean> {
  return variable(o, 'Set it to true or false.', { type: 'boolean' }, (raw) => {
    if (!['true', 'false', '1', '0'].includes(raw)) throw new RangeError('is neither true nor false');
    return raw === 'true' || raw === '1';
  });
}

/**
 * Reads a process's configuration once. Empty values count as absent.
 * Throws ConfigError naming every variable that is missing or malformed; values are never repeated in it.
 */
export function readConfig<S extends Spec>(spec: S, env: NodeJS.ProcessEnv = process.env): ConfigOf<S> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, declared] of Object.entries(spec)) {
    const raw = env[name]?.trim();
    if (raw === undefined || raw === '') {
      if (declared.isRequired) problems.push(`${name} is not set: ${declared.doc}. ${declared.fix}`);
      values[name] = declared.fallback;
      continue;
    }
    try {
      values[name] = declared.parse(raw);
    } catch (error) {
      const why = error instanceof RangeError ? error.message : 'cannot be read';
      problems.push(`${name} ${why}. ${declared.fix}`);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return values as ConfigOf<S>;
}

/** The environment that a child process gets: this one's with `changes`; an undefined value removes the variable. */
export function childEnv(changes: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  return { ...process.env, ...changes };
}
