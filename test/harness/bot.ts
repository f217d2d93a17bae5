import type { REST } from '@discordjs/rest';
import { WebSocketManager, WebSocketShardEvents } from '@discordjs/ws';
import { type APIInteraction, GatewayDispatchEvents } from 'discord-api-types/v10';
import { Logger, type Runner, run as runWorker } from 'graphile-worker';
import type { ClickHouse } from '#analytics/clickhouse/client.ts';
import { createTasks } from '#cluster/effects/tasks.ts';
import { timerReason } from '#cluster/effects/timer-reason.ts';
import { type Asking, isAsking, openFromMessage } from '#cluster/gateway/dedicated.ts';
import { createDispatch } from '#cluster/interactions/dispatch.ts';
import { registerCommands } from '#cluster/interactions/register.ts';
import { addressesOf } from '#discord/addresses.ts';
import { readApplication } from '#discord/application.ts';
import { createCallbackRest, createPlainRest } from '#discord/rest.ts';
import { createLog } from '#runtime/log.ts';
import { type Control, createControl } from '#simulator/client.ts';
import { type Simulator, startSimulator } from '#simulator/server.ts';
import type { Ctx } from '#tickets/context.ts';
import { createKeyring } from '#tickets/crypto.ts';
import { sweepTimers } from '#tickets/sweep/timers.ts';
import type { TestDatabase } from './postgres.ts';

/** Interactions and effects against a simulator, in this process; no shards, no analytics. */
export type Bot = {
  simulator: Simulator;
  control: Control;
  ctx: Ctx;
  rest: REST;
  /** What a worker needs, for tests that run a job themselves. */
  tasks: ReturnType<typeof createTasks>;
  startWorker(): Promise<Runner>;
  /** Does what a worker's timers do when so much time has passed. */
  timersIn(afterMs: number): Promise<void>;
  stop(): Promise<void>;
};

/** Starts it. `hasWorker: false`: no job runs until `startWorker`. */
export async function startBot(o: {
  database: TestDatabase;
  clickhouse?: ClickHouse;
  publicUrl?: string | null;
  voteUrl?: string | null;
  premium?: Ctx['premium'];
  hasWorker?: boolean;
  /** How long a closed ticket's channel stays for the last words; not at all without it. */
  lastWordsMs?: number;
}): Promise<Bot> {
  const log = createLog({ role: 'test', level: 'silent' });
  const simulator = await startSimulator({ port: 0, dataDir: null, guilds: 1, log, limits: { identifyWindowMs: 0 } });
  const rest = createPlainRest({ token: simulator.token, apiUrl: simulator.api });
  const creationRest = createPlainRest({ token: simulator.token, apiUrl: simulator.api });
  creationRest.options.retries = 0;
  const callbackRest = createCallbackRest({ apiUrl: simulator.api });
  const application = await readApplication(rest);
  const keys = createKeyring(Buffer.alloc(32, 7).toString('base64'));
  const ctx: Ctx = { db: o.database.pool, log, now: Date.now, keys, premium: o.premium ?? 'everyone' };
  await registerCommands({ rest, applicationId: application.id });

  const shared = {
    ctx,
    applicationId: application.id,
    botUserId: application.botUserId,
    publicUrl: o.publicUrl ?? null,
    voteUrl: o.voteUrl ?? null,
  };
  const dispatch = createDispatch({
    ...shared,
    rest: callbackRest,
    botRest: rest,
    creationRest,
    authorizeUrl: addressesOf(simulator.api).oauthAuthorize,
    clickhouse: o.clickhouse as ClickHouse,
    log,
  });
  const running = new Set<Promise<void>>();
  const gateway = new WebSocketManager({
    token: simulator.token,
    intents: application.intents,
    rest,
  });
  gateway.on(WebSocketShardEvents.Dispatch, ({ t, d }) => {
    const message = t === GatewayDispatchEvents.MessageCreate && isAsking(d) ? (d as Asking) : null;
    if (t !== GatewayDispatchEvents.InteractionCreate && !message) return;
    const work = message ? openFromMessage(ctx, message) : dispatch(d as APIInteraction, performance.now());
    const done = work.finally(() => running.delete(done));
    running.add(done);
  });
  await gateway.connect();

  const tasks = createTasks({ ...shared, rest, creationRest, callbackRest, lastWordsMs: o.lastWordsMs ?? 0 });
  const startWorker = () =>
    runWorker({
      connectionString: o.database.url,
      maxPoolSize: 6,
      concurrency: 4,
      pollInterval: 100,
      taskList: tasks,
      noHandleSignals: true,
      logger: new Logger(() => () => {}),
    });
  let runner = o.hasWorker === false ? undefined : await startWorker();
  return {
    simulator,
    control: createControl(simulator.control),
    ctx,
    rest,
    tasks,
    async startWorker() {
      runner = await startWorker();
      return runner;
    },
    async timersIn(afterMs) {
      while ((await sweepTimers(ctx, { now: Date.now() + afterMs, reasonOf: timerReason })).taken > 0);
    },
    async stop() {
      await gateway.destroy();
      await Promise.all(running);
      await runner?.stop();
      await simulator.close();
    },
  };
}
