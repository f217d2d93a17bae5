import {
  type APIButtonComponent,
  type APIEmbed,
  type APIMessage,
  ButtonStyle,
  ComponentType,
  TextInputStyle,
} from 'discord-api-types/v10';
import { translate } from '#locales/index.ts';
import { rateTicket } from '#tickets/actions/rate.ts';
import { buttons, textInput } from '../components.ts';
import { defineButton, defineFormButton, defineModal } from '../define.ts';
import { id, number, snowflake } from '../options.ts';

const stars = [1, 2, 3, 4, 5] as const;
// Asked in direct messages too, where Discord does not say which server it is about.
const args = { guildId: snowflake(), ticketId: id(), rating: number(1, 5) };
/** Kept encrypted; an embed shows at most 4,096. */
const commentMax = 1_000;

type Rated = { guildId: string; ticketId: number; rating: number | null };

/** Five buttons; the chosen one is filled, and with a choice comes a button for a written comment. */
export function rateRows(locale: string, o: Rated) {
  const star = (rating: number): APIButtonComponent => ({
    type: ComponentType.Button,
    style: (o.rating !== null && rating <= o.rating
      ? ButtonStyle.Primary
      : ButtonStyle.Secondary) as ButtonStyle.Primary,
    label: `${rating} ★`,
    custom_id: rateButton.customId({ guildId: o.guildId, ticketId: o.ticketId, rating }),
  });
  if (o.rating === null) return buttons(...stars.map(star));
  return buttons(...stars.map(star), {
    type: ComponentType.Button,
    style: ButtonStyle.Secondary,
    label: translate(locale, 'buttons.rate-comment.label'),
    custom_id: rateCommentButton.customId({ guildId: o.guildId, ticketId: o.ticketId, rating: o.rating }),
  });
}

/** The message as it was, with other rows under it. */
const withRows = (message: APIMessage | null, locale: string, rated: Rated, content: string) => ({
  content,
  embeds: (message?.embeds ?? []) as APIEmbed[],
  components: rateRows(locale, rated),
});

/** Stars, in the closing message or in the channel (features.md 1.8-01). Rating again replaces. */
export const rateButton = defineButton({
  name: 'rate',
  args,
  level: 'member',
  inTicket: true,
  inDms: true,
  defer: 'update',
  async run({ deps, guildId, ticket, actor, at, args: { rating }, message, locale, reply }) {
    await rateTicket(deps.ctx, guildId, { ticketId: ticket.id, by: actor, rating, comment: null, at });
    const content = translate(locale, 'buttons.rate.done', { count: rating });
    await reply.show(withRows(message, locale, { guildId, ticketId: ticket.id, rating }, content));
  },
});

/** The words to the stars (features.md 1.8-02). */
export const rateCommentModal = defineModal({
  name: 'rate-comment',
  args,
  level: 'member',
  inTicket: true,
  inDms: true,
  defer: 'update',
  async run({ deps, guildId, ticket, actor, at, args: { rating }, fields, message, locale, reply }) {
    const comment = fields.comment || null;
    await rateTicket(deps.ctx, guildId, { ticketId: ticket.id, by: actor, rating, comment, at });
    const content = translate(locale, 'modals.rate-comment.done', { count: rating });
    await reply.show(withRows(message, locale, { guildId, ticketId: ticket.id, rating }, content));
  },
});

/** Asks for the words. */
export const rateCommentButton = defineFormButton({
  name: 'rate-comment',
  args,
  inDms: true,
  form: async ({ args: values, locale }) => ({
    custom_id: rateCommentModal.customId(values),
    title: translate(locale, 'modals.rate-comment.title'),
    components: [
      textInput({
        id: 'comment',
        label: translate(locale, 'modals.rate-comment.comment'),
        style: TextInputStyle.Paragraph,
        max: commentMax,
        isRequired: true,
      }),
    ],
  }),
});
