// What an open ticket's channel says about its closing, and what a closed one's summaries say: pure, as plan.ts is.
import type { Ticket } from '#tickets/ticket.ts';

/** Steps about closing; one function each in `steps/closing.ts`. */
export type ClosingStep = 'close-request' | 'warning' | 'reason';

/** A close request that does not stand there, or stands there and is answered; a warning that was not given. */
export function beforeClosing({ applied, closeRequest, warnedAt }: Ticket): ClosingStep | null {
  // Tickets of before these existed have none of the fields.
  if ((closeRequest?.at ?? null) !== (applied.closeRequestShown ?? null)) return 'close-request';
  return (warnedAt ?? null) !== null && (applied.warnedShown ?? null) !== warnedAt ? 'warning' : null;
}

/** A reason that was written anew after the summaries were sent. */
export function afterSummaries({ applied, closeReason }: Ticket): ClosingStep | null {
  const { transcriptMessageId, dmMessageId, reasonShown } = applied;
  const isThere = (messageId: string | null): boolean => messageId !== null && messageId !== 'none';
  if (!isThere(transcriptMessageId) && !isThere(dmMessageId)) return null;
  return (reasonShown ?? null) === (closeReason ?? '') ? null : 'reason';
}
