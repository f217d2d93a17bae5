import { type TSchema, Type } from 'typebox';
import { snowflakeSource } from '#runtime/snowflake.ts';

/** Fits a value or nothing. */
export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** An id of Discord, as text: it does not fit a JavaScript number. */
export const snowflake = Type.String({ pattern: `^${snowflakeSource}$`, description: 'An id of Discord' });
/** An id of Docket's own (design.md 3: from 1,000, below 2^53). */
export const docketId = Type.Integer({ minimum: 1_000, maximum: Number.MAX_SAFE_INTEGER });
/** A moment, ISO 8601 in UTC. */
export const moment = Type.String({ description: 'ISO 8601, UTC' });
export const levelSchema = Type.Enum(['admin', 'support', 'member']);

export const guildParams = Type.Object({ guildId: snowflake });
export const ticketParams = Type.Object({ guildId: snowflake, ticketId: docketId });

export const person = Type.Object({ id: snowflake, name: Type.String() });
export const face = Type.Object({ id: snowflake, name: Type.String(), avatarUrl: nullable(Type.String()) });

/** What every refusal looks like (RFC 9457). */
export const problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String({ description: 'Stable; match on this' }),
    detail: Type.Optional(Type.String()),
    reference: Type.Optional(Type.String({ description: 'Names this request in the log' })),
    errors: Type.Optional(Type.Array(Type.Object({ in: Type.String(), field: Type.String(), detail: Type.String() }))),
  },
  { description: 'Problem details (RFC 9457)' },
);

/** The answers of a route: its own, and problems for all that is refused. */
export const answers = <T extends TSchema>(schema: T) => ({ 200: schema, '4xx': problem, '5xx': problem });

/** Milliseconds as the API writes moments. */
export const iso = (ms: number): string => new Date(ms).toISOString();
export const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));
