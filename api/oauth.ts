import { createHash } from 'node:crypto';
import type { APIUser } from 'discord-api-types/v10';
import { avatarUrl } from '#discord/addresses.ts';
import { waitMs } from '#runtime/retry.ts';
import type { ApiDeps } from './app.ts';
import type { Person } from './discord.ts';
import { HttpError } from './problem.ts';

// https://discord.com/developers/docs/topics/oauth2#authorization-code-grant; PKCE is RFC 7636 with S256.
const SCOPE = 'identify guilds';
const TIMEOUT_MS = 10_000;

type OAuthDeps = Pick<ApiDeps, 'discord' | 'publicUrl'>;

const redirectUri = (publicUrl: string): string => new URL('/api/sign-in/callback', publicUrl).href;

/** Where to send somebody who wants to sign in. */
export function authorizeUrl(deps: OAuthDeps, o: { state: string; verifier: string }): string {
  const url = new URL(deps.discord.addresses.oauthAuthorize);
  const challenge = createHash('sha256').update(o.verifier).digest('base64url');
  const query = {
    response_type: 'code',
    client_id: deps.discord.clientId,
    redirect_uri: redirectUri(deps.publicUrl),
    scope: SCOPE,
    state: o.state,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    // Discord asks again only when something changed.
    prompt: 'none',
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}

/** Learns who came back from Discord and where they are members. The access token is used for that and forgotten. */
export async function readSignedIn(
  deps: OAuthDeps,
  o: { code: string; verifier: string; clientSecret: string },
): Promise<Person & { guildIds: string[] }> {
  const { addresses, clientId } = deps.discord;
  const token = await ask<{ access_token: string }>(addresses.oauthToken, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: o.code,
      redirect_uri: redirectUri(deps.publicUrl),
      client_id: clientId,
      client_secret: o.clientSecret,
      code_verifier: o.verifier,
    }),
  });
  const headers = { authorization: `Bearer ${token.access_token}` };
  const [user, guilds] = await Promise.all([
    ask<APIUser>(`${addresses.api}/v10/users/@me`, { headers }),
    ask<{ id: string }[]>(`${addresses.api}/v10/users/@me/guilds`, { headers }),
  ]);
  return {
    id: user.id,
    name: user.global_name ?? user.username,
    avatarUrl: user.avatar ? avatarUrl(addresses, user) : null,
    guildIds: guilds.map((guild) => guild.id),
  };
}

// A busy minute of sign-ins meets Discord's limit; whoever is signing in rather waits a moment than starts again.
const MAX_WAIT_S = 3;
const ATTEMPTS = 4;

/** Asks Discord. A refused code is the person's affair (start again), everything else is Discord's or ours. */
async function ask<T>(url: string, init: RequestInit): Promise<T> {
  const answer = await send(url, init);
  if (answer.ok) return (await answer.json()) as T;
  await answer.body?.cancel();
  if (init.method === 'POST' && answer.status === 400) throw new HttpError('sign-in.state');
  throw new HttpError('sign-in.failed', { cause: new Error(`${new URL(url).pathname} answered ${answer.status}`) });
}

async function send(url: string, init: RequestInit): Promise<Response> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await fetch(url, { ...init, redirect: 'error', signal });
      const waitS = answer.status === 429 ? Number(answer.headers.get('retry-after') ?? Number.NaN) : Number.NaN;
      if (!(waitS <= MAX_WAIT_S) || attempt === ATTEMPTS) return answer;
      await answer.body?.cancel();
      await waitMs(waitS * 1_000, signal);
    }
  } catch (cause) {
    throw new HttpError('sign-in.failed', { cause });
  }
}
