import { type APIMessage, Routes } from 'discord-api-types/v10';
import type { Applied } from '#tickets/applied.ts';
import { recordApplied } from '#tickets/store/applied.ts';
import { findMessage } from '../find.ts';
import type { Body } from '../look.ts';
import type { EffectDeps, Seen } from '../seen.ts';

/** One run of a ticket's job. */
export type Run = {
  readonly deps: EffectDeps;
  /** An earlier run of this job was interrupted: what it sent is looked for before it is sent again. */
  readonly isRetry: boolean;
  /** No further run follows a failure of this one. */
  readonly isLastTry: boolean;
};

/** The run ends here, though something is still missing: it comes back at that time (ms), or with null when a change has queued the next run already. */
export type Ended = { readonly comeBackAt: number | null };

/** Does one step for what was seen, and records it. */
export type StepFunction = (run: Run, seen: Seen) => Promise<Ended | void>;

/** Records what a step has made true. */
export const record = (run: Run, seen: Seen, patch: Partial<Applied>): Promise<void> =>
  recordApplied(run.deps.ctx.db, seen.ticket.guildId, seen.ticket.id, patch);

/**
 * Sends a message that must be there once. Discord itself refuses a nonce twice within minutes; after a longer interruption the message is
 * looked for by `mark`, a text that it alone contains.
 */
export async function sendOnce(
  run: Run,
  o: {
    channelId: string;
    nonce: string;
    mark: string;
    body: Body;
    /** What was sent before this moment (ms) is not it: it may be needed again, as for a second closing. */
    since?: number | null;
  },
): Promise<string> {
  const { rest, botUserId } = run.deps;
  const known = run.isRetry ? await findMessage(rest, { ...o, botUserId, since: o.since ?? 0 }) : null;
  if (known) return known;
  const body = { ...o.body, nonce: o.nonce, enforce_nonce: true };
  const sent = (await rest.post(Routes.channelMessages(o.channelId), { body })) as APIMessage;
  return sent.id;
}
