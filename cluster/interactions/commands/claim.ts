import { userMention } from '#discord/markdown.ts';
import { claimTicket } from '#tickets/actions/claim.ts';
import { releaseTicket } from '#tickets/actions/release.ts';
import type { Ticket } from '#tickets/ticket.ts';
import { type Call, defineButton, defineCommand } from '../define.ts';
import { id } from '../options.ts';

async function claim({ deps, guildId, ticket, actor, at, reply }: Call & { ticket: Ticket }) {
  await claimTicket(deps.ctx, guildId, { ticketId: ticket.id, by: actor, at });
  await reply.announce('commands.claim.done', 'commands.claim.announced', { who: userMention(actor.id) });
}

/** Assigns one staff member; exactly one of two wins (features.md 1.6-08). */
export const claimCommand = defineCommand({
  name: 'claim',
  level: 'support',
  inTicket: true,
  defer: 'ephemeral',
  run: claim,
});

/** The same, under the welcome message. */
export const claimButton = defineButton({
  name: 'claim',
  args: { ticketId: id() },
  level: 'support',
  inTicket: true,
  defer: 'ephemeral',
  run: claim,
});

/** Gives a claimed ticket back to all. */
export const unclaimCommand = defineCommand({
  name: 'unclaim',
  level: 'support',
  inTicket: true,
  defer: 'ephemeral',
  async run({ deps, guildId, ticket, actor, at, reply }) {
    await releaseTicket(deps.ctx, guildId, { ticketId: ticket.id, by: actor, at });
    await reply.announce('commands.unclaim.done', 'commands.unclaim.announced', { who: userMention(actor.id) });
  },
});
