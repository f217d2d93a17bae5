import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { seal } from '../crypto.ts';
import type { Actor } from '../permission.ts';
import { readKey, writeComment } from '../store/ticket.ts';
import { sealedRow } from '../store/transcript.ts';
import type { Ticket } from '../ticket.ts';
import { authorOf, changeTicket, mustMay } from './commit.ts';

/**
 * The opener rates a closed ticket, 1 to 5; a later rating replaces it. A comment is sealed.
 * @throws AppError rate.not-opener, rate.not-closed, input.invalid {field}
 */
export async function rateTicket(
  ctx: Ctx,
  guildId: string,
  input: { ticketId: number; by: Actor; rating: number; comment: string | null; at: number },
): Promise<Ticket> {
  const { ticketId, by, rating, comment, at } = input;
  if (!Number.isInteger(rating) || rating < 1 || rating > 5) throw new AppError('input.invalid', { field: 'rating' });
  const asked = { name: 'rated' as const, by: by.id, at };
  return changeTicket(ctx, guildId, { ticketId, verb: 'rate', asked }, async ({ db, ticket, access }) => {
    mustMay(by, 'ticket.rate', access, ticket);
    const wrapped = comment === null ? null : await readKey(db, guildId, ticketId);
    if (wrapped && comment !== null) {
      const place = { guildId, ticketId, row: sealedRow.comment };
      const sealed = seal(ctx.keys.open(guildId, ticketId, wrapped), place, JSON.stringify(comment));
      await writeComment(db, guildId, { ticketId, sealed });
    }
    return {
      entry: { name: 'rated', by: authorOf(by, ticket, access), at, data: { rating } },
    };
  });
}
