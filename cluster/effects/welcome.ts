// The first messages of a ticket: pure, as look.ts is.
import { type APIEmbed, ButtonStyle, ComponentType } from 'discord-api-types/v10';
import { channelMention, escapeMarkdown, roleMention, timestamp, truncate, userMention } from '#discord/markdown.ts';
import { type TextKey, type TextVars, translate } from '#locales/index.ts';
import { hasClaimButton } from '#tickets/claiming.ts';
import type { OfficeHours } from '#tickets/hours.ts';
import { fillIn, type PlaceholderValues } from '#tickets/placeholder.ts';
import type { Answer } from '#tickets/ticket.ts';
import { claimButton } from '../interactions/commands/claim.ts';
import { closeButton, closeReasonButton } from '../interactions/commands/close.ts';
import { buttons } from '../interactions/components.ts';
import { type Body, pingedRolesOf } from './look.ts';
import type { Seen } from './seen.ts';

/** Discord's limits of an embed, and of all embeds of a message: https://discord.com/developers/docs/resources/message#embed-object-embed-limits */
const titleMax = 256;
const descriptionMax = 4_096;
const fieldMax = 1_024;
const embedsMax = 6_000;
/** A footer is a small line; Discord takes 2,048 characters, which would leave less room for the rest. */
const footerMax = 500;
/** A message pings at most so many roles and people: a server with many teams is not woken up as a whole. */
const mentionMax = 50;

type Look = Pick<Seen, 'ticket' | 'guild' | 'panel' | 'locale' | 'staff' | 'onCallRoleIds'>;
/** What a welcome message says, besides what is seen. */
export type Welcome = {
  readonly answers: readonly Answer[];
  readonly values: PlaceholderValues;
  readonly hours: Pick<OfficeHours, 'isOpen' | 'opensAt' | 'outside'>;
};

/** The texts of a welcome that may hold placeholders. */
export function templatesOf({ panel, guild, locale }: Pick<Seen, 'panel' | 'guild' | 'locale'>) {
  return {
    title: panel?.welcomeTitle ?? null,
    text: panel?.welcome ?? guild.settings.welcomeMessage ?? translate(locale, 'welcome.text'),
    footer: panel?.welcomeFooter ?? guild.settings.footerText ?? 'Docket',
  };
}

/** The panel's title, else its name; without a panel the subject (features.md 1.3-37). */
function titleOf(seen: Look, values: PlaceholderValues): string {
  const { panel, ticket, locale } = seen;
  const template = templatesOf(seen).title;
  if (template !== null) return fillIn(template, values, titleMax) || '\u200b';
  if (panel) return truncate(escapeMarkdown(panel.name), titleMax);
  return ticket.subject ? truncate(escapeMarkdown(ticket.subject), titleMax) : translate(locale, 'welcome.no-subject');
}

const colourOf = ({ panel, guild }: Look): number =>
  panel?.welcomeColour ?? Number.parseInt(guild.settings.primaryColour.slice(1), 16);

/** An answer that fits no field becomes an embed of its own: a message of the dedicated channel may be long. */
function answerEmbeds(seen: Look, answers: readonly Answer[]): APIEmbed[] {
  if (answers.length === 0) return [];
  const color = colourOf(seen);
  const short = answers.filter(({ value }) => escapeMarkdown(value).length <= fieldMax);
  const long = answers.filter((one) => !short.includes(one));
  const field = ({ label, value }: Answer) => ({
    name: truncate(escapeMarkdown(label), titleMax),
    value: escapeMarkdown(value) || '\u200b',
  });
  const from = quotedFrom(seen);
  const title = translate(seen.locale, 'welcome.answers');
  return [
    ...(short.length > 0 ? [{ title, color, ...from, fields: short.slice(0, 25).map(field) }] : []),
    ...long.slice(0, 9).map(({ label, value }) => ({
      title: truncate(escapeMarkdown(label), titleMax),
      color,
      ...from,
      description: truncate(escapeMarkdown(value), descriptionMax),
    })),
  ];
}

/** Where the message was said that the ticket was started from, and by whom; the title leads there (features.md 1.9-08). */
function quotedFrom({ ticket, locale }: Look): Pick<APIEmbed, 'title' | 'url' | 'description'> {
  const { movedFrom } = ticket.applied;
  if (!movedFrom) return {};
  const { channelId, messageId, authorId } = movedFrom;
  return {
    title: translate(locale, 'menu.quoted'),
    url: `https://discord.com/channels/${ticket.guildId}/${channelId}/${messageId}`,
    description: translate(locale, 'menu.by', { who: userMention(authorId), channel: channelMention(channelId) }),
  };
}

const sizeOf = (embed: APIEmbed): number =>
  [
    embed.title,
    embed.description,
    embed.footer?.text,
    ...(embed.fields ?? []).flatMap(({ name, value }) => [name, value]),
  ]
    .map((text) => text?.length ?? 0)
    .reduce((sum, length) => sum + length, 0);

/**
 * The first message of a ticket: who, what, the answers, and the buttons (features.md 1.3-36, 1.3-37, 1.4-12). What would be longer than Discord
 * lets a message be follows in messages of their own: `further`, one embed each.
 */
export function welcomeMessages(seen: Look, o: Welcome): { first: Body; further: Body[] } {
  const t = (key: TextKey, vars?: TextVars) => translate(seen.locale, key, vars);
  const { ticket, guild, panel } = seen;
  const { settings } = guild;
  const args = { ticketId: ticket.id };
  const templates = templatesOf(seen);
  const button = (
    style: ButtonStyle.Primary | ButtonStyle.Secondary | ButtonStyle.Danger,
    label: TextKey,
    custom_id: string,
    name: string,
  ) => ({
    type: ComponentType.Button as const,
    style: style as ButtonStyle.Primary,
    label: t(label),
    custom_id,
    emoji: { name },
  });
  const embed: APIEmbed = {
    title: titleOf(seen, o.values),
    description: fillIn(templates.text, o.values, descriptionMax),
    color: colourOf(seen),
    footer: { text: truncate(fillIn(templates.footer, o.values, footerMax) || 'Docket', footerMax) },
    ...(panel?.welcomeImageUrl && { image: { url: panel.welcomeImageUrl } }),
    ...(panel?.welcomeThumbnailUrl && { thumbnail: { url: panel.welcomeThumbnailUrl } }),
  };
  const notice: APIEmbed[] =
    o.hours.isOpen || o.hours.outside !== 'notice'
      ? []
      : [
          {
            color: colourOf(seen),
            description:
              o.hours.opensAt === null
                ? t('welcome.closed')
                : t('welcome.closed-until', { opensAt: timestamp(o.hours.opensAt, 'R') }),
          },
        ];
  const answers = answerEmbeds(seen, o.answers);
  const fits = [embed, ...notice, ...answers].map(sizeOf).reduce((sum, size) => sum + size, 0) <= embedsMax;
  // Pinging a role in a thread adds its people: where staff join by a button, those on call alone (features.md 1.9-05).
  const called = joinsByButton(seen) ? seen.onCallRoleIds.slice(0, mentionMax) : [];
  const first: Body = {
    content: [userMention(ticket.openerId), ...called.map(roleMention)].join(' '),
    embeds: [embed, ...notice, ...(fits ? answers : [])],
    components: buttons(
      button(ButtonStyle.Danger, 'buttons.close.label', closeButton.customId(args), '🔒'),
      button(ButtonStyle.Secondary, 'buttons.close-reason.label', closeReasonButton.customId(args), '📝'),
      ...(hasClaimButton({ ticket, panel, settings })
        ? [button(ButtonStyle.Primary, 'buttons.claim.label', claimButton.customId(args), '🙋')]
        : []),
    ),
    allowed_mentions: { parse: [], users: [ticket.openerId], roles: called },
  };
  const further = fits ? [] : answers.map((one): Body => ({ embeds: [one], allowed_mentions: { parse: [] } }));
  return { first, further };
}

const joinsByButton = ({ ticket, guild }: Look): boolean =>
  ticket.mode === 'thread' && guild.settings.threadNotificationChannel !== null;

/**
 * The message that pings: the roles of staff, and whom the panel names (features.md 1.3-22, 1.4-10, C10); null when that is nobody. In a thread
 * that staff join by a button their roles are told there.
 */
export function mentionBody(seen: Look): Body | null {
  const wanted = seen.panel?.mentions ?? [];
  const hasButton = joinsByButton(seen);
  // Without a button a mention is the only way into a thread, so every one of its staff is mentioned.
  const mustAdd = seen.ticket.mode === 'thread' && !hasButton;
  const staff = (kind: 'role' | 'user') =>
    seen.staff.filter((row) => row.subjectKind === kind).map((row) => row.subjectId);
  const ofStaff = mustAdd ? staff('role') : hasButton ? [] : pingedRolesOf(seen);
  const named = (kind: 'role' | 'user') => wanted.filter((one) => one.kind === kind).map((one) => one.id);
  // @everyone is no role that can be mentioned by its id.
  const roles = [...new Set([...ofStaff, ...named('role')])]
    .filter((id) => id !== seen.ticket.guildId)
    .slice(0, mentionMax);
  const users = [...new Set([...(mustAdd ? staff('user') : []), ...named('user')])].slice(0, mentionMax);
  if (roles.length + users.length === 0) return null;
  return {
    content: [...roles.map(roleMention), ...users.map(userMention)].join(' '),
    allowed_mentions: { parse: [], roles, users },
  };
}
