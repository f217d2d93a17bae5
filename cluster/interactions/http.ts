import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { KeyObject } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type APIInteraction, InteractionResponseType, InteractionType } from 'discord-api-types/v10';
import { checkSignature, signedWithinMs } from '#discord/signature.ts';
import type { Log } from '#runtime/log.ts';
import { waitMs } from '#runtime/retry.ts';
import { metrics } from '#runtime/telemetry.ts';
import { acknowledgeWithinMs, type FirstAnswer } from './acknowledge.ts';
import type { Dispatch } from './dispatch.ts';
import { createReplays, type Replays } from './replays.ts';

/** Where Discord posts interactions to. */
export const interactionsPath = '/interactions';

/** A form has at most 5 × 4,000 characters, a message 6,000 in embeds and 25 resolved members: an eighth of this. */
const maxBodyBytes = 512 * 1024;
/** Whoever needs longer for a request has missed the 3 s anyway. */
const requestWithinMs = 5_000;

/** The listening server. */
export type InteractionServer = {
  readonly port: number;
  /** From now on each answer ends its connection, so that whoever keeps connections goes elsewhere without losing a request. */
  drain(): void;
  /** Takes nothing more and resolves when everything is done that was acknowledged. */
  stop(): Promise<void>;
};

type Options = { publicKey: KeyObject; dispatch: Dispatch; now: () => number; log: Log };
/** What became of a request, for the metric. */
type Result = 'taken' | 'ping' | 'unknown-path' | 'malformed' | 'bad-signature' | 'stale' | 'replay' | 'unanswered';

/** A request that is refused with a status and a word for whoever looks. */
class Refusal extends Error {
  readonly status: number;
  readonly result: Result;
  constructor(status: number, result: Result, message: string) {
    super(message);
    this.status = status;
    this.result = result;
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // The stream is kept when the loop ends early: the refusal goes by the same socket.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) throw new Refusal(413, 'malformed', `The body has more than ${maxBodyBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function checkHead(request: IncomingMessage): void {
  if (request.url?.split('?')[0] !== interactionsPath) throw new Refusal(404, 'unknown-path', 'Nothing is here.');
  if (request.method !== 'POST') throw new Refusal(405, 'malformed', 'Interactions are posted.');
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw new Refusal(415, 'malformed', 'An interaction is application/json.');
}

const header = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
};

function checkSigned(o: Options, request: IncomingMessage, body: Buffer): void {
  const signature = header(request, 'x-signature-ed25519');
  const timestamp = header(request, 'x-signature-timestamp');
  const verdict = checkSignature(o.publicKey, { signature, timestamp, body, now: o.now() });
  // Discord sends wrong signatures on purpose, and takes the address away from whoever answers them with anything but 401.
  if (verdict === 'wrong') throw new Refusal(401, 'bad-signature', 'The signature is wrong.');
  if (verdict === 'stale') throw new Refusal(401, 'stale', 'The signature is of another time.');
}

function parse(body: Buffer): APIInteraction {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'));
  } catch {
    throw new Refusal(400, 'malformed', 'The body is no JSON.');
  }
  const { id, token, type } = (parsed ?? {}) as Partial<APIInteraction>;
  if (typeof id !== 'string' || !/^\d{1,20}$/.test(id) || typeof token !== 'string' || typeof type !== 'number')
    throw new Refusal(400, 'malformed', 'The body is no interaction.');
  return parsed as APIInteraction;
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** Resolves when a response has been sent, or its connection has ended. */
const closed = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    if (response.closed) resolve();
    else response.once('close', () => resolve());
  });

/** The HTTP response as the first answer: 'mine' once it has left this process on a connection that still stands. */
function byResponse(response: ServerResponse): FirstAnswer {
  return (body, withinMs) =>
    new Promise((resolve) => {
      if (response.closed || response.destroyed || response.req.socket.destroyed) return resolve('expired');
      const late = setTimeout(() => response.destroy(), withinMs);
      response.once('finish', () => resolve('mine'));
      response.once('close', () => {
        clearTimeout(late);
        resolve('expired'); // changes nothing after 'finish'
      });
      send(response, 200, body);
    });
}

/**
 * Takes one request; the promise is of the answer, `work` is given the rest.
 *
 * A replay is refused. Discord documents no second delivery of an interaction, so one comes from somebody who recorded it, or from a proxy
 * that tried twice; then the first delivery has answered. This memory is one process's. The fleet's is the interaction's id, which is the
 * idempotency key of every verb: what another process lets through does nothing twice.
 */
async function take(
  o: Options & { replays: Replays; work: (promise: Promise<void>) => void },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Result> {
  const receivedAt = performance.now();
  checkHead(request);
  const body = await readBody(request);
  checkSigned(o, request, body);
  const interaction = parse(body);
  if (interaction.type === InteractionType.Ping) {
    send(response, 200, { type: InteractionResponseType.Pong });
    return 'ping';
  }
  if (!o.replays.isNew(interaction.id, o.now())) throw new Refusal(409, 'replay', 'The interaction has been taken.');
  const done = o.dispatch(interaction, receivedAt, byResponse(response));
  o.work(done);
  await Promise.race([closed(response), done]);
  // Too late, or of a kind that nobody handles: whoever clicked sees a failure, at once instead of after 3 s.
  if (!response.headersSent) throw new Refusal(503, 'unanswered', 'The interaction was not answered.');
  return 'taken';
}

function listen(server: Server, o: { port: number; host: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(o.port, o.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Serves POST /interactions: Discord's interactions over HTTP, for the same dispatcher as those of the gateway. Port 0 takes a free one. */
export async function serveInteractions(o: Options & { port: number; host: string }): Promise<InteractionServer> {
  // A signature is good this long into past and future.
  const replays = createReplays(2 * signedWithinMs);
  const answering = new Set<Promise<void>>();
  const working = new Set<Promise<void>>();
  const keep = (set: Set<Promise<void>>, promise: Promise<void>): void => {
    const kept = promise.finally(() => set.delete(kept));
    set.add(kept);
  };
  let isDraining = false;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (isDraining) response.setHeader('connection', 'close');
    const work = (promise: Promise<void>): void => keep(working, promise);
    try {
      const result = await take({ ...o, replays, work }, request, response);
      metrics.interactionRequests.inc({ result });
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal(500, 'unanswered', 'The request failed.');
      metrics.interactionRequests.inc({ result: refusal.result });
      if (refusal.status === 500 && !request.destroyed) o.log.error({ err: error }, 'interaction request failed');
      if (response.headersSent || response.destroyed) return void response.destroy();
      // What was not read cannot be told from the next request.
      if (!request.complete) response.setHeader('connection', 'close');
      send(response, refusal.status, { message: refusal.message });
    }
  };
  const server = createServer(
    { headersTimeout: requestWithinMs, requestTimeout: requestWithinMs, connectionsCheckingInterval: 1_000 },
    (request, response) => {
      keep(answering, closed(response));
      void answer(request, response); // catches everything
    },
  );
  await listen(server, o);
  return {
    port: (server.address() as AddressInfo).port,
    drain: () => {
      isDraining = true;
    },
    async stop() {
      isDraining = true;
      const ended = new Promise<void>((resolve) => server.close(() => resolve()));
      const patience = new AbortController();
      const late = waitMs(acknowledgeWithinMs, patience.signal).catch(() => undefined); // ended below
      await Promise.race([Promise.all(answering), late]);
      patience.abort();
      // What is left are connections on which nobody has asked anything, or not to the end.
      server.closeAllConnections();
      await ended;
      await Promise.all(working);
    },
  };
}
