import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { takeAnswer } from '../state/answers.ts';
import { expire } from '../state/interactions.ts';
import { userOf, userPayload } from '../state/payloads.ts';
import type { Interaction } from '../state/types.ts';
import { applicationOf, type World, type WorldEvent } from '../state/world.ts';
import { asObject } from '../validate/fields.ts';
import { DiscordError } from './errors.ts';
import type { Check } from './serve.ts';

/** An application that answers a PING later than this is not taken. */
const pingWithinMs = 3_000;

const keys = new Map<string, KeyObject>();
function keyOf(pem: string): KeyObject {
  let key = keys.get(pem);
  if (!key) keys.set(pem, (key = createPrivateKey(pem)));
  return key;
}

/** Posts an interaction, signed as Discord signs: Ed25519 over timestamp and body. `isForged` puts a wrong signature on it. */
async function post(
  world: World,
  url: string,
  interaction: object,
  o: { withinMs: number; isForged?: boolean },
): Promise<{ status: number; contentType: string; text: string }> {
  const body = JSON.stringify(interaction);
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const signed = o.isForged ? `${timestamp}${body} ` : `${timestamp}${body}`;
  const signature = sign(null, Buffer.from(signed), keyOf(applicationOf(world).privateKeyPem));
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Discord-Interactions/1.0 (+https://discord.com)',
      'x-signature-ed25519': signature.toString('hex'),
      'x-signature-timestamp': timestamp,
    },
    body,
    redirect: 'manual',
    signal: AbortSignal.timeout(Math.max(0, o.withinMs)),
  });
  const text = await response.text();
  return { status: response.status, contentType: response.headers.get('content-type') ?? '', text };
}

function objectIn(text: string): Record<string, unknown> {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return {};
  }
}

/** Whether an application answers at `url` as Discord demands before it takes the address: a forged PING with 401, a true one with PONG. */
export async function checkEndpoint(world: World, url: string): Promise<boolean> {
  const application = applicationOf(world);
  const ping = () => ({
    id: world.nextId(),
    application_id: application.id,
    type: 1,
    token: Buffer.from(`ping:${world.nextId()}`).toString('base64url'),
    version: 1,
    user: userPayload(userOf(world, application.ownerId)),
    entitlements: [],
    authorizing_integration_owners: {},
    app_permissions: '0',
    attachment_size_limit: 10_485_760,
  });
  const ask = (isForged: boolean) => post(world, url, ping(), { withinMs: pingWithinMs, isForged });
  try {
    const [forged, genuine] = await Promise.all([ask(true), ask(false)]);
    const isJson = genuine.contentType.startsWith('application/json');
    return forged.status === 401 && genuine.status === 200 && isJson && objectIn(genuine.text).type === 1;
  } catch {
    return false;
  }
}

/**
 * Brings interactions to the application's address while it has one. What is not answered within the 3 s is a late acknowledgement;
 * what fails otherwise is a failed request; in either case whoever clicked is told that the application did not answer. 202 promises an
 * answer by the callback route.
 */
export function createPoster(world: World, check: Check | null): (event: WorldEvent) => void {
  async function deliver(url: string, interaction: Interaction, payload: object): Promise<void> {
    const { id, type } = interaction;
    const withinMs = interaction.createdAt + world.limits.acknowledgeWithinMs - Date.now();
    let failure: string;
    try {
      const { status, text } = await post(world, url, payload, { withinMs });
      if (status === 202) return;
      if (status === 200) {
        const body = objectIn(text);
        takeAnswer(world, interaction, body, []);
        check?.(exchangeOf(interaction, body));
        return;
      }
      failure = `status ${status}`;
    } catch (error) {
      if (error instanceof Error && error.name === 'TimeoutError') {
        world.violate('late_acknowledgement');
        return expire(world, interaction);
      }
      // Late by a hair: `takeAnswer` has counted it.
      if (error instanceof DiscordError && error.code === 10062) return;
      failure = error instanceof Error ? reasonOf(error) : 'failed';
    }
    world.counts.failedPosts++;
    world.log.warn({ interactionId: id, failure }, 'an interaction was not answered');
    world.happen('interaction_post_failed', { id, type, failure });
    expire(world, interaction);
  }

  return ({ name, data }) => {
    const url = applicationOf(world).interactionsUrl;
    if (name !== 'INTERACTION_CREATE' || !url) return;
    const interaction = world.interactions.get((data as { id: string }).id);
    if (!interaction) return;
    world.counts.posts++;
    deliver(url, interaction, data).catch((err: unknown) => world.log.error({ err }, 'posting an interaction failed'));
  };
}

// `fetch failed` says nothing; its cause does.
function reasonOf(error: Error): string {
  const cause = error.cause as { code?: string; message?: string } | undefined;
  return cause?.code ?? cause?.message ?? error.message;
}

/** The answer as if it had come by the callback route, whose description fits both. */
const exchangeOf = (interaction: Interaction, body: object) => ({
  method: 'POST',
  path: `/interactions/${interaction.id}/${interaction.token}/callback`,
  route: '/interactions/:interactionId/:token/callback',
  query: new URLSearchParams(),
  contentType: 'application/json',
  requestBody: body,
  fileCount: 0,
  status: 204,
  responseBody: undefined,
});
