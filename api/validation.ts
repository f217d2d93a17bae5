import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import Value from 'typebox/value';

/** One thing that is wrong with a request: where it stands, and what should stand there. */
export type FieldError = { in: string; field: string; detail: string };

type TypeBoxError = { keyword: string; instancePath: string; params: object; message: string };

/**
 * Compiles a route's schema. Bodies are taken exactly as sent: nothing is coerced, filled in or dropped, so that a PATCH
 * can only change what it names (design.md 11, trap 1). Parameters and queries are texts by nature and are converted.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const compiled = Compile(schema);
  return (value: unknown) => {
    const given = httpPart === 'body' ? value : Value.Convert(schema, value);
    return compiled.Check(given) ? { value: given } : { error: compiled.Errors(given) as never };
  };
};

/** Turns the validator's errors into one line per field, with dotted paths. */
export function fieldErrors(part: string, errors: readonly TypeBoxError[]): FieldError[] {
  const byField = new Map<string, Set<string>>();
  const add = (field: string, detail: string): void => {
    byField.set(field, (byField.get(field) ?? new Set()).add(detail));
  };
  for (const { keyword, instancePath, params, message } of errors) {
    const path = instancePath.split('/').slice(1).map(unescapePointer);
    const named = params as { requiredProperties?: string[]; additionalProperties?: string[] };
    for (const name of named.requiredProperties ?? []) add([...path, name].join('.'), 'is required');
    for (const name of named.additionalProperties ?? []) add([...path, name].join('.'), 'is not known here');
    // The validator also says of such a key that "schema is false", and of a choice that none fits: its parts say more.
    const isSaid =
      named.requiredProperties ?? named.additionalProperties ?? (keyword === 'boolean' || keyword === 'anyOf');
    if (!isSaid) add(path.join('.'), message);
  }
  // Several rules of one field are the branches of a choice, such as "a number, or nothing".
  return [...byField].map(([field, details]) => ({ in: part, field, detail: [...details].join(' or ') }));
}

const unescapePointer = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');
