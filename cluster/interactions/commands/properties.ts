import { escapeMarkdown, truncate } from '#discord/markdown.ts';
import { editTicket, maxTopicLength } from '#tickets/actions/edit.ts';
import { maxNameLength, renameTicket } from '#tickets/actions/rename.ts';
import type { Priority } from '#tickets/events.ts';
import { defineCommand } from '../define.ts';
import { priorityWord } from '../history-words.ts';
import { text } from '../options.ts';

/** Names the ticket's channel (features.md 1.2-15). */
export const renameCommand = defineCommand({
  name: 'rename',
  level: 'support',
  inTicket: true,
  defer: 'ephemeral',
  options: { new_ticket_name: text({ max: maxNameLength }) },
  async run({ deps, guildId, ticket, actor, at, options, reply }) {
    const name = options.new_ticket_name;
    const renamed = await renameTicket(deps.ctx, guildId, { ticketId: ticket.id, by: actor, name, at });
    await reply.text('commands.rename.done', { name: escapeMarkdown(renamed.name ?? name) });
  },
});

/** Says how urgent a ticket is (features.md 1.2-29). */
export const priorityCommand = defineCommand({
  name: 'priority',
  level: 'support',
  inTicket: true,
  defer: 'ephemeral',
  options: {
    level: text({
      max: 10,
      choices: [
        { value: 'low', title: 'priority.low' },
        { value: 'normal', title: 'priority.normal' },
        { value: 'high', title: 'priority.high' },
        { value: 'urgent', title: 'priority.urgent' },
      ],
    }),
  },
  async run({ deps, guildId, ticket, actor, at, options, locale, reply }) {
    const priority = options.level as Priority; // Discord takes one of the choices only
    await editTicket(deps.ctx, guildId, { ticketId: ticket.id, by: actor, patch: { priority }, at });
    await reply.text('commands.priority.done', { priority: priorityWord(locale, priority) });
  },
});

/** Says in a line what a ticket is about (features.md 1.2-30). */
export const topicCommand = defineCommand({
  name: 'topic',
  level: 'support',
  inTicket: true,
  defer: 'ephemeral',
  options: { text: text({ max: maxTopicLength, optional: true }) },
  async run({ deps, guildId, ticket, actor, at, options, reply }) {
    const topic = options.text;
    const edited = await editTicket(deps.ctx, guildId, { ticketId: ticket.id, by: actor, patch: { topic }, at });
    if (topic === null) return reply.text('commands.topic.removed');
    await reply.text('commands.topic.done', { topic: truncate(escapeMarkdown(edited.topic ?? topic), 1_900) });
  },
});
