/** What a log line keeps of an error: never what it was doing it with (connections, requests, bodies, headers). */
export type LoggedError = {
  type: string;
  message: string;
  stack?: string;
  cause?: LoggedError;
  /** The parts of an AggregateError, the first ten. */
  errors?: LoggedError[];
  [field: string]: unknown;
};

/**
 * Fields that say what went wrong and hold nobody's words: Node's, Postgres' (not `detail` and `where`, which quote rows), ClickHouse's, Discord's,
 * Kafka's, and our own `reference`. A field that is not named here is not logged.
 */
const safeFields =
  `code errno syscall address port hostname signal exitCode severity schema table column constraint routine
  status statusCode method timeToReset retryAfter global reference broker topic partition retryCount`.split(/\s+/);

const maxDepth = 5;
const maxParts = 10;
const hidden = '[redacted]';

/** Secrets and words that libraries put into their messages. */
const masks: readonly [RegExp, string][] = [
  // Addresses with a user and password: postgres://user:password@host. A password may hold an unescaped @ or /.
  [/\b([a-z][a-z\d+.-]*:\/\/)[^\s'"<>/@:]*(?::[^\s'"<>]*)?@/gi, `$1${hidden}@`],
  // Interaction and webhook tokens: whoever has one may speak as Docket for 15 minutes.
  [/(\/(?:webhooks|interactions)\/\d+\/)[^\s/?'"]+/g, `$1${hidden}`],
  [/\b(Bearer|Bot|Basic) [\w.~+/=-]{8,}/g, `$1 ${hidden}`],
  [/\bdk_[\w-]{8,}/g, hidden],
  // A bot's token: three parts in base64.
  [/\b[\w-]{20,}\.[\w-]{5,8}\.[\w-]{25,}/g, hidden],
  [
    /((?:password|passwd|secret|token|api_?key|authorization|cookie)["']?\s*[=:]\s*["']?)(?!\[redacted\])[^\s"'&,;]+/gi,
    `$1${hidden}`,
  ],
  // JSON.parse quotes what it could not read.
  [/(Unexpected token ).*( is not valid JSON)/gs, `$1${hidden}$2`],
];

/** Text of a library without what must not be logged. */
export function withoutSecrets(text: string): string {
  return masks.reduce((clean, [pattern, replacement]) => clean.replaceAll(pattern, replacement), text);
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function typeOf(error: Record<string, unknown>): string {
  const made = error.constructor;
  return typeof made === 'function' && made.name !== '' ? made.name : 'Object';
}

/** The path that a request to Discord went to, without its query. */
function pathOf(url: unknown): string | undefined {
  if (typeof url !== 'string' || !URL.canParse(url)) return undefined;
  return withoutSecrets(new URL(url).pathname);
}

/** Our own expected errors say in `context` what their text needs: ids, fields, limits (tickets/errors.ts). */
function contextOf(context: unknown): Record<string, unknown> | undefined {
  if (!isObject(context)) return undefined;
  const flat = Object.entries(context).filter(([, value]) => !isObject(value));
  return Object.fromEntries(
    flat.map(([key, value]) => [key, typeof value === 'string' ? withoutSecrets(value) : value]),
  );
}

function serialize(value: unknown, seen: readonly unknown[]): LoggedError {
  if (!isObject(value)) return { type: typeof value, message: withoutSecrets(String(value)) };
  const type = typeOf(value);
  if (seen.includes(value)) return { type, message: 'its own cause' };
  const logged: LoggedError = {
    type,
    message: typeof value.message === 'string' ? withoutSecrets(value.message) : '',
  };
  if (typeof value.stack === 'string') logged.stack = withoutSecrets(value.stack);
  for (const field of safeFields) {
    const told = value[field];
    if (typeof told === 'string') logged[field] = withoutSecrets(told);
    else if (typeof told === 'number' || typeof told === 'boolean') logged[field] = told;
  }
  const path = pathOf(value.url);
  if (path !== undefined) logged.path = path;
  const context = contextOf(value.context);
  if (context) logged.context = context;
  if (seen.length >= maxDepth) return logged;
  const further = [...seen, value];
  if (value.cause !== undefined && value.cause !== null) logged.cause = serialize(value.cause, further);
  if (Array.isArray(value.errors))
    logged.errors = value.errors.slice(0, maxParts).map((part: unknown) => serialize(part, further));
  return logged;
}

/**
 * An error as a log line may hold it: type, message, stack, cause, parts of an AggregateError and fields known to be safe. Errors of libraries carry
 * connections with their password (pg's `client`), requests with their headers (`config`, `request`) and bodies with what people wrote
 * (`requestBody`), so what is not known to be safe is left out. Any thrown value will do.
 */
export function serializeError(value: unknown): LoggedError {
  return serialize(value, []);
}
