// What Docket says about thread tickets outside of them: pure, as look.ts is.
import { type APIEmbed, ButtonStyle, ComponentType } from 'discord-api-types/v10';
import { channelMention, escapeMarkdown, roleMention, timestamp, truncate, userMention } from '#discord/markdown.ts';
import { type TextKey, translate } from '#locales/index.ts';
import { joinButton } from '../interactions/commands/join.ts';
import { buttons } from '../interactions/components.ts';
import { type Body, pingedRolesOf } from './look.ts';
import type { Seen } from './seen.ts';

/** What is closed is grey, whatever the server's colour. */
const closedColour = 0x80_84_8e;
const green = 0x24_80_46;

/** Tells staff of a thread ticket, with the button by which each of them joins (features.md 1.9-01). */
export function joinBody(seen: Seen, shows: 'open' | 'closed'): Body {
  const { ticket, panel, locale, guild } = seen;
  const t = (key: TextKey, vars?: Record<string, string | number>) => translate(locale, key, vars);
  const isOpen = shows === 'open';
  const field = (key: TextKey, value: string) => ({ name: t(key), value: truncate(value, 1_024), inline: true });
  const embed: APIEmbed = {
    title: t(isOpen ? 'thread.join.title' : 'thread.join.closed', { number: ticket.displayNo }),
    color: isOpen ? green : closedColour,
    fields: [
      field('summary.opener', userMention(ticket.openerId)),
      field('summary.panel', escapeMarkdown(panel?.name ?? t('summary.no-panel'))),
      field('summary.opened-at', timestamp(ticket.openedAt, 'R')),
      ...(ticket.subject ? [field('thread.join.subject', escapeMarkdown(ticket.subject))] : []),
      ...(isOpen || !ticket.closedBy ? [] : [field('summary.closed-by', userMention(ticket.closedBy))]),
    ],
    footer: { text: guild.settings.footerText ?? 'Docket' },
  };
  const join = {
    type: ComponentType.Button as const,
    style: ButtonStyle.Success as const,
    label: t('buttons.join.label'),
    custom_id: joinButton.customId({ ticketId: ticket.id }),
    emoji: { name: '🙋' },
  };
  const roles = isOpen ? pingedRolesOf(seen) : [];
  return {
    content: roles.map(roleMention).join(' '),
    embeds: [embed],
    components: isOpen ? buttons(join) : [],
    allowed_mentions: { parse: [], roles },
  };
}

/** Says where a conversation goes on, as an answer to the message that the ticket was started from. */
export function movedBody({ ticket, locale }: Seen, from: { messageId: string; authorId: string }): Body {
  const description = translate(locale, 'menu.moved', { channel: channelMention(ticket.channelId ?? '') });
  return {
    content: userMention(from.authorId),
    embeds: [{ description, color: green }],
    message_reference: { message_id: from.messageId, fail_if_not_exists: false },
    allowed_mentions: { parse: [], users: [from.authorId] },
  };
}

/** The sentence by which that message is found again. */
export const reopenedMark = ({ locale }: Pick<Seen, 'locale'>): string => translate(locale, 'thread.reopened');

/** Says in a thread that its ticket is open again. */
export function reopenedBody(seen: Seen): Body {
  const { openerId } = seen.ticket;
  return {
    content: userMention(openerId),
    embeds: [{ description: reopenedMark(seen), color: green }],
    allowed_mentions: { parse: [], users: [openerId] },
  };
}
