import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Call, ok, type Reply, type Route } from '../http/route.ts';
import { applicationPayload, userOf, userPayload } from '../state/payloads.ts';
import type { Grant } from '../state/types.ts';
import { applicationOf, type World } from '../state/world.ts';
import { asText } from '../validate/fields.ts';

const codeMs = 60_000;
const accessMs = 7 * 86_400_000;
const refreshMs = 30 * 86_400_000;

/** OAuth2's token endpoint: authorisation code (with PKCE) and refresh token. */
export const oauthRoutes: Route[] = [
  { method: 'POST', path: '/oauth2/token', auth: 'none', run: token },
  {
    method: 'POST',
    path: '/oauth2/token/revoke',
    auth: 'none',
    run(call) {
      if (!isClient(call)) return refusal(401, 'invalid_client');
      const grant = call.world.grants.get(String(call.body.token));
      if (grant) call.world.dropGrant(grant);
      return ok({});
    },
  },
  {
    method: 'GET',
    path: '/oauth2/@me',
    auth: 'user',
    run(call) {
      if (call.auth.kind !== 'user') return refusal(401, 'invalid_token');
      const { id, name, icon, description, verify_key } = applicationPayload(call.world);
      return ok({
        application: { id, name, icon, description, type: null, verify_key, flags: 0, flags_new: '0' },
        expires: new Date(call.auth.expiresAt).toISOString(),
        scopes: call.auth.scopes,
        ...(call.auth.scopes.includes('identify') ? { user: userPayload(userOf(call.world, call.auth.userId)) } : {}),
      });
    },
  },
];

/** A code that somebody's consent is worth, for a minute and once. */
export function issueCode(
  world: World,
  o: { userId: string; scopes: string[]; redirectUri: string; challenge: string | null },
): string {
  const id = randomBytes(24).toString('base64url');
  world.saveGrant({ ...o, id, kind: 'code', expiresAt: Date.now() + codeMs });
  return id;
}

/** The Bearer token's grant; null when it is unknown or over. */
export function grantOf(world: World, accessToken: string): Grant | null {
  const grant = world.grants.get(accessToken);
  return grant?.kind === 'access' && grant.expiresAt > Date.now() ? grant : null;
}

function refusal(status: number, error: string, description?: string): Reply {
  return { status, body: { error, ...(description ? { error_description: description } : {}) } };
}

function same(a: string, b: string): boolean {
  const [left, right] = [createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest()];
  return timingSafeEqual(left, right);
}

/** The client proves itself by Basic authentication or in the body. */
function isClient(call: Call): boolean {
  const header = String(call.headers.authorization ?? '');
  let id = asText(call.body.client_id ?? '');
  let secret = asText(call.body.client_secret ?? '');
  if (header.startsWith('Basic ')) {
    const [basicId = '', ...rest] = Buffer.from(header.slice(6), 'base64').toString().split(':');
    id = decodeURIComponent(basicId);
    secret = decodeURIComponent(rest.join(':'));
  }
  const application = applicationOf(call.world);
  return id === application.id && same(secret, application.clientSecret);
}

function token(call: Call): Reply {
  const { world, body } = call;
  if (!isClient(call)) return refusal(401, 'invalid_client');
  if (body.grant_type === 'refresh_token') {
    const grant = world.grants.get(String(body.refresh_token));
    if (grant?.kind !== 'refresh' || grant.expiresAt < Date.now()) return refusal(400, 'invalid_grant');
    world.dropGrant(grant);
    return ok(issueTokens(world, grant));
  }
  if (body.grant_type !== 'authorization_code') return refusal(400, 'unsupported_grant_type');
  const grant = world.grants.get(String(body.code));
  if (grant?.kind !== 'code') return refusal(400, 'invalid_grant', 'Invalid "code" in request.');
  world.dropGrant(grant);
  if (grant.expiresAt < Date.now()) return refusal(400, 'invalid_grant', 'Invalid "code" in request.');
  if (grant.redirectUri !== body.redirect_uri) {
    return refusal(400, 'invalid_grant', 'Invalid "redirect_uri" in request.');
  }
  if (grant.challenge !== null && !answers(grant.challenge, asText(body.code_verifier ?? ''))) {
    return refusal(400, 'invalid_grant', 'Invalid "code_verifier" in request.');
  }
  return ok(issueTokens(world, grant));
}

function answers(challenge: string, verifier: string): boolean {
  return same(challenge, createHash('sha256').update(verifier).digest('base64url'));
}

function issueTokens(world: World, of: Grant) {
  const access: Grant = {
    ...of,
    id: randomBytes(22).toString('base64url'),
    kind: 'access',
    expiresAt: Date.now() + accessMs,
  };
  const refresh: Grant = {
    ...of,
    id: randomBytes(22).toString('base64url'),
    kind: 'refresh',
    expiresAt: Date.now() + refreshMs,
  };
  world.saveGrant(access);
  world.saveGrant(refresh);
  return {
    token_type: 'Bearer',
    access_token: access.id,
    expires_in: accessMs / 1_000,
    refresh_token: refresh.id,
    scope: of.scopes.join(' '),
  };
}
