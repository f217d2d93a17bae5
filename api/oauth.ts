import { createHash } from 'node:crypto';
import type { APIUser } from 'discord-api-types/v10';
import { avatarUrl } from '#discord/addresses.ts';
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

/** Asks Discord. A refused code is the person's affair (start again), everything else is Discord's or ours. */
async function ask<T>(url: string, init: RequestInit): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (cause) {
    throw new HttpError('sign-in.failed', { cause });
  }
  const isRefusal = init.method === 'POST' && answer.status === 400;
  if (!answer.ok) {
    await answer.body?.cancel();
    if (isRefusal) throw new HttpError('sign-in.state');
    throw new HttpError('sign-in.failed', { cause: new Error(`${new URL(url).pathname} answered ${answer.status}`) });
  }
  return (await answer.json()) as T;
}
