// The words in which the chart's values are declared: each value with its default, its bounds and what it is for.

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** One value of the chart. */
export type Leaf = { readonly kind: 'value'; readonly doc: string; readonly initial: Json; readonly schema: Json };

/** Values that belong together. */
export type Section = {
  readonly kind: 'section';
  readonly doc: string;
  readonly entries: Readonly<Record<string, Leaf | Section>>;
};

const leaf = (doc: string, initial: Json, schema: Json): Leaf => ({ kind: 'value', doc, initial, schema });

export const section = (doc: string, entries: Section['entries']): Section => ({ kind: 'section', doc, entries });

/** Any text; `pattern` bounds it. */
export const text = (doc: string, initial = '', pattern?: string): Leaf =>
  leaf(doc, initial, { type: 'string', ...(pattern ? { pattern } : {}) });

export const oneOf = (doc: string, of: readonly string[], initial: string): Leaf =>
  leaf(doc, initial, { type: 'string', enum: of });

export const whole = (doc: string, initial: number, minimum: number, maximum: number): Leaf =>
  leaf(doc, initial, { type: 'integer', minimum, maximum });

export const flag = (doc: string, initial: boolean): Leaf => leaf(doc, initial, { type: 'boolean' });

/** Key to text, such as labels. */
export const texts = (doc: string, initial: Readonly<Record<string, string>> = {}): Leaf =>
  leaf(doc, initial, { type: 'object', additionalProperties: { type: 'string' } });

/** A list whose items Kubernetes itself describes; the rendered result is checked against its schemas. */
export const list = (doc: string, initial: readonly Json[] = [], items: Json = { type: 'object' }): Leaf =>
  leaf(doc, initial, { type: 'array', items });

/** A map that Kubernetes itself describes. */
export const map = (doc: string, initial: Readonly<Record<string, Json>> = {}): Leaf =>
  leaf(doc, initial, { type: 'object' });

/** A value of its own shape. */
export const shaped = (doc: string, initial: Json, schema: Json): Leaf => leaf(doc, initial, schema);

/** The null that stands for "not set", beside what the value may be. */
export const orNull = (schema: Json): Json => ({ anyOf: [schema, { type: 'null' }] });

const quantity = (pattern: string): Json => ({
  anyOf: [
    { type: 'string', pattern },
    { type: 'number', minimum: 0 },
  ],
});
const compute: Json = {
  type: 'object',
  additionalProperties: false,
  properties: {
    cpu: quantity('^[0-9]+(\\.[0-9]+)?m?$'),
    memory: quantity('^[0-9]+(\\.[0-9]+)?(Ki|Mi|Gi|Ti|k|M|G|T)?$'),
    'ephemeral-storage': quantity('^[0-9]+(\\.[0-9]+)?(Ki|Mi|Gi|Ti|k|M|G|T)?$'),
  },
};

/** Requests and limits of a container. */
export const resources = (doc: string, initial: { requests: Json; limits: Json }): Leaf =>
  leaf(doc, initial, {
    type: 'object',
    additionalProperties: false,
    required: ['requests', 'limits'],
    properties: { requests: compute, limits: compute },
  });
