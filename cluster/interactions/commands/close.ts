import { ButtonStyle, ComponentType, TextInputStyle } from 'discord-api-types/v10';
import { translate } from '#locales/index.ts';
import { closeTicket } from '#tickets/actions/close.ts';
import { maxReasonLength } from '#tickets/reason.ts';
import type { Ticket } from '#tickets/ticket.ts';
import { type Call, defineButton, defineCommand, defineFormButton, defineModal } from '../define.ts';
import { buttons, textInput } from '../components.ts';
import { id, text } from '../options.ts';

async function close({ deps, guildId, ticket, actor, at, reply }: Call & { ticket: Ticket }, reason: string | null) {
  await closeTicket(deps.ctx, guildId, { ticketId: ticket.id, by: actor, reason, at });
  await reply.text('commands.close.done');
}

/** Closes without asking, even where the button asks (features.md 1.2-10). */
export const closeCommand = defineCommand({
  name: 'close',
  level: 'member',
  inTicket: true,
  defer: 'ephemeral',
  options: { reason: text({ max: maxReasonLength, optional: true }) },
  run: (call) => close(call, call.options.reason),
});

/** The second click: closes. */
export const closeConfirmButton = defineButton({
  name: 'close-yes',
  args: { ticketId: id() },
  level: 'member',
  inTicket: true,
  defer: 'update',
  run: (call) => close(call, null),
});

/** Under the welcome message; asks once more where the server wants that (features.md 1.7-01). */
export const closeButton = defineButton({
  name: 'close',
  args: { ticketId: id() },
  level: 'member',
  inTicket: true,
  defer: 'ephemeral',
  async run(call) {
    const { guild, ticket, locale, reply } = call;
    const { confirmClose, closeRequiresReason, defaultCloseReason } = guild.settings;
    if (ticket.state === 'open' && closeRequiresReason && defaultCloseReason === null) return askReason(call);
    if (!confirmClose || ticket.state !== 'open') return close(call, null);
    await reply.show({
      content: translate(locale, 'buttons.close.confirm'),
      components: buttons({
        type: ComponentType.Button,
        style: ButtonStyle.Primary,
        label: translate(locale, 'buttons.close-yes.label'),
        emoji: { name: '✔️' },
        custom_id: closeConfirmButton.customId({ ticketId: ticket.id }),
      }),
    });
  },
});

/** Where every closing needs a reason, the plain button leads to the form. */
const askReason = ({ ticket, locale, reply }: Call & { ticket: Ticket }): Promise<void> =>
  reply.show({
    content: translate(locale, 'errors.close.reason-required'),
    components: buttons({
      type: ComponentType.Button,
      style: ButtonStyle.Primary,
      label: translate(locale, 'buttons.close-reason.label'),
      emoji: { name: '📝' },
      custom_id: closeReasonButton.customId({ ticketId: ticket.id }),
    }),
  });

/** What the form of "close with reason" brings. */
export const closeReasonModal = defineModal({
  name: 'close-reason',
  args: { ticketId: id() },
  level: 'member',
  inTicket: true,
  defer: 'ephemeral',
  run: (call) => close(call, call.fields.reason || null),
});

/** Under the welcome message: asks for the reason (features.md 1.7-02). */
export const closeReasonButton = defineFormButton({
  name: 'close-reason',
  args: { ticketId: id() },
  form: async ({ args, locale }) => ({
    custom_id: closeReasonModal.customId(args),
    title: translate(locale, 'modals.close-reason.title'),
    components: [
      textInput({
        id: 'reason',
        label: translate(locale, 'modals.close-reason.reason'),
        style: TextInputStyle.Paragraph,
        max: maxReasonLength,
        isRequired: true,
      }),
    ],
  }),
});
