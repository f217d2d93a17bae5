import type { REST } from '@discordjs/rest';
import type { TaskList } from 'graphile-worker';
import type { Ctx } from '#tickets/context.ts';
import type { RestClient } from '../interactions/deps.ts';
import { type ShortNotice, addLogJob, bulkPriority } from '#tickets/store/job.ts';
import { gatherMs, postLogs } from './log-post.ts';
import { postNotice, takeAway } from './notice.ts';
import { runBulkBatch } from './bulk-close.ts';
import { takeRoleAway } from './on-call.ts';
import { paced } from './paced.ts';
import { publishPanel } from './panel-message.ts';
import { reconcile } from './reconcile.ts';
import { reviewAccess } from '#tickets/sweep/access.ts';
import { retimeTickets } from '#tickets/sweep/timers.ts';
import type { EffectDeps } from './seen.ts';

/**
 * After so many tries of one job a channel that cannot be made is given up and the opener told why. The library waits e, e², e³ … seconds
 * between tries: six tries are four minutes, well within the 15 that the opener's answer can be edited.
 */
export const channelTries = 6;

/** Ten times as long as a cluster collects messages, and less than people notice. */
const lastWordsMs = 1_000;

/** Tickets that are listed at once when it may have changed who sees them. */
const accessBatch = 100;

type BulkJob = { guildId: string; bulkId: number };
type TicketJob = { guildId: string; ticketId: number };
type LogJob = { guildId: string };
type PanelJob = { guildId: string; panelMessageId: number };

/** The jobs that make Discord look like the tickets and panels. */
export function createTasks(o: {
  ctx: Ctx;
  /** With the bot's token, on the shared limiter. */
  rest: REST;
  /** The same, giving way to open tickets. */
  panelRest?: RestClient;
  /** The same for what nobody waits for: tickets that closed by themselves. */
  bulkRest?: RestClient;
  /** The same without retries (`retries: 0`). */
  creationRest?: RestClient;
  /** For interaction tokens, without the limiter. */
  callbackRest?: RestClient;
  applicationId: string;
  botUserId: string;
  publicUrl: string | null;
  /** How long a closed ticket's channel stays at least; a second without it. */
  lastWordsMs?: number;
}): TaskList {
  const panelRest = o.panelRest ?? o.rest;
  const deps: EffectDeps = {
    ...o,
    creationRest: o.creationRest ?? o.rest,
    callbackRest: o.callbackRest ?? o.rest,
    lastWordsMs: o.lastWordsMs ?? lastWordsMs,
  };

  return {
    async ticket(payload, helpers) {
      const job = payload as TicketJob;
      const { attempts } = helpers.job;
      const isBulk = helpers.job.priority >= bulkPriority;
      const run = {
        deps: isBulk ? { ...deps, rest: o.bulkRest ?? o.rest } : deps,
        isRetry: attempts > 1,
        isLastTry: attempts >= channelTries,
      };
      const queue = `ticket:${job.ticketId}`;
      // Every change has a job of its ticket: from here the log hears of it, however the ticket's own work goes on.
      await addLogJob(o.ctx.db, job.guildId, { afterMs: gatherMs });
      await paced({ task: 'ticket', queue, payload: job, helpers }, () => reconcile(run, job));
    },
    async log(payload, helpers) {
      const job = payload as LogJob;
      const queue = `log:${job.guildId}`;
      await paced({ task: 'log', queue, payload: job, helpers }, () => postLogs({ ...deps, rest: panelRest }, job));
    },
    async 'bulk-close'(payload, helpers) {
      const job = payload as BulkJob;
      const queue = `bulk-close:${job.bulkId}`;
      await paced({ task: 'bulk-close', queue, payload: job, helpers }, () => runBulkBatch(deps, job));
    },
    async access(payload) {
      await reviewAccess(o.ctx, (payload as LogJob).guildId, { batch: accessBatch });
    },
    async timers(payload) {
      await retimeTickets(o.ctx, (payload as LogJob).guildId);
    },
    async notice(payload, helpers) {
      const job = payload as ShortNotice & { guildId: string };
      await paced({ task: 'notice', queue: `notice:${job.messageId}`, payload: job, helpers }, () =>
        postNotice(deps, job),
      );
    },
    async 'take-away'(payload, helpers) {
      const job = payload as { guildId: string; channelId: string; messageId: string };
      await paced({ task: 'take-away', queue: `take-away:${job.messageId}`, payload: job, helpers }, () =>
        takeAway(deps, job),
      );
    },
    async 'role-away'(payload, helpers) {
      const job = payload as { guildId: string; roleId: string; userId: string | null };
      const queue = `role-away:${job.roleId}${job.userId === null ? '' : `:${job.userId}`}`;
      await paced({ task: 'role-away', queue, payload: job, helpers }, () =>
        takeRoleAway({ ctx: o.ctx, rest: o.bulkRest ?? o.rest }, job),
      );
    },
    async panel(payload, helpers) {
      const job = payload as PanelJob;
      const queue = `panel:${job.panelMessageId}`;
      await paced({ task: 'panel', queue, payload: job, helpers }, () =>
        publishPanel({ ...deps, rest: panelRest }, job),
      );
    },
  };
}
