import { attachmentConcurrency, createAttachmentTasks } from '#cluster/effects/attachments.ts';
import { startJobRunner } from '#cluster/effects/job-runner.ts';
import { startPresence } from '#cluster/effects/presence.ts';
import { createTasks } from '#cluster/effects/tasks.ts';
import { checkOpeners } from '#cluster/effects/openers.ts';
import { timerReason } from '#cluster/effects/timer-reason.ts';
import type { TaskList } from 'graphile-worker';
import { now } from '#runtime/clock.ts';
import { readConfig } from '#runtime/config.ts';
import { createLog, type Log } from '#runtime/log.ts';
import type { Objects } from '#runtime/objects/objects.ts';
import { openObjects } from '#runtime/objects/open.ts';
import { waitMs } from '#runtime/retry.ts';
import { metrics } from '#runtime/telemetry.ts';
import { createStop, type Stop } from '#runtime/stop.ts';
import type { AttachmentLimits } from '#tickets/attachment.ts';
import type { Ctx } from '#tickets/context.ts';
import { countDueJobs } from '#tickets/store/fleet/due-jobs.ts';
import { collectQueues } from '#tickets/sweep/queues.ts';
import { sweep } from '#tickets/sweep/sweep.ts';
import { sweepTimers } from '#tickets/sweep/timers.ts';
import { checkBreaker, type Discord, openDiscord, openHealth, openPostgres, readKeys } from './parts.ts';
import {
  attachmentLimitsOf,
  attachments,
  bot,
  DATABASE_URL,
  ENCRYPTION_KEY,
  objectStore,
  observation,
  PREMIUM,
  publicAddress,
  publicUrlOf,
  WORKER_CONCURRENCY,
} from './variables.ts';

/** What this role reads from its environment. */
export const variables = {
  DATABASE_URL,
  ENCRYPTION_KEY,
  ...bot,
  ...publicAddress,
  ...observation,
  ...objectStore,
  ...attachments,
  WORKER_CONCURRENCY,
  PREMIUM,
};

/** Makes Discord look like the tickets, and takes due timers, until `stop`. */
export async function startWorker(o: {
  ctx: Ctx;
  discord: Discord;
  objects: Objects;
  limits: AttachmentLimits;
  databaseUrl: string;
  publicUrl: string | null;
  concurrency: number;
  stop: Stop;
}): Promise<void> {
  const { application, rest, callbackRest, creationRest } = o.discord;
  const tasks = createTasks({
    ctx: o.ctx,
    rest,
    panelRest: o.discord.restFor('panels'),
    bulkRest: o.discord.restFor('timers'),
    creationRest,
    callbackRest,
    applicationId: application.id,
    botUserId: application.botUserId,
    publicUrl: o.publicUrl,
  });
  const attachmentTasks = createAttachmentTasks({
    ctx: o.ctx,
    rest: o.discord.restFor('gap-fill'),
    objects: o.objects,
    cdn: o.discord.addresses.cdn,
    limits: o.limits,
  });
  await Promise.all([
    startJobs(o, { tasks, concurrency: o.concurrency }),
    startJobs(o, { tasks: attachmentTasks, concurrency: attachmentConcurrency }),
  ]);
  const sweeping = sweepUntil(o.stop.signal, o.ctx);
  o.stop.add('sweep', () => sweeping);
  const asking = askUntil(o.stop.signal, { ctx: o.ctx, rest: o.discord.restFor('gap-fill') });
  o.stop.add('ask', () => asking);
  const counting = countUntil(o.stop.signal, o.ctx);
  o.stop.add('count', () => counting);
  const collecting = collectUntil(o.stop.signal, o.ctx);
  o.stop.add('collect', () => collecting);
}

/** Runs one kind of jobs, with a presence of its own: what ends one kind must not free the other's jobs. */
async function startJobs(
  o: { ctx: Ctx; databaseUrl: string; stop: Stop },
  jobs: { tasks: TaskList; concurrency: number },
): Promise<void> {
  const presence = await startPresence(o.ctx);
  o.stop.add('presence', () => presence.stop());
  const runner = await startJobRunner({ databaseUrl: o.databaseUrl, ...jobs, presence, log: o.ctx.log });
  o.stop.add('jobs', () => runner.stop());
}

/** Timers fire this much late at most, when nothing is behind. */
const sweepEveryMs = 1_000;

/** Sweeps until the signal; a sweep that failed is tried again. */
async function sweepUntil(signal: AbortSignal, ctx: Ctx): Promise<void> {
  while (!signal.aborted) {
    const { abandoned, requeued } = await sweep(ctx, { now: ctx.now() }).catch((err: unknown) => {
      ctx.log.error({ err }, 'sweep failed');
      return { abandoned: 0, requeued: 0 };
    });
    const { taken } = await sweepTimers(ctx, { now: ctx.now(), reasonOf: timerReason }).catch((err: unknown) => {
      ctx.log.error({ err }, 'sweep of timers failed');
      return { taken: 0 };
    });
    // What found work is called again at once, so that a backlog is worked off.
    if (abandoned + requeued + taken === 0) await waitMs(sweepEveryMs, signal).catch(() => undefined); // only the signal ends it
  }
}

const askEveryMs = 60_000;

/** Asks whether openers are still members, a round each minute until the signal. */
async function askUntil(signal: AbortSignal, o: Parameters<typeof checkOpeners>[0]): Promise<void> {
  while (!signal.aborted) {
    await checkOpeners(o).catch((err: unknown) => o.ctx.log.warn({ err }, 'openers were not asked for'));
    await waitMs(askEveryMs, signal).catch(() => undefined); // only the signal ends it
  }
}

// As often as an autoscaler looks (15 s), and once between.
const countEveryMs = 7_500;

/** Tells how many jobs are due, until the signal. */
async function countUntil(signal: AbortSignal, ctx: Ctx): Promise<void> {
  while (!signal.aborted) {
    await countDueJobs(ctx.db).then(
      (due) => metrics.jobsDue.set(due),
      (err: unknown) => ctx.log.warn({ err }, 'due jobs were not counted'),
    );
    await waitMs(countEveryMs, signal).catch(() => undefined); // only the signal ends it
  }
}

const collectEveryMs = 60 * 60_000;

/** Removes empty job queues each hour until the signal. */
async function collectUntil(signal: AbortSignal, ctx: Ctx): Promise<void> {
  while (!signal.aborted) {
    await collectQueues(ctx, { signal }).catch((err: unknown) => {
      if (!signal.aborted) ctx.log.warn({ err }, 'empty job queues were not removed; it is tried again in an hour');
    });
    await waitMs(collectEveryMs, signal).catch(() => undefined); // only the signal ends it
  }
}

/** Runs the jobs and timers of every guild. */
export async function run(): Promise<void> {
  const config = readConfig(variables);
  const keys = readKeys(config.ENCRYPTION_KEY);
  const objects = openObjects(config);
  const log: Log = createLog({ role: 'worker', level: config.LOG_LEVEL });
  const stop = createStop({ log, interrupted: 0 });
  const db = await openPostgres({ url: config.DATABASE_URL, name: 'worker', log, stop });
  const { DISCORD_TOKEN: token, DISCORD_API_URL: apiUrl } = config;
  const discord = await openDiscord({ token, apiUrl, db, log, signal: stop.signal });
  log.info({ objects: objects.place }, 'files are kept');
  await startWorker({
    ctx: { db, log, now, keys, premium: config.PREMIUM },
    discord,
    objects,
    limits: attachmentLimitsOf(config),
    databaseUrl: config.DATABASE_URL,
    publicUrl: publicUrlOf(config),
    concurrency: config.WORKER_CONCURRENCY,
    stop,
  });
  // Last, so that whoever sees it ready may already stop it.
  const health = await openHealth({ port: config.HEALTH_PORT, log, stop, db });
  health.check('discord', () => checkBreaker(db, discord.application.botUserId));
}
