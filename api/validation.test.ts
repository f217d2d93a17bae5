import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { fieldErrors, validatorCompiler } from './validation.ts';

const schema = Type.Object(
  {
    name: Type.String({ maxLength: 3 }),
    limit: Type.Optional(Type.Integer({ default: 5 })),
    deep: Type.Optional(Type.Object({ a: Type.Integer() })),
    choice: Type.Optional(Type.Union([Type.Integer({ maximum: 5 }), Type.Null()])),
  },
  { additionalProperties: false },
);
const check = (httpPart: string, value: unknown) =>
  validatorCompiler({ schema, httpPart, method: 'POST', url: '/' })(value) as { value?: unknown; error?: never };

describe('validation', () => {
  it('takes a body as it is: no coercion, no defaults, nothing dropped', () => {
    expect(check('body', { name: 'a' })).toEqual({ value: { name: 'a' } });
    expect(check('body', { name: 'a', limit: '5' }).error).toBeDefined();
    expect(check('body', { name: 'a', extra: 1 }).error).toBeDefined();
  });

  it('converts what comes in an address', () => {
    expect(check('querystring', { name: 'a', limit: '7' })).toEqual({ value: { name: 'a', limit: 7 } });
  });

  it.each([
    [{}, [{ in: 'body', field: 'name', detail: 'is required' }]],
    [{ name: 'a', extra: 1 }, [{ in: 'body', field: 'extra', detail: 'is not known here' }]],
    [{ name: 'long name' }, [{ in: 'body', field: 'name', detail: 'must not have more than 3 characters' }]],
    [{ name: 'a', choice: 9 }, [{ in: 'body', field: 'choice', detail: 'must be <= 5 or must be null' }]],
    [{ name: 'a', deep: { a: 'x' } }, [{ in: 'body', field: 'deep.a', detail: 'must be integer' }]],
  ])('names the field in %j', (body, expected) => {
    expect(fieldErrors('body', check('body', body).error ?? [])).toEqual(expected);
  });
});
