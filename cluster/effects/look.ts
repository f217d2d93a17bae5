// What Docket's messages look like: pure, from a ticket to Discord's message body.
import {
  type APIActionRowComponent,
  type APIButtonComponent,
  type APIEmbed,
  ButtonStyle,
  ComponentType,
} from 'discord-api-types/v10';
import { escapeMarkdown, timestamp, userMention } from '#discord/markdown.ts';
import { type TextKey, type TextVars, translate } from '#locales/index.ts';
import { rateRows } from '../interactions/commands/rate.ts';
import { isCloserHidden } from '#tickets/closer.ts';
import { reasonEditButton } from '../interactions/commands/reason.ts';
import { buttons } from '../interactions/components.ts';
import { noMentions } from '../interactions/reply.ts';
import { ticketUrl } from '../links.ts';
import type { Seen } from './seen.ts';

/** A message as the API takes it. */
export type Body = {
  readonly content?: string;
  readonly embeds?: readonly APIEmbed[];
  readonly components?: readonly APIActionRowComponent<APIButtonComponent>[];
  readonly message_reference?: { readonly message_id: string; readonly fail_if_not_exists: false };
  readonly allowed_mentions: {
    readonly parse: readonly never[];
    readonly users?: readonly string[];
    readonly roles?: readonly string[];
  };
};

type Look = Pick<Seen, 'ticket' | 'guild' | 'panel' | 'locale'>;
const text = (seen: Look) => (key: TextKey, vars?: TextVars) => translate(seen.locale, key, vars);
const colourOf = (seen: Look): number => Number.parseInt(seen.guild.settings.primaryColour.slice(1), 16);
const footerOf = (seen: Look): Pick<APIEmbed, 'footer'> => ({
  footer: { text: seen.guild.settings.footerText ?? 'Docket' },
});
/** A message pings at most this many roles: a server with many teams is not woken up as a whole. */
const pingedRoles = 10;

/** The roles of staff that are told of a new ticket. */
export function pingedRolesOf({ guild, staff }: Pick<Seen, 'guild' | 'staff'>): string[] {
  if (!guild.settings.pingStaffOnOpen) return [];
  return [...new Set(staff.filter((row) => row.subjectKind === 'role').map((row) => row.subjectId))].slice(
    0,
    pingedRoles,
  );
}

function summaryEmbed(seen: Look, hidesCloser = false): APIEmbed {
  const t = text(seen);
  const { ticket } = seen;
  const field = (key: TextKey, value: string) => ({ name: t(key), value, inline: true });
  const person = (id: string | null): string => (id === null ? t('summary.docket') : userMention(id));
  return {
    title: t('summary.title', { number: ticket.displayNo }),
    color: colourOf(seen),
    fields: [
      field('summary.opener', person(ticket.openerId)),
      ...(hidesCloser ? [] : [field('summary.closed-by', person(ticket.closedBy))]),
      field('summary.claimed-by', ticket.claimedBy ? userMention(ticket.claimedBy) : t('summary.nobody')),
      field('summary.opened-at', timestamp(ticket.openedAt)),
      field('summary.closed-at', timestamp(ticket.closedAt ?? ticket.openedAt)),
      field('summary.panel', escapeMarkdown(seen.panel?.name ?? t('summary.no-panel'))),
      {
        name: t('summary.reason'),
        value: escapeMarkdown(ticket.closeReason ?? t('summary.no-reason')).slice(0, 1_024),
      },
    ],
    ...footerOf(seen),
  };
}

function linkRow(seen: Look, publicUrl: string | null): APIActionRowComponent<APIButtonComponent>[] {
  if (!publicUrl || !seen.guild.settings.storeTranscripts) return [];
  const url = ticketUrl(publicUrl, seen.ticket.guildId, seen.ticket.id);
  return buttons({
    type: ComponentType.Button,
    style: ButtonStyle.Link,
    label: text(seen)('buttons.transcript.label'),
    url,
  });
}

/** The summary for the transcripts channel (features.md 1.8-09), where its reason can be written anew (1.7-03). */
export function transcriptBody(seen: Look, publicUrl: string | null): Body {
  const edit: APIButtonComponent = {
    type: ComponentType.Button,
    style: ButtonStyle.Secondary,
    label: text(seen)('buttons.reason-edit.label'),
    emoji: { name: '📝' },
    custom_id: reasonEditButton.customId({ ticketId: seen.ticket.id }),
  };
  return {
    embeds: [summaryEmbed(seen)],
    components: buttons(...linkRow(seen, publicUrl).flatMap((row) => row.components), edit),
    allowed_mentions: noMentions as Body['allowed_mentions'],
  };
}

const stars = (seen: Look) =>
  rateRows(seen.locale, { guildId: seen.ticket.guildId, ticketId: seen.ticket.id, rating: seen.ticket.rating });

/** The same for the opener, with the stars when the server wants them (features.md 1.8-01, 1.8-10). */
export function directBody(seen: Look, publicUrl: string | null): Body {
  const t = text(seen);
  const asks = seen.guild.settings.feedback;
  const name = escapeMarkdown(seen.guild.name);
  return {
    content: asks ? t('direct.closed-and-rate', { server: name }) : t('direct.closed', { server: name }),
    embeds: [summaryEmbed(seen, isCloserHidden(seen.ticket, seen.guild.settings))],
    components: [...(asks ? stars(seen) : []), ...linkRow(seen, publicUrl)],
    allowed_mentions: noMentions as Body['allowed_mentions'],
  };
}

/** Asks for the stars in the channel, for those whom no direct message reaches. */
export function feedbackBody(seen: Look): Body {
  return {
    content: text(seen)('feedback.ask', { who: userMention(seen.ticket.openerId) }),
    components: stars(seen),
    allowed_mentions: { parse: [], users: [seen.ticket.openerId] },
  };
}
