import { mustBeWithin } from '../bounds.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Actor } from '../permission.ts';
import { readReason } from '../reason.ts';
import type { CloseRequest, Ticket } from '../ticket.ts';
import { authorOf, changeTicket, mustMay } from './commit.ts';
import { closing, mustHaveReason } from './close.ts';

const hourMs = 60 * 60_000;
/** As long as the longest timer. */
export const maxDelayHours = 90 * 24;

/**
 * Asks the opener whether a ticket may be closed; a later request takes the place of an earlier one. Without a delay it waits for ever.
 * @throws AppError close.reason-required, input.invalid {field, fix}, ticket.closed, permission.…
 */
export async function requestClose(
  ctx: Ctx,
  guildId: string,
  input: { ticketId: number; by: Actor; delayHours: number | null; reason: string | null; at: number },
): Promise<Ticket> {
  const { ticketId, by, delayHours, at } = input;
  const given = readReason(input.reason);
  if (delayHours !== null) mustBeWithin('close_delay', delayHours, 1, maxDelayHours);
  const asked = { name: 'close_requested' as const, by: by.id, at };
  return changeTicket(ctx, guildId, { ticketId, verb: 'change', asked }, ({ ticket, access }) => {
    mustMay(by, 'ticket.request-close', access, ticket);
    const reason = mustHaveReason(given, access.settings);
    const closesAt = delayHours === null ? null : at + delayHours * hourMs;
    const closeRequest: CloseRequest = { by: by.id, at, reason, closesAt };
    const entry = {
      name: 'close_requested' as const,
      by: authorOf(by, ticket, access),
      at,
      data: { reason, closesAt },
    };
    return { set: { closeRequest }, entry };
  });
}

/** The request that somebody answers. Throws what there is no longer. */
function mustBePending(ticket: Ticket, requestAt: number | null): CloseRequest {
  const { closeRequest } = ticket;
  if (!closeRequest) throw new AppError('close-request.none');
  if (requestAt !== null && closeRequest.at !== requestAt) throw new AppError('close-request.stale');
  return closeRequest;
}

/** An answer to a request; `requestAt` names the one that was seen, null means whichever there is. */
export type CloseAnswer = { ticketId: number; by: Actor; requestAt: number | null; at: number };

/**
 * The opener agrees: the ticket is closed with the request's reason, also where members may not close by themselves, for staff asked.
 * @throws AppError close-request.none, close-request.stale, close-request.not-opener, ticket.closed
 */
export function acceptClose(ctx: Ctx, guildId: string, input: CloseAnswer): Promise<Ticket> {
  const { ticketId, by, at } = input;
  const asked = { name: 'closed' as const, by: by.id, at };
  return changeTicket(ctx, guildId, { ticketId, verb: 'close', asked }, ({ ticket, access }) => {
    mustMay(by, 'ticket.accept-close', access, ticket);
    const { reason } = mustBePending(ticket, input.requestAt);
    return closing({ ticket, access }, { by, reason, at });
  });
}

/**
 * The opener wants the ticket to stay open, or staff take their request back.
 * @throws AppError close-request.none, close-request.stale, permission.staff-or-opener, ticket.closed
 */
export function denyClose(ctx: Ctx, guildId: string, input: CloseAnswer): Promise<Ticket> {
  const { ticketId, by, at } = input;
  const asked = { name: 'close_denied' as const, by: by.id, at };
  return changeTicket(ctx, guildId, { ticketId, verb: 'change', asked }, ({ ticket, access }) => {
    mustMay(by, 'ticket.deny-close', access, ticket);
    mustBePending(ticket, input.requestAt);
    const entry = { name: 'close_denied' as const, by: authorOf(by, ticket, access), at };
    return { set: { closeRequest: null }, entry };
  });
}
