import type { FastifyRequest } from 'fastify';
import { readApiKey, readSession } from '#tickets/store/identity.ts';
import type { ApiDeps, App } from '../app.ts';
import type { Person } from '../discord.ts';
import { HttpError } from '../problem.ts';
import { hashToken, isSameToken } from '../token.ts';
import { readSessionToken, type SessionData } from './session.ts';

/** A signed-in person, or whoever holds a guild's API key. */
export type Viewer =
  | { kind: 'person'; person: Person; guildIds: readonly string[]; csrf: string; sessionHash: Buffer }
  | { kind: 'key'; keyId: number; guildId: string; scopes: readonly string[] };

/** The signed-in person of a request whose route lets only people in. */
export function personOf(request: FastifyRequest): Extract<Viewer, { kind: 'person' }> {
  if (request.viewer?.kind !== 'person') throw new HttpError('session.required');
  return request.viewer;
}

const unsafe = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * Finds out who is asking before anything else of a request is looked at, so that a stranger learns nothing from
 * malformed requests. Unsafe methods need the session's token in `x-csrf-token`; API keys are no cookies and need none.
 */
export function addAuth(app: App, deps: ApiDeps): void {
  app.decorateRequest('viewer', null);
  app.addHook('onRoute', (route) => {
    if (route.url.startsWith('/api') && !route.config?.access)
      throw new Error(`${route.url} does not say who may come in`);
  });
  app.addHook('onRequest', async (request) => {
    const { access } = request.routeOptions.config;
    if (!access) return;
    const { authorization } = request.headers;
    request.viewer = authorization === undefined ? await ofCookie(deps, request) : await ofKey(deps, authorization);
    if (access === 'public') return;
    if (!request.viewer) throw new HttpError(authorization === undefined ? 'session.required' : 'api-key.refused');
    if (request.viewer.kind === 'person' && unsafe.has(request.method)) {
      const given = request.headers['x-csrf-token'];
      if (typeof given !== 'string' || !isSameToken(given, request.viewer.csrf)) throw new HttpError('csrf.refused');
    }
    // A guild's routes ask first whether the key is of that guild (plugins/guild.ts); elsewhere there is nothing for keys.
    if (request.viewer.kind === 'key' && access === 'person') throw new HttpError('api-key.scope');
  });
}

async function ofKey(deps: ApiDeps, authorization: string): Promise<Viewer | null> {
  const token = /^Bearer (dk_[\w-]{20,100})$/i.exec(authorization)?.[1];
  if (!token) return null;
  const key = await readApiKey(deps.pool, { hash: hashToken(token), now: deps.now() });
  return key && { kind: 'key', keyId: key.id, guildId: key.guildId, scopes: key.scopes };
}

async function ofCookie(deps: ApiDeps, request: FastifyRequest): Promise<Viewer | null> {
  const token = readSessionToken(request, deps.publicUrl);
  if (!token) return null;
  const sessionHash = hashToken(token);
  const session = await readSession(deps.pool, { hash: sessionHash, now: deps.now() });
  if (!session) return null;
  const { name, avatarUrl, guildIds } = session.data as SessionData;
  return { kind: 'person', person: { id: session.userId, name, avatarUrl }, guildIds, csrf: session.csrf, sessionHash };
}
