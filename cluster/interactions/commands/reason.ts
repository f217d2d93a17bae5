import { TextInputStyle } from 'discord-api-types/v10';
import { translate } from '#locales/index.ts';
import { amendReason } from '#tickets/actions/amend-reason.ts';
import { maxReasonLength } from '#tickets/reason.ts';
import { textInput } from '../components.ts';
import { defineFormButton, defineModal } from '../define.ts';
import { id } from '../options.ts';

/** What the form of the new reason brings. */
export const reasonEditModal = defineModal({
  name: 'reason-edit',
  args: { ticketId: id() },
  level: 'member',
  inTicket: true,
  defer: 'ephemeral',
  async run({ deps, guildId, ticket, actor, at, fields, reply }) {
    await amendReason(deps.ctx, guildId, { ticketId: ticket.id, by: actor, reason: fields.reason ?? null, at });
    await reply.text('modals.reason-edit.done');
  },
});

/** Under the summary of a closed ticket: its reason can be written anew (features.md 1.7-03). */
export const reasonEditButton = defineFormButton({
  name: 'reason-edit',
  args: { ticketId: id() },
  form: async ({ args, locale }) => ({
    custom_id: reasonEditModal.customId(args),
    title: translate(locale, 'modals.reason-edit.title'),
    components: [
      textInput({
        id: 'reason',
        label: translate(locale, 'modals.reason-edit.reason'),
        style: TextInputStyle.Paragraph,
        max: maxReasonLength,
        isRequired: false,
      }),
    ],
  }),
});
