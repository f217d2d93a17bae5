import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Actor } from '../permission.ts';
import { readReason } from '../reason.ts';
import type { Settings } from '../settings/registry.ts';
import type { Ticket } from '../ticket.ts';
import { authorOf, type Change, changeTicket, type InForce, mustMay } from './commit.ts';

/** The reason that is stored: what was given, else the server's own. Throws `close.reason-required`. */
export function mustHaveReason(
  given: string | null,
  settings: Pick<Settings, 'closeRequiresReason' | 'defaultCloseReason'>,
): string | null {
  const reason = given ?? settings.defaultCloseReason;
  if (reason === null && settings.closeRequiresReason) throw new AppError('close.reason-required');
  return reason;
}

/** The change that closes a ticket. */
export function closing(
  o: { ticket: Ticket; access: InForce },
  { by, reason, at, isBulk = false }: { by: Actor | null; reason: string | null; at: number; isBulk?: boolean },
): Change {
  return {
    set: { closeReason: reason, nextActionAt: null, closeRequest: null },
    entry: { name: 'closed', by: authorOf(by, o.ticket, o.access), at, data: { reason } },
    isBulk,
  };
}

/**
 * Closes a ticket. `by` null: Docket itself (a timer, a channel that was deleted by hand).
 * @throws AppError ticket.closed, ticket.not-ready, close.reason-required, close.not-allowed, input.invalid, permission.…
 */
export async function closeTicket(
  ctx: Ctx,
  guildId: string,
  input: { ticketId: number; by: Actor | null; reason: string | null; at: number },
): Promise<Ticket> {
  const { ticketId, by, at } = input;
  const given = readReason(input.reason);
  const asked = { name: 'closed' as const, by: by?.id ?? null, at };
  return changeTicket(ctx, guildId, { ticketId, verb: 'close', asked }, ({ ticket, access }) => {
    if (by) mustMay(by, 'ticket.close', access, ticket);
    const { settings } = access;
    const reason = by ? mustHaveReason(given, settings) : (given ?? settings.defaultCloseReason);
    return closing({ ticket, access }, { by, reason, at });
  });
}
