import type { REST } from '@discordjs/rest';
import type { JobHelpers, TaskList } from 'graphile-worker';
import { retryAfterMsOf } from '#discord/rest.ts';
import type { Ctx } from '#tickets/context.ts';
import type { RestClient } from '../interactions/deps.ts';
import { publishPanel } from './panel-message.ts';
import { reconcile } from './reconcile.ts';
import type { EffectDeps } from './seen.ts';

/**
 * After so many tries of one job a channel that cannot be made is given up and the opener told why. The library waits e, e², e³ … seconds
 * between tries: six tries are four minutes, well within the 15 that the opener's answer can be edited.
 */
export const channelTries = 6;

type TicketJob = { guildId: string; ticketId: number };
type PanelJob = { guildId: string; panelMessageId: number };

/** The jobs that make Discord look like the tickets and panels. */
export function createTasks(o: {
  ctx: Ctx;
  /** With the bot's token, on the shared limiter. */
  rest: REST;
  /** The same, giving way to open tickets. */
  panelRest?: RestClient;
  /** The same without retries (`retries: 0`). */
  creationRest?: RestClient;
  /** For interaction tokens, without the limiter. */
  callbackRest?: RestClient;
  applicationId: string;
  botUserId: string;
  publicUrl: string | null;
}): TaskList {
  const panelRest = o.panelRest ?? o.rest;
  const deps: EffectDeps = { ...o, creationRest: o.creationRest ?? o.rest, callbackRest: o.callbackRest ?? o.rest };

  /** Runs a job; "not now" becomes a later time, so that no worker sleeps (design.md 4). */
  async function paced(
    task: string,
    queue: string,
    payload: object,
    helpers: JobHelpers,
    work: () => Promise<number | null | void>,
  ) {
    let comeBackAt: number | null = null;
    try {
      comeBackAt = (await work()) ?? null;
    } catch (error) {
      const afterMs = retryAfterMsOf(error);
      if (afterMs === null) throw error;
      comeBackAt = Date.now() + afterMs;
    }
    if (comeBackAt === null) return;
    // A change that came during this run has queued a job of its own: that one keeps its time.
    const spec = {
      queueName: queue,
      jobKey: queue,
      jobKeyMode: 'preserve_run_at' as const,
      runAt: new Date(comeBackAt),
    };
    await helpers.addJob(task, payload, spec);
  }

  return {
    async ticket(payload, helpers) {
      const job = payload as TicketJob;
      const { attempts } = helpers.job;
      const run = { deps, isRetry: attempts > 1, isLastTry: attempts >= channelTries };
      await paced('ticket', `ticket:${job.ticketId}`, job, helpers, () => reconcile(run, job));
    },
    async panel(payload, helpers) {
      const job = payload as PanelJob;
      await paced('panel', `panel:${job.panelMessageId}`, job, helpers, () =>
        publishPanel({ ...deps, rest: panelRest }, job),
      );
    },
  };
}
