import { Type } from 'typebox';
import { Check } from 'typebox/value';
import type { App, RouteDeps } from '../app.ts';
import { nextPath } from '../next-path.ts';
import { authorizeUrl, readSignedIn } from '../oauth.ts';
import { beginSession, cookieOptions } from '../plugins/session.ts';
import { HttpError } from '../problem.ts';
import { problem } from '../schemas/basic.ts';
import { isSameToken, newToken } from '../token.ts';

// What this browser began: the state that Discord must bring back, the verifier of PKCE, and where to go afterwards.
const attemptSchema = Type.Object({ state: Type.String(), verifier: Type.String(), next: Type.String() });
type Attempt = { state: string; verifier: string; next: string };

const COOKIE = 'docket-sign-in';
const WITHIN_S = 10 * 60;
const cookiePath = '/api/sign-in';
const redirects = { 302: Type.Null(), '4xx': problem, '5xx': problem };

/** Signing in with Discord: OAuth2's code flow with PKCE and a state bound to this browser. */
export function signInRoutes(app: App, deps: RouteDeps): void {
  const secretOrOff = (): string => {
    if (deps.discord.clientSecret === null) throw new HttpError('sign-in.off');
    return deps.discord.clientSecret;
  };
  const options = (maxAge: number) => ({ ...cookieOptions(deps.publicUrl, maxAge), path: cookiePath });

  app.get(
    '/api/sign-in',
    {
      config: { access: 'public', page: true },
      schema: {
        summary: 'Sends the browser to Discord',
        querystring: Type.Object({ next: Type.Optional(Type.String({ maxLength: 2_000 })) }),
        response: redirects,
      },
    },
    async (request, reply) => {
      secretOrOff();
      const { next } = request.query;
      const home = homeOf(request.hostname, deps.publicUrl);
      if (home) return reply.redirect(`${home}${request.url}`);
      const attempt: Attempt = { state: newToken(), verifier: newToken(), next: nextPath(next, deps.publicUrl) };
      void reply.setCookie(COOKIE, Buffer.from(JSON.stringify(attempt)).toString('base64url'), options(WITHIN_S));
      return reply.redirect(authorizeUrl(deps, attempt));
    },
  );

  app.get(
    '/api/sign-in/callback',
    {
      config: { access: 'public', page: true },
      schema: {
        summary: 'Where Discord sends the browser back to',
        querystring: Type.Object({
          code: Type.Optional(Type.String({ maxLength: 500 })),
          state: Type.Optional(Type.String({ maxLength: 200 })),
          error: Type.Optional(Type.String({ maxLength: 200 })),
        }),
        response: redirects,
      },
    },
    async (request, reply) => {
      const clientSecret = secretOrOff();
      const { code, state, error } = request.query;
      const attempt = readAttempt(request.cookies[COOKIE]);
      void reply.clearCookie(COOKIE, options(0)); // an attempt counts once, however it ends
      if (!attempt || !state || !isSameToken(state, attempt.state)) throw new HttpError('sign-in.state');
      if (error !== undefined || !code) throw new HttpError('sign-in.denied');
      const person = await readSignedIn(deps, { code, verifier: attempt.verifier, clientSecret });
      await beginSession(deps, request, reply, person);
      return reply.redirect(nextPath(attempt.next, deps.publicUrl));
    },
  );
}

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * On one machine people open either of its names, but Discord sends back to the one of PUBLIC_URL, where a cookie of the
 * other is not known: begin there. Undefined when the browser is there, and for any name that a proxy may have rewritten.
 */
function homeOf(hostname: string, publicUrl: string): string | undefined {
  const home = new URL(publicUrl);
  const isOtherName = loopback.has(hostname) && loopback.has(home.hostname) && hostname !== home.hostname;
  return isOtherName ? home.origin : undefined;
}

function readAttempt(cookie: string | undefined): Attempt | null {
  if (!cookie) return null;
  try {
    const value: unknown = JSON.parse(Buffer.from(cookie, 'base64url').toString());
    return Check(attemptSchema, value) ? value : null;
  } catch {
    return null;
  }
}
