import { metrics } from '#runtime/telemetry.ts';
import { wakeQueue } from '#tickets/actions/wait.ts';
import { recordSettled } from '#tickets/store/applied.ts';
import { wantOpenerSeen } from '#tickets/store/opener.ts';
import { nextStep, type Step } from './plan.ts';
import { readSeen } from './seen.ts';
import { claimPingStep, moveStep } from './steps/claim.ts';
import { channelStep, removeStrayStep } from './steps/channel.ts';
import { closeRequestStep, reasonStep, warningStep } from './steps/closing.ts';
import { deleteStep, directStep, feedbackStep, transcriptStep } from './steps/closed.ts';
import { activateStep, answerStep, overwritesStep, welcomeStep } from './steps/open.ts';
import { joinStep } from './steps/join.ts';
import { mentionStep, unmentionStep } from './steps/mention.ts';
import { movedStep } from './steps/moved.ts';
import { nameStep } from './steps/name.ts';
import type { Run, StepFunction } from './steps/run.ts';
import { staffThreadStep } from './steps/staff-thread.ts';
import { archiveStep, threadStep, unarchiveStep } from './steps/thread.ts';
import { threadMembersStep } from './steps/thread-members.ts';
import { threadStaffStep } from './steps/thread-staff.ts';

const steps: Record<Step, StepFunction> = {
  channel: channelStep,
  welcome: welcomeStep,
  activate: activateStep,
  answer: answerStep,
  overwrites: overwritesStep,
  transcript: transcriptStep,
  direct: directStep,
  feedback: feedbackStep,
  delete: deleteStep,
  'remove-stray': removeStrayStep,
  'close-request': closeRequestStep,
  warning: warningStep,
  reason: reasonStep,
  move: moveStep,
  'claim-ping': claimPingStep,
  moved: movedStep,
  mention: mentionStep,
  unmention: unmentionStep,
  'staff-thread': staffThreadStep,
  name: nameStep,
  thread: threadStep,
  'thread-members': threadMembersStep,
  'thread-staff': threadStaffStep,
  join: joinStep,
  unarchive: unarchiveStep,
  archive: archiveStep,
};

/** What is done about a ticket lets its opener be asked for (openers.ts), unless they were seen within the hour. */
const touchedMs = 60 * 60_000;

/** A ticket's whole life has fewer; more means that a step does not record what it did. */
const stepLimit = 25;

/**
 * Makes Discord look like a ticket: the next missing step, until none is missing. It may be interrupted anywhere and run again; two runs of
 * one ticket never overlap (its queue). Answers when to come back (ms), or null.
 */
export async function reconcile(run: Run, o: { guildId: string; ticketId: number }): Promise<number | null> {
  const { ctx } = run.deps;
  for (let count = 0; count < stepLimit; count += 1) {
    const seen = await readSeen(run.deps, o.guildId, o.ticketId);
    if (!seen) return null;
    const next = nextStep(
      seen.ticket,
      seen.wantedHash,
      ctx.now(),
      seen.filesSince,
      seen.guild.settings,
      seen.claimToPing,
    );
    if (next === null || 'waitUntil' in next) {
      const { autoclose, autocloseOnLeave } = seen.guild.settings;
      if (seen.ticket.state === 'open' && autoclose && autocloseOnLeave)
        await wantOpenerSeen(ctx.db, o.guildId, { ticketId: o.ticketId, before: ctx.now() - touchedMs });
      if (next) return next.waitUntil;
      await recordSettled(ctx.db, o.guildId, { ticketId: o.ticketId, version: seen.ticket.version });
      // A channel or a thread has gone: there may be room for whoever waits.
      if (seen.ticket.state === 'closed' || seen.ticket.state === 'abandoned') await wakeQueue(ctx, o.guildId);
      return null;
    }
    try {
      const ended = await steps[next.step](run, seen);
      metrics.effects.inc({ step: next.step, outcome: 'done' });
      if (ended) return ended.comeBackAt;
    } catch (error) {
      metrics.effects.inc({ step: next.step, outcome: 'failed' });
      throw error;
    }
  }
  throw new Error(`ticket ${o.ticketId} needed more than ${stepLimit} steps`);
}
