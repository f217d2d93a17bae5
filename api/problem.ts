import { AppError, type ErrorContext, errors } from '#tickets/errors.ts';
import { isTextKey, translate } from '#locales/index.ts';
import type { FieldError } from './validation.ts';

/** Expected errors that only HTTP knows, with their status. Texts are the locale keys `errors.<code>`, as for tickets/errors.ts. */
export const httpErrors = {
  'request.invalid': 400,
  'request.too-large': 413,
  'request.media-type': 415,
  'request.timeout': 503,
  'route.unknown': 404,
  'session.required': 401,
  'api-key.refused': 401,
  'api-key.scope': 403,
  'csrf.refused': 403,
  'sign-in.off': 503,
  'sign-in.state': 400,
  'sign-in.denied': 403,
  'sign-in.failed': 502,
  'analytics.unavailable': 503,
  'objects.unavailable': 503,
  'stream.full': 429,
  'setting.condition-missing': 428,
  'panel.condition-missing': 428,
  'ticket.condition-missing': 428,
  'label.condition-missing': 428,
} as const;

/** The name of an error that only HTTP knows. */
export type HttpErrorCode = keyof typeof httpErrors;

/** An expected refusal of HTTP's own; `cause` makes it worth a log line and a reference. */
export class HttpError extends Error {
  readonly code: HttpErrorCode;
  readonly context: ErrorContext;
  readonly fields: readonly FieldError[] | undefined;
  constructor(code: HttpErrorCode, o: ErrorOptions & { context?: ErrorContext; fields?: readonly FieldError[] } = {}) {
    super(code, o);
    this.name = 'HttpError';
    this.code = code;
    this.context = o.context ?? {};
    this.fields = o.fields;
  }
}

/** What a client reads when something is refused (RFC 9457). `code` is stable; `title` is for people. */
export type Problem = {
  type: 'about:blank';
  title: string;
  status: number;
  code: string;
  detail?: string;
  /** Names this request in the log, where the rest stands. */
  reference?: string;
  errors?: readonly FieldError[];
};

/** The text of an expected error, for people. */
export function errorText(code: string, context: ErrorContext): string {
  // Some texts speak of a click in Discord; those have another for HTTP.
  const key = isTextKey(`errors.http.${code}`) ? `errors.http.${code}` : `errors.${code}`;
  const vars = Object.fromEntries(
    Object.entries(context).map(([name, value]) => [name, value === null ? '' : `${value}`]),
  );
  return isTextKey(key) ? translate('en', key, vars) : code;
}

/** Describes an error to a client. Whatever is not expected is a 500 that says nothing but the reference. */
export function problemOf(error: unknown, reference: string): Problem {
  if (error instanceof AppError) {
    const { code, context } = error;
    const problem: Problem = {
      type: 'about:blank',
      title: errorText(code, context),
      status: errors[code].status,
      code,
    };
    if (typeof context.field === 'string') {
      problem.errors = [{ in: 'body', field: context.field, detail: String(context.fix ?? problem.title) }];
    }
    return problem;
  }
  if (error instanceof HttpError) {
    const problem: Problem = {
      type: 'about:blank',
      title: errorText(error.code, { ...error.context, reference }),
      status: httpErrors[error.code],
      code: error.code,
    };
    if (error.fields) {
      problem.detail = error.fields.map((e) => [e.in, e.field, e.detail].filter(Boolean).join(' ')).join('; ');
      problem.errors = error.fields;
    }
    if (error.cause !== undefined) problem.reference = reference;
    return problem;
  }
  return {
    type: 'about:blank',
    title: errorText('unexpected', { reference }),
    status: 500,
    code: 'unexpected',
    reference,
  };
}
