import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { Log } from '#runtime/log.ts';
import { controlRoutes } from './control/routes.ts';
import { createFaults } from './faults.ts';
import { serveConnection } from './gateway/connection.ts';
import { createHub } from './gateway/hub.ts';
import { createIdentifyGate } from './gateway/identify-gate.ts';
import { createPoster } from './http/post.ts';
import { createRateLimits } from './http/rate-limits.ts';
import { type Check, createHandler } from './http/serve.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { authorizePages } from './pages/authorize.ts';
import { cdnPages } from './pages/cdn.ts';
import { allRoutes } from './routes/all.ts';
import { createGuild, furnish } from './state/seed.ts';
import { createStore } from './state/store.ts';
import { applicationOf, createWorld } from './state/world.ts';

export type SimulatorOptions = {
  /** 0 takes a free port. */
  port: number;
  /** Where the state is kept; null: in memory only. */
  dataDir: string | null;
  /** How many servers a new world has. A world that exists already keeps its own. */
  guilds: number;
  log: Log;
  /** People per server, the owner included. */
  membersPerGuild?: number;
  /** The application's name. */
  name?: string;
  limits?: Partial<Limits>;
  /** Sees each request to the REST API and its answer. */
  check?: Check;
};

export type SimulatedPeople = { id: string; ownerId: string; memberIds: string[]; roleIds: string[] };
export type Simulator = {
  /** `http://127.0.0.1:port/api` */
  api: string;
  gateway: string;
  control: string;
  token: string;
  applicationId: string;
  publicKey: string;
  clientSecret: string;
  guilds: SimulatedPeople[];
  close(): Promise<void>;
};

const host = '127.0.0.1';
const sweepMs = 10_000;

/** Starts the local Discord. It listens on 127.0.0.1 only. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { log } = options;
  const http = createServer({ keepAliveTimeout: 60_000 });
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(options.port, host, resolve);
  });
  const { port } = http.address() as AddressInfo;
  const origin = `http://${host}:${port}`;
  const gatewayUrl = `ws://${host}:${port}/gateway`;

  const store = createStore(options.dataDir);
  const world = createWorld({ store, limits: { ...defaultLimits, ...options.limits }, log, origin });
  const hub = createHub(world);
  const faults = createFaults();
  const rateLimits = createRateLimits(world);
  const gate = createIdentifyGate(world);
  world.onPublish(createPoster(world, options.check ?? null));
  const isNew = world.application === null;
  furnish(world, options.name ?? 'Bot');
  if (isNew) {
    for (let index = 0; index < options.guilds; index++) createGuild(world, { members: options.membersPerGuild ?? 12 });
    store.flush();
  }

  const handler = createHandler({
    world,
    api: allRoutes({ hub, gatewayUrl, rateLimits }),
    other: [...authorizePages, ...cdnPages, ...controlRoutes({ hub, faults, rateLimits })],
    rateLimits,
    faults,
    check: options.check ?? null,
  });
  http.on('request', handler);

  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 64 * 1024 });
  http.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url ?? '/', origin);
    if (!url.pathname.startsWith('/gateway')) {
      socket.end('HTTP/1.1 404 Not Found\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => {
      serveConnection(hub, { ws, socket, query: url.searchParams, gate, faults, gatewayUrl });
    });
  });
  const sweeper = setInterval(() => {
    hub.sweep();
    rateLimits.sweep();
    for (const grant of world.grants.values()) if (grant.expiresAt < Date.now()) world.dropGrant(grant);
  }, sweepMs);
  log.info({ port, guilds: world.guilds.size }, 'simulator started');

  const application = applicationOf(world);
  return {
    api: `${origin}/api`,
    gateway: gatewayUrl,
    control: `${origin}/control`,
    token: application.token,
    applicationId: application.id,
    publicKey: application.publicKey,
    clientSecret: application.clientSecret,
    guilds: [...world.guilds.values()].map((guild) => ({
      id: guild.id,
      ownerId: guild.ownerId,
      memberIds: [...guild.members.keys()].filter((id) => id !== application.id),
      roleIds: [...guild.roles.keys()].filter((id) => id !== guild.id),
    })),
    async close() {
      clearInterval(sweeper);
      // 1001, "going away": clients come back with a RESUME.
      // 1012, a restart: clients answer with the same code, and 1001 from a client would end its session.
      for (const ws of sockets.clients) ws.close(1012, 'The simulator stops.');
      await new Promise<void>((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
        setTimeout(() => {
          for (const ws of sockets.clients) ws.terminate();
        }, 200).unref();
      });
      for (const ws of sockets.clients) ws.terminate();
      store.close();
      log.info('simulator stopped');
    },
  };
}
