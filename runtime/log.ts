import { type Logger, pino, stdTimeFunctions } from 'pino';

/** The process's log. One line per fact, past tense, fields not prose; errors under `err`. */
export type Log = Logger;

// Keys that may hold a secret or a person's words: they never reach a line, whoever logs them.
const secret = ['token', 'content', 'authorization', 'cookie', 'secret', 'password', 'answers', 'comment'];

/** Levels a process may log at, least to most severe; 'silent' for tests. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** Makes a log that writes JSON lines to stderr (stdout belongs to what a role answers). */
export function createLog(o: { role: string; level?: (typeof logLevels)[number] }): Log {
  return pino(
    {
      level: o.level ?? 'info',
      base: { role: o.role },
      timestamp: stdTimeFunctions.isoTime,
      redact: { paths: secret.flatMap((key) => [key, `*.${key}`]), censor: '[redacted]' },
    },
    process.stderr,
  );
}
