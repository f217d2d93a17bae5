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

const fieldsOf = (error: TypeBoxError): string[] => {
  const params = error.params as { requiredProperties?: string[]; additionalProperties?: string[] };
  return params.requiredProperties ?? params.additionalProperties ?? [];
};

/** Turns the validator's errors into one line per field: dotted paths, no rule named twice. */
export function fieldErrors(part: string, errors: readonly TypeBoxError[]): FieldError[] {
  const lines = errors
    // A key that no property allows is reported twice; the line that names it well is `additionalProperties`.
    .filter((error) => error.keyword !== 'boolean')
    .flatMap((error) => {
      const path = error.instancePath.split('/').slice(1).map(unescapePointer);
      const names = fieldsOf(error);
      if (names.length === 0) return [{ in: part, field: path.join('.'), detail: error.message }];
      const detail = error.keyword === 'required' ? 'is required' : 'is not known here';
      return names.map((name) => ({ in: part, field: [...path, name].join('.'), detail }));
    });
  return [...new Map(lines.map((line) => [`${line.field}\n${line.detail}`, line])).values()];
}

const unescapePointer = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');
