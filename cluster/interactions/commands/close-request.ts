import { type APIEmbed, ButtonStyle, ComponentType } from 'discord-api-types/v10';
import { escapeMarkdown, timestamp, userMention } from '#discord/markdown.ts';
import { type TextKey, type TextVars, translate } from '#locales/index.ts';
import { acceptClose, denyClose, maxDelayHours, requestClose } from '#tickets/actions/request-close.ts';
import { maxReasonLength } from '#tickets/reason.ts';
import type { CloseRequest, Ticket } from '#tickets/ticket.ts';
import { type Call, defineButton, defineCommand } from '../define.ts';
import { buttons } from '../components.ts';
import { id, integer, number, text } from '../options.ts';

// A button belongs to one request: a later one takes its place.
const args = { ticketId: id(), requestAt: number(0, Number.MAX_SAFE_INTEGER) };
const answerOf = ({
  actor,
  at,
  args: { requestAt },
  ticket,
}: Call & { ticket: Ticket; args: { requestAt: number } }) => ({
  ticketId: ticket.id,
  by: actor,
  requestAt,
  at,
});

/** How a request ended. */
export type RequestEnd = 'accepted' | 'denied' | 'withdrawn' | 'replaced';

const endings: Record<RequestEnd, TextKey> = {
  accepted: 'close-request.accepted',
  denied: 'close-request.denied',
  withdrawn: 'close-request.withdrawn',
  replaced: 'close-request.replaced',
};

/** The message of a request once it is answered: without buttons (features.md 1.7-04). */
export const endedRequest = (locale: string, end: RequestEnd, color: number) => ({
  content: '',
  embeds: [{ title: translate(locale, 'close-request.title'), description: translate(locale, endings[end]), color }],
  components: [],
});

/** The opener agrees. */
export const acceptCloseButton = defineButton({
  name: 'close-ok',
  args,
  level: 'member',
  inTicket: true,
  defer: 'update',
  async run(call) {
    await acceptClose(call.deps.ctx, call.guildId, answerOf(call));
    await call.reply.show(endedRequest(call.locale, 'accepted', colourOf(call)));
  },
});

/** The opener wants it to stay open; staff take their request back. */
export const denyCloseButton = defineButton({
  name: 'close-no',
  args,
  level: 'member',
  inTicket: true,
  defer: 'update',
  async run(call) {
    await denyClose(call.deps.ctx, call.guildId, answerOf(call));
    const end = call.actor.id === call.ticket.openerId ? 'denied' : 'withdrawn';
    await call.reply.show(endedRequest(call.locale, end, colourOf(call)));
  },
});

const colourOf = ({ guild }: Call): number => Number.parseInt(guild.settings.primaryColour.slice(1), 16);

/** The message that asks the opener. */
export function requestMessage(
  locale: string,
  o: { ticket: Pick<Ticket, 'id' | 'openerId' | 'isExcluded'>; request: CloseRequest; color: number },
) {
  const { ticket, request, color } = o;
  const t = (key: TextKey, vars: TextVars) => translate(locale, key, vars);
  const values = { ticketId: ticket.id, requestAt: request.at };
  const closes = request.closesAt !== null && !ticket.isExcluded ? request.closesAt : null;
  const embed: APIEmbed = {
    title: translate(locale, 'close-request.title'),
    description: [
      t('close-request.text', { who: userMention(request.by) }),
      ...(request.reason === null ? [] : [t('close-request.reason', { reason: escapeMarkdown(request.reason) })]),
      ...(closes === null
        ? []
        : [t('close-request.closes', { when: `${timestamp(closes)} (${timestamp(closes, 'R')})` })]),
    ].join('\n\n'),
    color,
  };
  return {
    content: userMention(ticket.openerId),
    embeds: [embed],
    components: buttons(
      {
        type: ComponentType.Button,
        style: ButtonStyle.Success,
        label: translate(locale, 'buttons.close-ok.label'),
        emoji: { name: '✅' },
        custom_id: acceptCloseButton.customId(values),
      },
      {
        type: ComponentType.Button,
        style: ButtonStyle.Danger,
        label: translate(locale, 'buttons.close-no.label'),
        emoji: { name: '❌' },
        custom_id: denyCloseButton.customId(values),
      },
    ),
  };
}

/** Asks the opener whether the ticket may be closed (features.md 1.2-11, 1.7-04, 1.7-05). The message is the reconciler's work. */
export const closeRequestCommand = defineCommand({
  name: 'closerequest',
  level: 'support',
  inTicket: true,
  defer: 'ephemeral',
  options: {
    close_delay: integer({ min: 1, max: maxDelayHours, optional: true }),
    reason: text({ max: maxReasonLength, optional: true }),
  },
  async run({ deps, guildId, ticket, actor, at, options, reply }) {
    const asked = { ticketId: ticket.id, by: actor, delayHours: options.close_delay, reason: options.reason, at };
    const { isExcluded, closeRequest } = await requestClose(deps.ctx, guildId, asked);
    const isIgnored = isExcluded && (closeRequest?.closesAt ?? null) !== null;
    await reply.text(isIgnored ? 'commands.closerequest.excluded' : 'commands.closerequest.done');
  },
});
