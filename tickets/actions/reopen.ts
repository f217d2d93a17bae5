import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Actor } from '../permission.ts';
import { recordApplied } from '../store/applied.ts';
import { readPanel } from '../store/panel.ts';
import type { Ticket } from '../ticket.ts';
import { authorOf, changeTicket, mustMay } from './commit.ts';
import { mustFit } from './open.ts';

/**
 * Opens a closed ticket again whose thread is still there (features.md 1.9-02). It counts as an open one from now on, so what limits an opening limits
 * this: `opener` is whom it is about, with the roles they have now. When it closes once more, that is told like a first closing.
 * @throws AppError reopen.channel, reopen.gone, ticket.open, limit.user, limit.panel, limit.guild {limit}, permission.…
 */
export function reopenTicket(
  ctx: Ctx,
  guildId: string,
  input: { ticketId: number; by: Actor; opener: Actor | null; at: number },
): Promise<Ticket> {
  const { ticketId, by, at } = input;
  const asked = { name: 'reopened' as const, by: by.id, at };
  const order = { ticketId, verb: 'reopen' as const, asked, countsLimits: true };
  return changeTicket(ctx, guildId, order, async ({ db, ticket, access }) => {
    mustMay(by, 'ticket.reopen', access, ticket);
    if (ticket.mode !== 'thread') throw new AppError('reopen.channel');
    if (ticket.channelId === null || ticket.applied.channelDeletedAt !== null) throw new AppError('reopen.gone');
    const opener = input.opener ?? { id: ticket.openerId, roleIds: [], isOwner: false, hasManageGuild: false };
    const panel = ticket.panelId === null ? null : await readPanel(db, guildId, ticket.panelId);
    await mustFit(db, guildId, { opener, panel, access });
    await recordApplied(db, guildId, ticketId, {
      transcriptMessageId: null,
      dmMessageId: null,
      feedbackMessageId: null,
      problem: null,
    });
    return {
      set: { closeReason: null, nextActionAt: null },
      entry: { name: 'reopened', by: authorOf(by, ticket, access), at },
    };
  });
}
