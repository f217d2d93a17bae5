import { existsSync, readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Check, Exchange } from './http/serve.ts';

type Schema = Record<string, unknown>;
type Operation = {
  requestBody?: { content?: Record<string, { schema: Schema }> };
  responses: Record<string, { $ref?: string; content?: Record<string, { schema: Schema }> }>;
};

/** What did not fit Discord's own description, as sentences; and which operations were exercised. */
export type Conformance = { check: Check; problems: string[]; seen: Set<string> };

/** Whether Discord's description is there (it is not part of this repository). */
export function hasOpenApi(path: string): boolean {
  return existsSync(path);
}

/** Checks requests and answers against Discord's published OpenAPI document at `path`. */
export function createConformance(path: string): Conformance {
  const document = JSON.parse(readFileSync(path, 'utf8'), relax) as {
    paths: Record<string, Record<string, Operation>>;
    components: Schema;
  };
  patch(document.components);
  const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: false, inlineRefs: false });
  ajv.addSchema({ $id: 'discord', components: document.components });
  const compiled = new Map<Schema, ValidateFunction>();
  const strict = createStrict(document.components);
  const byShape = new Map(Object.keys(document.paths).map((key) => [shapeOf(key), key]));
  const problems: string[] = [];
  const seen = new Set<string>();

  function validate(schema: Schema, value: unknown): string | null {
    let run = compiled.get(schema);
    if (!run) {
      run = ajv.compile(withAbsoluteRefs(schema));
      compiled.set(schema, run);
    }
    return run(value) ? null : ajv.errorsText(run.errors, { dataVar: 'body' });
  }

  function operationOf(exchange: Exchange): Operation | null {
    const shape = shapeOf(exchange.route, exchange.path);
    const key = byShape.get(shape);
    return key === undefined ? null : (document.paths[key]?.[exchange.method.toLowerCase()] ?? null);
  }

  function check(exchange: Exchange): void {
    const name = `${exchange.method} ${exchange.route}`;
    const operation = operationOf(exchange);
    if (!operation) {
      // OAuth2's token endpoints are described in prose only.
      if (!exchange.route.startsWith('/oauth2/token')) problems.push(`${name}: Discord has no such operation`);
      return;
    }
    seen.add(name);
    const isRefused = exchange.status >= 400;
    if (!isRefused && exchange.requestBody !== undefined) {
      const content = operation.requestBody?.content ?? {};
      const schema = content['application/json']?.schema ?? content['multipart/form-data']?.schema;
      const wrong = schema ? validate(schema, exchange.requestBody) : 'a body where none is described';
      const unknown = schema ? strict.unknownKeys(schema, exchange.requestBody) : [];
      if (wrong) problems.push(`${name} request: ${wrong}`);
      for (const key of unknown) problems.push(`${name} request: unknown key ${key}`);
    }
    const described = operation.responses[String(exchange.status)] ?? (isRefused ? { isError: true } : null);
    if (!described) {
      problems.push(
        `${name}: answers ${exchange.status}, described are ${Object.keys(operation.responses).join(', ')}`,
      );
      return;
    }
    const content = (described as { content?: Record<string, { schema: Schema }> }).content;
    const schema = isRefused ? refOf(exchange.status) : content?.['application/json']?.schema;
    if (!schema) return;
    const wrong = validate(schema, exchange.responseBody);
    if (wrong) problems.push(`${name} answer ${exchange.status}: ${wrong}`);
  }

  return { check, problems, seen };
}

const refs = new Map<number, Schema>();
function refOf(status: number): Schema {
  const known = refs.get(status);
  if (known) return known;
  const schema = { $ref: `#/components/schemas/${status === 429 ? 'RatelimitedResponse' : 'ErrorResponse'}` };
  refs.set(status, schema);
  return schema;
}

/** A path without its parameters' names, so that ours and Discord's compare. `@original` is a path of its own there. */
function shapeOf(path: string, actual = ''): string {
  const named = actual.endsWith('/@original') ? path.replace(/:messageId$/, '@original') : path;
  return named.replace(/:\w+|\{\w+\}/g, '{}');
}

// Discord's unions overlap, and integers travel as texts: what is one of several may fit two, and ids are numbers too.
function relax(this: unknown, key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const schema = value as Schema;
  if ('oneOf' in schema && Array.isArray(schema.oneOf)) {
    const { oneOf, ...rest } = schema;
    return { ...rest, anyOf: oneOf };
  }
  const types = Array.isArray(schema.type) ? (schema.type as unknown[]) : [schema.type];
  if (types.includes('integer') && key !== 'properties') {
    return { anyOf: [schema, { type: 'string', pattern: '^-?\\d+$' }] };
  }
  return schema;
}

// Where Discord itself differs from its description: ids may be sent as numbers (attachments' are), and the codes
// of a field's errors are names.
function patch(components: Schema): void {
  const schemas = components.schemas as Record<string, Schema>;
  schemas.SnowflakeType = { anyOf: [schemas.SnowflakeType, { type: 'integer' }] };
  const error = { type: 'object', properties: { code: { type: 'string' }, message: { type: 'string' } } };
  schemas.InnerErrors = {
    type: 'object',
    properties: { _errors: { type: 'array', items: { ...error, required: ['code', 'message'] } } },
    required: ['_errors'],
  };
}

function withAbsoluteRefs(schema: Schema): Schema {
  return JSON.parse(JSON.stringify(schema), (key, value) =>
    key === '$ref' && typeof value === 'string' && value.startsWith('#') ? `discord${value}` : value,
  ) as Schema;
}

/** Finds keys that no branch of a schema knows: Discord ignores them, so they are mistakes. */
function createStrict(components: Schema) {
  const schemas = (components.schemas ?? {}) as Record<string, Schema>;

  function resolve(schema: Schema): Schema {
    const ref = schema.$ref;
    return typeof ref === 'string' ? resolve(schemas[ref.split('/').at(-1) ?? ''] ?? {}) : schema;
  }

  function branches(schema: Schema): Schema[] {
    const found = resolve(schema);
    const parts = ['anyOf', 'allOf', 'oneOf'].flatMap((key) =>
      Array.isArray(found[key]) ? (found[key] as Schema[]) : [],
    );
    return [found, ...parts.flatMap(branches)];
  }

  function unknownKeys(schema: Schema, value: unknown, at = ''): string[] {
    const all = branches(schema);
    if (Array.isArray(value)) {
      const items = all.map((branch) => branch.items as Schema | undefined).filter((item) => item !== undefined);
      return value.flatMap((entry, index) => unknownKeys({ anyOf: items }, entry, `${at}/${index}`));
    }
    if (typeof value !== 'object' || value === null) return [];
    const isOpen = all.some(
      (branch) => typeof branch.additionalProperties === 'object' || branch.additionalProperties === true,
    );
    return Object.entries(value).flatMap(([key, inner]) => {
      const known = all
        .map((branch) => (branch.properties as Record<string, Schema> | undefined)?.[key])
        .filter((property) => property !== undefined);
      if (known.length > 0) return unknownKeys({ anyOf: known }, inner, `${at}/${key}`);
      return isOpen ? [] : [`${at}/${key}`];
    });
  }
  return { unknownKeys };
}
