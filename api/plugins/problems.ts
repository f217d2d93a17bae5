import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '#tickets/errors.ts';
import { HttpError, type Problem, problemOf } from '../problem.ts';
import { fieldErrors } from '../validation.ts';

/** Answers every error of the API as problem details (RFC 9457), and logs what was not expected once, here. */
export function addProblems(app: FastifyInstance): void {
  app.setErrorHandler((thrown: FastifyError, request, reply) => {
    const error = told(request, expected(thrown));
    const problem = problemOf(error, request.id);
    if (problem.reference) {
      const route = request.routeOptions.url;
      request.log.error(
        { err: thrown.cause ?? thrown, reference: request.id, method: request.method, route },
        'request failed',
      );
    }
    return sendProblem(request, reply, problem);
  });
}

/** Sends a problem: as JSON, or as a plain page where a browser navigates (signing in). */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer');
  void reply.code(problem.status);
  const isNavigation = request.routeOptions.config.page && request.headers.accept?.includes('text/html');
  if (isNavigation) return reply.type('text/html; charset=utf-8').serializer(String).send(page(problem));
  return reply.type('application/problem+json').serializer(JSON.stringify).send(problem);
}

/** Somebody from another server must not learn that a guild is here: not even that a request to it has a mistake. */
function told({ guild }: FastifyRequest, error: unknown): unknown {
  if (!guild?.actor || guild.isMember) return error;
  const code = error instanceof HttpError || error instanceof AppError ? error.code : null;
  return code === 'request.invalid' || code === 'ticket.unknown' ? new AppError('guild.unknown') : error;
}

// The framework's own refusals, in our words. What is not listed here and not below 500 is unexpected.
const byCode: Record<string, HttpError['code']> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'request.too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'request.media-type',
  FST_ERR_HANDLER_TIMEOUT: 'request.timeout',
};

function expected(error: FastifyError): unknown {
  if (error instanceof AppError || error instanceof HttpError) return error;
  if (error.validation) {
    const part = error.validationContext ?? 'body';
    return new HttpError('request.invalid', { fields: fieldErrors(part, error.validation as never) });
  }
  const code = byCode[error.code];
  if (code) return new HttpError(code, code === 'request.timeout' ? { cause: error } : {});
  const isFramework = typeof error.code === 'string' && error.code.startsWith('FST_');
  if (isFramework && (error.statusCode ?? 500) < 500) {
    return new HttpError('request.invalid', { fields: [{ in: 'body', field: '', detail: error.message }] });
  }
  return error;
}

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const page = (problem: Problem): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
  `<title>Docket</title><body style="font:16px/1.5 system-ui;max-width:36rem;margin:4rem auto;padding:0 1rem">` +
  `<h1 style="font-size:20px">${escapeHtml(problem.title)}</h1>` +
  `${problem.reference ? `<p>${escapeHtml(problem.reference)}</p>` : ''}<p><a href="/">Docket</a></p></body></html>`;
