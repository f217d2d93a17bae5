import { ButtonStyle, ComponentType } from 'discord-api-types/v10';
import { channelMention, escapeMarkdown, timestamp, truncate } from '#discord/markdown.ts';
import { translate } from '#locales/index.ts';
import { readPanelNames } from '#tickets/store/now.ts';
import { listOwnTickets } from '#tickets/store/ticket.ts';
import type { Ticket } from '#tickets/ticket.ts';
import { ticketUrl } from '../../links.ts';
import { buttons } from '../components.ts';
import { type Call, defineButton, defineCommand } from '../define.ts';
import { snowflake } from '../options.ts';

const perPage = 10;

async function show(call: Call, before: number | null): Promise<void> {
  const { deps, guildId, actor, locale, reply } = call;
  const { db } = deps.ctx;
  const page = { openerId: actor.id, before, limit: perPage + 1 };
  const [found, panelNames] = await Promise.all([listOwnTickets(db, guildId, page), readPanelNames(db, guildId)]);
  const shown = found.slice(0, perPage);
  const line = (ticket: Ticket): string => {
    const about = ticket.topic ?? ticket.subject ?? panelNames.get(ticket.panelId ?? 0) ?? null;
    const place = ticket.state === 'closed' || !ticket.channelId ? null : channelMention(ticket.channelId);
    const label = `#${ticket.displayNo}`;
    const linked = deps.publicUrl ? `[${label}](${ticketUrl(deps.publicUrl, guildId, ticket.id)})` : label;
    const words = [
      ticket.closedAt === null ? '🟢' : '⚪',
      `**${linked}**`,
      place,
      about && truncate(escapeMarkdown(about), 100),
      timestamp(ticket.openedAt, 'd'),
    ];
    return words.filter(Boolean).join(' ');
  };
  const last = found.length > perPage ? shown.at(-1) : undefined;
  const button = (label: 'buttons.older.label' | 'buttons.newest.label', cursor: number) => ({
    type: ComponentType.Button as const,
    style: ButtonStyle.Secondary as const,
    label: translate(locale, label),
    custom_id: ticketsButton.customId({ before: String(cursor) }),
  });
  const none = translate(locale, 'commands.tickets.none');
  await reply.show({
    embeds: [{ title: translate(locale, 'commands.tickets.title'), description: shown.map(line).join('\n') || none }],
    components: buttons(
      ...(before === null ? [] : [button('buttons.newest.label', 0)]),
      ...(last ? [button('buttons.older.label', last.id)] : []),
    ),
  });
}

/** One's own tickets in this server, open and closed (features.md 1.2-27). */
export const ticketsCommand = defineCommand({
  name: 'tickets',
  level: 'member',
  forBlocked: true,
  defer: 'ephemeral',
  run: (call) => show(call, null),
});

/** Another page of them; '0' is the first. They are always those of whoever presses. */
export const ticketsButton = defineButton({
  name: 'tickets',
  args: { before: snowflake() },
  level: 'member',
  forBlocked: true,
  defer: 'update',
  async run(call) {
    const before = Number(call.args.before);
    await show(call, before > 0 && Number.isSafeInteger(before) ? before : null);
  },
});
