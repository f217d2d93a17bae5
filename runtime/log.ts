import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import { serializeError } from './log-error.ts';

/** The process's log. One line per fact, past tense, fields not prose; errors under `err`. */
export type Log = Logger;

// Keys that may hold a secret or a person's words: they never reach a line, whoever logs them.
const secret = ['token', 'content', 'authorization', 'cookie', 'secret', 'password', 'answers', 'comment'];

/** Levels a process may log at, least to most severe; 'silent' for tests. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** Errors under other names than `err` would be written with every field they have. */
const withPlainErrors = (fields: Record<string, unknown>): Record<string, unknown> => {
  for (const [key, value] of Object.entries(fields))
    if (key !== 'err' && value instanceof Error) return withPlainErrors({ ...fields, [key]: serializeError(value) });
  return fields;
};

/** Makes a log that writes JSON lines to stderr (stdout belongs to what a role answers); `to` is for tests. */
export function createLog(o: { role: string; level?: (typeof logLevels)[number]; to?: DestinationStream }): Log {
  return pino(
    {
      level: o.level ?? 'info',
      base: { role: o.role },
      timestamp: stdTimeFunctions.isoTime,
      redact: { paths: secret.flatMap((key) => [key, `*.${key}`]), censor: '[redacted]' },
      serializers: { err: serializeError },
      formatters: { log: withPlainErrors },
    },
    o.to ?? process.stderr,
  );
}
