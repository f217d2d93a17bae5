import { TextInputStyle } from 'discord-api-types/v10';
import { translate } from '#locales/index.ts';
import { openTicket } from '#tickets/actions/open.ts';
import { AppError } from '#tickets/errors.ts';
import type { Answer } from '#tickets/ticket.ts';
import { textInput } from '../components.ts';
import { type Call, defineButton, defineCommand, defineFormButton, defineModal } from '../define.ts';
import { id, text } from '../options.ts';

/** An embed shows at most 1,024 characters of an answer. */
const answerMax = 1_024;

type Opening = {
  panelId: number | null;
  source: 'panel' | 'command';
  subject: string | null;
  answers: readonly Answer[];
};

/**
 * Reserves the ticket and leaves the answer to the reconciler, who edits it with this interaction's token when the channel is there: the token is
 * stored with the reservation, so neither a crash here nor a slow worker loses the answer.
 */
async function open(call: Call, opening: Opening) {
  const { actor, interactionId, at, token, channelId } = call;
  const input = { interactionId, opener: actor, openedBy: actor, at, channelId, replyToken: token, ...opening };
  await openTicket(call.deps.ctx, call.guildId, input);
}

/** Opens a ticket without a panel; can be switched off (features.md 1.2-14). */
export const openCommand = defineCommand({
  name: 'open',
  level: 'member',
  defer: 'ephemeral',
  options: { subject: text({ max: 256, optional: true }) },
  run: (call) => open(call, { panelId: null, source: 'command', subject: call.options.subject, answers: [] }),
});

/** The button of a panel without a form. */
export const openButton = defineButton({
  name: 'open',
  args: { panelId: id() },
  level: 'member',
  defer: 'ephemeral',
  run: (call) => open(call, { panelId: call.args.panelId, source: 'panel', subject: null, answers: [] }),
});

/** The answers to a panel's form. */
export const openModal = defineModal({
  name: 'open-form',
  args: { panelId: id() },
  level: 'member',
  defer: 'ephemeral',
  async run(call) {
    const { panelId } = call.args;
    const panel = await call.deps.panels.read(call.guildId, panelId);
    if (!panel) throw new AppError('panel.unknown');
    // Inputs are numbered, so that a label edited while somebody wrote does not lose what they wrote.
    const answers = (panel.form?.fields ?? []).flatMap((field, i) => {
      const value = call.fields[`q${i}`];
      return value ? [{ label: field.label, value }] : [];
    });
    await open(call, { panelId, source: 'panel', subject: null, answers });
  },
});

/** The button of a panel with a form: its id says that a form follows, so no answer is promised first (design.md 4). */
export const openFormButton = defineFormButton({
  name: 'open-form',
  args: { panelId: id() },
  async form({ deps, guildId, locale, args }) {
    const panel = await deps.panels.read(guildId, args.panelId);
    if (!panel?.form) throw new AppError('panel.unknown');
    return {
      custom_id: openModal.customId(args),
      title: panel.name.slice(0, 45) || translate(locale, 'modals.open-form.title'),
      components: panel.form.fields.map((field, i) =>
        textInput({
          id: `q${i}`,
          label: field.label,
          style: field.style === 'short' ? TextInputStyle.Short : TextInputStyle.Paragraph,
          max: Math.min(field.maxLength ?? answerMax, answerMax),
          min: field.minLength ?? 0,
          isRequired: field.isRequired,
          placeholder: field.placeholder,
        }),
      ),
    };
  },
});

/** The same, chosen in a select menu (chooserId): a form must be the first answer, so the option's value says whether one follows. */
export const openSelect = { ...openButton, kind: 'select' as const };
export const openFormSelect = { ...openFormButton, kind: 'select' as const };
