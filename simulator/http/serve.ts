import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Faults } from '../faults.ts';
import { grantOf } from '../routes/oauth.ts';
import { applicationOf, type World } from '../state/world.ts';
import { readBody } from './body.ts';
import { DiscordError } from './errors.ts';
import { type RateLimits, refuse } from './rate-limits.ts';
import { type Auth, type Call, createRouter, type Reply, type Route } from './route.ts';

/** A request and its answer as they were; `route` is the path with its parameters' names, without `/api/v10`. */
export type Exchange = {
  method: string;
  path: string;
  route: string;
  query: URLSearchParams;
  contentType: string;
  requestBody: unknown;
  fileCount: number;
  status: number;
  responseBody: unknown;
};
/** Sees every request to the REST API with its answer; what it throws becomes a 500 and is logged. */
export type Check = (exchange: Exchange) => void;

/** Serves REST below `/api`, and the pages and the control API at their own paths. */
export function createHandler(o: {
  world: World;
  api: readonly Route[];
  other: readonly Route[];
  rateLimits: RateLimits;
  faults: Faults;
  check: Check | null;
}): (request: IncomingMessage, response: ServerResponse) => void {
  const { world } = o;
  const findApi = createRouter(o.api);
  const findOther = createRouter(o.other);

  return (request, response) => {
    handle(request, response).catch((err: unknown) => {
      world.log.error({ err, method: request.method, url: request.url }, 'request failed');
      if (!response.headersSent)
        send(response, { status: 500, body: { message: '500: Internal Server Error', code: 0 } });
      else response.destroy();
    });
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://local');
    const method = request.method ?? 'GET';
    const version = /^\/api(?:\/v(?:9|10))?(?=\/|$)/.exec(url.pathname)?.[0];
    if (version === undefined) return await handleOther(request, response, method, url);
    const path = url.pathname.slice(version.length);
    world.counts.requests++;
    for (const fault of o.faults.take(method, path)) {
      if (fault.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
      else if (fault.kind === 'status') return send(response, ordered(fault));
      else {
        await answer(request, method, path, url);
        keep(method);
        request.socket.destroy();
        return;
      }
    }
    const reply = await answer(request, method, path, url);
    keep(method);
    send(response, reply);
  }

  /** What somebody was told is done is on disk: it outlives a kill -9. */
  function keep(method: string): void {
    if (method !== 'GET') world.store.flush();
  }

  async function answer(request: IncomingMessage, method: string, path: string, url: URL): Promise<Reply> {
    const found = findApi(method, path);
    if (!found) {
      world.happen('not_implemented', { method, path });
      return notImplemented(method, path);
    }
    const { route, params } = found;
    const body = await readBody(request).catch((error: unknown) => error);
    let limitHeaders: Record<string, string> = {};
    let reply: Reply;
    try {
      const auth = authOf(request.headers.authorization, route);
      const limit = o.rateLimits.take(route, params);
      limitHeaders = limit.headers;
      if (body instanceof Error) throw body;
      const { body: json, list, files } = body as Awaited<ReturnType<typeof readBody>>;
      const call: Call = {
        world,
        params,
        query: url.searchParams,
        body: json,
        list,
        files,
        auth,
        headers: request.headers,
      };
      reply = limit.refusal ?? (await route.run(call));
    } catch (error) {
      if (!(error instanceof DiscordError)) throw error;
      reply = { status: error.status, body: error.body() };
    }
    if (reply.status === 429) world.counts.rateLimited++;
    if ([401, 403, 429].includes(reply.status)) world.counts.invalidRequests++;
    if (o.check && !(body instanceof Error)) {
      const { raw, files } = body as Awaited<ReturnType<typeof readBody>>;
      o.check({
        method,
        path,
        route: route.path,
        query: url.searchParams,
        contentType: request.headers['content-type'] ?? '',
        requestBody: raw,
        fileCount: files.length,
        status: reply.status,
        responseBody: reply.body,
      });
    }
    return { ...reply, headers: { ...limitHeaders, ...reply.headers } };
  }

  /** Pages and the control API: no tokens, no limits. */
  async function handleOther(
    request: IncomingMessage,
    response: ServerResponse,
    method: string,
    url: URL,
  ): Promise<void> {
    if (url.pathname.startsWith('/cdn/')) {
      for (const fault of o.faults.take(method, url.pathname)) {
        if (fault.kind === 'status') return send(response, ordered(fault));
        if (fault.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
        else return void request.socket.destroy();
      }
    }
    const found = findOther(method, url.pathname);
    if (!found) return send(response, notImplemented(method, url.pathname));
    try {
      const { body, list, files } = await readBody(request);
      const call: Call = {
        world,
        params: found.params,
        query: url.searchParams,
        body,
        list,
        files,
        auth: { kind: 'none' },
        headers: request.headers,
      };
      const reply = await found.route.run(call);
      keep(method);
      if (!reply.stream) return send(response, reply);
      response.writeHead(reply.status, reply.headers);
      response.flushHeaders();
      reply.stream(
        (line) => response.write(line),
        (done) => response.once('close', done),
      );
    } catch (error) {
      if (!(error instanceof DiscordError)) throw error;
      // The control API answers people: 400, with Discord's code beside.
      send(response, { status: error.status === 404 ? 404 : 400, body: error.body() });
    }
  }

  function authOf(header: string | undefined, route: Route): Auth {
    if (route.auth === 'none') return { kind: 'none' };
    const [scheme = '', token = ''] = (header ?? '').split(' ');
    if (scheme === 'Bot' && token === applicationOf(world).token && route.auth !== 'user') return { kind: 'bot' };
    const grant = scheme === 'Bearer' ? grantOf(world, token) : null;
    if (grant && (route.auth === 'user' || route.auth === 'either')) {
      return { kind: 'user', userId: grant.userId, scopes: grant.scopes, expiresAt: grant.expiresAt };
    }
    throw new DiscordError(0, { status: 401, message: '401: Unauthorized' });
  }
}

function notImplemented(method: string, path: string): Reply {
  const route = `${method} ${path}`;
  return { status: 501, body: { message: `The simulator does not know ${route}`, code: 0, route } };
}

function ordered(fault: { status: number; retryAfterS?: number; code?: number; message?: string }): Reply {
  if (fault.status === 429) return refuse(fault.retryAfterS ?? 1, 'shared', {});
  return { status: fault.status, body: { message: fault.message ?? 'ordered', code: fault.code ?? 0 } };
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply.raw) {
    response.writeHead(reply.status, { ...reply.headers, 'content-type': reply.raw.contentType });
    response.end(reply.raw.bytes);
    return;
  }
  if (reply.body === undefined) {
    response.writeHead(reply.status, reply.headers);
    response.end();
    return;
  }
  const text = JSON.stringify(reply.body);
  response.writeHead(reply.status, {
    ...reply.headers,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
