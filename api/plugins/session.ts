import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { createSession, deleteSession } from '#tickets/store/identity.ts';
import type { ApiDeps } from '../app.ts';
import type { Person } from '../discord.ts';
import { hashToken, newToken } from '../token.ts';

/** What a session keeps about its person: as Discord told at sign-in. Rights are never kept, they are asked anew. */
export type SessionData = { name: string; avatarUrl: string | null; guildIds: readonly string[] };

const LIFETIME_S = 7 * 24 * 60 * 60;

const isHttps = (publicUrl: string): boolean => publicUrl.startsWith('https:');
// The prefix makes browsers refuse the cookie from anywhere but this host over https; plain http (one machine) cannot have it.
const cookieName = (publicUrl: string): string => (isHttps(publicUrl) ? '__Host-docket' : 'docket');

/** How every cookie of Docket is set. Lax, so that a link from Discord finds its reader signed in. */
export const cookieOptions = (publicUrl: string, maxAge: number): CookieSerializeOptions => ({
  path: '/',
  httpOnly: true,
  sameSite: 'lax',
  secure: isHttps(publicUrl),
  maxAge,
});

/** The secret of a request's session cookie, if it has one. */
export const readSessionToken = (request: FastifyRequest, publicUrl: string): string | undefined =>
  request.cookies[cookieName(publicUrl)];

/** Signs somebody in: always a new secret, never one that the browser brought, and the one it brought ends. */
export async function beginSession(
  deps: ApiDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  signedIn: Person & { guildIds: readonly string[] },
): Promise<void> {
  const before = readSessionToken(request, deps.publicUrl);
  if (before) await deleteSession(deps.pool, { hash: hashToken(before) });
  const { id: userId, name, avatarUrl, guildIds } = signedIn;
  const data: SessionData = { name, avatarUrl, guildIds };
  const token = newToken();
  const expiresAt = deps.now() + LIFETIME_S * 1_000;
  await createSession(deps.pool, { hash: hashToken(token), userId, data, csrf: newToken(), expiresAt });
  void reply.setCookie(cookieName(deps.publicUrl), token, cookieOptions(deps.publicUrl, LIFETIME_S));
}

/** Signs out: the session ends here and the browser forgets its cookie. */
export async function endSession(deps: ApiDeps, reply: FastifyReply, sessionHash: Buffer): Promise<void> {
  await deleteSession(deps.pool, { hash: sessionHash });
  void reply.clearCookie(cookieName(deps.publicUrl), cookieOptions(deps.publicUrl, 0));
}
