import { type APIMessage, ButtonStyle, ComponentType, TextInputStyle } from 'discord-api-types/v10';
import { bitsOf } from '#discord/permissions.ts';
import { channelMention, escapeMarkdown } from '#discord/markdown.ts';
import { translate } from '#locales/index.ts';
import { createPanel } from '#tickets/actions/create-panel.ts';
import { AppError } from '#tickets/errors.ts';
import { missingIn, permissionError } from '../../effects/missing-permissions.ts';
import { mutedProblem } from '../../effects/muted.ts';
import { buttons, textInput } from '../components.ts';
import { type Call, defineButton, defineCommand, defineFormButton, defineModal, defineSelect } from '../define.ts';
import { snowflake } from '../options.ts';
import { type Draft, type DraftIds, fieldsOf, limits, readDraft, readQuestions, showDraft } from '../panel-draft.ts';
import { errorText } from '../texts.ts';

/** What the bot needs where a panel stands. */
const neededForPanel = bitsOf('ViewChannel', 'SendMessages', 'EmbedLinks');

const idsOf = ({ channelId, categoryId }: Draft): DraftIds => ({
  channel: panelChannelSelect.customId({ categoryId }),
  category: panelCategorySelect.customId({ channelId }),
  make: panelMakeButton.customId({ channelId, categoryId }),
});

async function redraw(
  { locale, reply }: Call,
  message: APIMessage | null,
  chosen: Pick<Draft, 'channelId' | 'categoryId'>,
) {
  const draft = readDraft(message, chosen);
  await reply.show(showDraft(locale, draft, idsOf(draft)));
}

/** A link to the dashboard's panels and a button that makes one here (features.md C22). */
export const panelCommand = defineCommand({
  name: 'panel',
  level: 'admin',
  defer: 'ephemeral',
  async run({ deps, guildId, locale, reply }) {
    const link = deps.publicUrl && {
      type: ComponentType.Button as const,
      style: ButtonStyle.Link as const,
      label: translate(locale, 'buttons.panel-link.label'),
      url: `${deps.publicUrl}/guilds/${guildId}/panels`,
    };
    await reply.show({
      content: translate(locale, 'commands.panel.intro'),
      components: buttons(
        {
          type: ComponentType.Button,
          style: ButtonStyle.Primary,
          label: translate(locale, 'buttons.panel-new.label'),
          custom_id: panelNewButton.customId({}),
        },
        ...(link ? [link] : []),
      ),
    });
  },
});

/** Asks for the panel's texts. */
export const panelNewButton = defineFormButton({
  name: 'panel-new',
  args: {},
  async form({ locale }) {
    const input = (
      id: 'title' | 'content' | 'label' | 'questions',
      style: TextInputStyle,
      max: number,
      value?: string,
    ) =>
      textInput({
        id,
        label: translate(locale, `modals.panel-new.${id}`),
        placeholder: id === 'questions' ? translate(locale, 'modals.panel-new.questions-hint') : null,
        style,
        max,
        isRequired: false,
        ...(value && { value }),
      });
    return {
      custom_id: panelNewModal.customId({}),
      title: translate(locale, 'modals.panel-new.title-bar'),
      components: [
        input('title', TextInputStyle.Short, limits.title, translate(locale, 'panel.default.title')),
        input('content', TextInputStyle.Paragraph, limits.content),
        input('label', TextInputStyle.Short, limits.label, translate(locale, 'panel.default.label')),
        input('questions', TextInputStyle.Paragraph, limits.questions * (limits.question + 1)),
      ],
    };
  },
});

/** Shows the draft with the selects. Blank fields get their defaults (features.md 1.4-13). */
export const panelNewModal = defineModal({
  name: 'panel-new',
  args: {},
  level: 'admin',
  defer: 'ephemeral',
  async run({ fields, locale, reply }) {
    const draft: Draft = {
      title: fields.title || translate(locale, 'panel.default.title'),
      content: fields.content || translate(locale, 'panel.default.content'),
      label: fields.label || translate(locale, 'panel.default.label'),
      questions: readQuestions(fields.questions ?? ''),
      channelId: '0',
      categoryId: '0',
    };
    await reply.show(showDraft(locale, draft, idsOf(draft)));
  },
});

/** Where the panel shall stand. */
export const panelChannelSelect = defineSelect({
  name: 'panel-channel',
  args: { categoryId: snowflake() },
  level: 'admin',
  defer: 'update',
  rate: { times: 15, everyMs: 30_000 },
  run: (call) => redraw(call, call.message, { channelId: call.values[0] ?? '0', categoryId: call.args.categoryId }),
});

/** Where its tickets shall open. */
export const panelCategorySelect = defineSelect({
  name: 'panel-category',
  args: { channelId: snowflake() },
  level: 'admin',
  defer: 'update',
  rate: { times: 15, everyMs: 30_000 },
  run: (call) => redraw(call, call.message, { channelId: call.args.channelId, categoryId: call.values[0] ?? '0' }),
});

/** Makes the panel; the reconciler posts it. What the bot lacks in that channel is said before anything is stored. */
export const panelMakeButton = defineButton({
  name: 'panel-make',
  args: { channelId: snowflake(), categoryId: snowflake() },
  level: 'admin',
  defer: 'update',
  async run(call) {
    const { deps, guildId, guild, actor, args, message, reply } = call;
    const draft = readDraft(message, args);
    if (draft.channelId === guild.settings.transcriptsChannel)
      throw new AppError('input.invalid', { field: 'channel', fix: 'another one than the transcripts channel' });
    const lacking = await missingIn(deps.botRest, {
      guildId,
      botUserId: deps.botUserId,
      channelId: draft.channelId,
      needed: neededForPanel,
    });
    if (lacking.names.length > 0) throw permissionError(lacking);
    await createPanel(deps.ctx, guildId, {
      by: actor,
      name: draft.title.slice(0, 45),
      title: draft.title,
      content: draft.content,
      colour: Number.parseInt(guild.settings.primaryColour.slice(1), 16),
      buttonLabel: draft.label,
      buttonEmoji: null,
      channelId: draft.channelId,
      categoryId: draft.categoryId === '0' ? null : draft.categoryId,
      form: draft.questions.length > 0 ? { name: draft.title.slice(0, 45), fields: fieldsOf(draft.questions) } : null,
      welcome: null,
    });
    const made = { title: escapeMarkdown(draft.title), channel: channelMention(draft.channelId) };
    const { channelId } = draft;
    const { settings } = guild;
    const muted = await mutedProblem(deps.botRest, { guildId, channelId, panels: [{ mode: null }], settings });
    const warning = muted ? `\n⚠️ ${errorText(call.locale, muted)}` : '';
    await reply.show({ content: `${translate(call.locale, 'panel.made', made)}${warning}` });
  },
});
