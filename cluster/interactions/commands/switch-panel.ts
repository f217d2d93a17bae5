import { escapeMarkdown, userMention } from '#discord/markdown.ts';
import { switchPanel } from '#tickets/actions/switch-panel.ts';
import { AppError } from '#tickets/errors.ts';
import { findPanels, readPanel } from '#tickets/store/panel.ts';
import { defineCommand } from '../define.ts';
import { text } from '../options.ts';
import { maxSuggestions } from '../suggest.ts';

/** Moves a ticket to another panel (features.md 1.2-17). The panel is chosen from what is suggested, or its name is typed. */
export const switchPanelCommand = defineCommand({
  name: 'switchpanel',
  level: 'support',
  inTicket: true,
  defer: 'ephemeral',
  options: { to_panel: text({ max: 100 }) },
  suggests: {
    to_panel: async ({ deps, guildId, ticket, typed }) => {
      const found = await findPanels(deps.ctx.db, guildId, { typed, limit: maxSuggestions + 1 });
      return found.filter(({ id }) => id !== ticket?.panelId).map(({ id, name }) => ({ name, value: String(id) }));
    },
  },
  async run({ deps, guildId, ticket, actor, at, options, reply }) {
    const panel = await panelOf(deps.ctx.db, guildId, options.to_panel);
    await switchPanel(deps.ctx, guildId, { ticketId: ticket.id, by: actor, panelId: panel.id, at });
    const vars = { who: userMention(actor.id), panel: escapeMarkdown(panel.name) };
    await reply.announce('commands.switchpanel.done', 'commands.switchpanel.announced', vars);
  },
});

/** What was chosen is an id; whoever did not wait for suggestions typed a name. */
async function panelOf(db: Parameters<typeof findPanels>[0], guildId: string, given: string) {
  const wanted = given.trim().toLowerCase();
  const named = await findPanels(db, guildId, { typed: given.trim(), limit: maxSuggestions });
  const byName = named.find(({ name }) => name.toLowerCase() === wanted);
  if (byName) return byName;
  const panel = /^\d{4,15}$/.test(wanted) ? await readPanel(db, guildId, Number(wanted)) : null;
  if (!panel) throw new AppError('panel.unknown');
  return panel;
}
