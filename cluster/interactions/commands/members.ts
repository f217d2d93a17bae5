import { userMention } from '#discord/markdown.ts';
import { addMember } from '#tickets/actions/add-member.ts';
import { removeMember } from '#tickets/actions/remove-member.ts';
import { AppError } from '#tickets/errors.ts';
import { defineCommand } from '../define.ts';
import { user } from '../options.ts';

/** Lets one more member into the ticket (features.md 1.2-05). */
export const addCommand = defineCommand({
  name: 'add',
  level: 'member',
  inTicket: true,
  defer: 'ephemeral',
  options: { user: user() },
  async run({ deps, guildId, ticket, actor, at, options, reply }) {
    if (!options.user.member) throw new AppError('member.unknown', { userId: options.user.id });
    await addMember(deps.ctx, guildId, { ticketId: ticket.id, by: actor, userId: options.user.id, at });
    await reply.announce('commands.add.done', 'commands.add.announced', {
      who: userMention(options.user.id),
      by: userMention(actor.id),
    });
  },
});

/** Takes an added member out again (features.md 1.2-06). */
export const removeCommand = defineCommand({
  name: 'remove',
  level: 'member',
  inTicket: true,
  defer: 'ephemeral',
  options: { user: user() },
  async run({ deps, guildId, ticket, actor, at, options, reply }) {
    await removeMember(deps.ctx, guildId, { ticketId: ticket.id, by: actor, userId: options.user.id, at });
    await reply.announce('commands.remove.done', 'commands.remove.announced', {
      who: userMention(options.user.id),
      by: userMention(actor.id),
    });
  },
});
