import { channelMention } from '#discord/markdown.ts';
import { mustMay, readInForce } from '#tickets/actions/commit.ts';
import { AppError } from '#tickets/errors.ts';
import { addReviewJob } from '#tickets/store/job.ts';
import { recordJoined } from '#tickets/store/thread.ts';
import { addToThread } from '../../effects/in-thread.ts';
import { defineButton } from '../define.ts';
import { id } from '../options.ts';

/** Puts a member of staff into a ticket's thread (features.md 1.9-01). The button stays, for the others. */
export const joinButton = defineButton({
  name: 'join',
  args: { ticketId: id() },
  level: 'support',
  inTicket: true,
  defer: 'ephemeral',
  async run({ deps, guildId, ticket, actor, reply }) {
    mustMay(actor, 'ticket.join', await readInForce(deps.ctx.db, guildId), ticket);
    if (ticket.state !== 'open' || ticket.channelId === null)
      throw new AppError(ticket.state === 'closed' ? 'ticket.closed' : 'ticket.not-ready');
    // First, so that nobody is in it unknown; the job starts the looks whether they still are staff.
    await recordJoined(deps.ctx.db, guildId, { ticketId: ticket.id, userId: actor.id });
    await addReviewJob(deps.ctx.db, guildId, ticket.id);
    await addToThread(deps.botRest, ticket.channelId, actor.id);
    await reply.text('buttons.join.done', { channel: channelMention(ticket.channelId) });
  },
});
