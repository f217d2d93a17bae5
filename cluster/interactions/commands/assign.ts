import { userMention } from '#discord/markdown.ts';
import { assignTicket } from '#tickets/actions/assign.ts';
import { AppError } from '#tickets/errors.ts';
import type { Ticket } from '#tickets/ticket.ts';
import { type Call, defineCommand } from '../define.ts';
import { type Mentioned, user } from '../options.ts';

async function assign(call: Call & { ticket: Ticket; options: { user: Mentioned } }, isTransfer: boolean) {
  const { deps, guildId, guild, ticket, actor, at, options, reply } = call;
  const { id, isBot, member } = options.user;
  if (!member) throw new AppError('assign.not-staff', { userId: id });
  const assignee = { id, isBot, ...member, isOwner: id === guild.ownerId };
  await assignTicket(deps.ctx, guildId, { ticketId: ticket.id, by: actor, assignee, at, isTransfer });
  const vars = { who: userMention(actor.id), user: userMention(id) };
  await reply.announce('commands.assign.done', 'commands.assign.announced', vars);
}

/** Gives a ticket to somebody of its staff, whether anybody holds it or not (features.md 1.16-03). */
export const assignCommand = defineCommand({
  name: 'assign',
  level: 'support',
  inTicket: true,
  defer: 'ephemeral',
  options: { user: user() },
  run: (call) => assign(call, false),
});

/** Passes a claimed ticket on (features.md 1.2-09). */
export const transferCommand = defineCommand({
  name: 'transfer',
  level: 'support',
  inTicket: true,
  defer: 'ephemeral',
  options: { user: user() },
  run: (call) => assign(call, true),
});
