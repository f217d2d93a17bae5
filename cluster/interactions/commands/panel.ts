import { type APIMessage, ButtonStyle, TextInputStyle } from 'discord-api-types/v10';
import { channelMention, escapeMarkdown } from '#discord/markdown.ts';
import { translate } from '#locales/index.ts';
import { presetIds, presetIn } from '#locales/preset.ts';
import { createPanel } from '#tickets/actions/create-panel.ts';
import { nameFrom } from '#tickets/panel.ts';
import { listPanels } from '#tickets/store/panel.ts';
import { listPanelMessages } from '#tickets/store/panel-message.ts';
import { listManagedTeams } from '#tickets/store/team.ts';
import { button, buttons, linkButton, optionRow, textInput } from '../components.ts';
import { chooserId } from '../custom-id.ts';
import { type Call, defineButton, defineCommand, defineFormButton, defineModal, defineSelect } from '../define.ts';
import { number, snowflake } from '../options.ts';
import { type Draft, type DraftIds, fieldsOf, limits, readDraft, readQuestions, showDraft } from '../panel-draft.ts';
import { choicePage, pageButtons, pageNo, pageOf } from '../pages.ts';
import { mustHoldPanels } from '../places.ts';
import { mutedProblem } from '../../effects/muted.ts';
import { errorText } from '../texts.ts';
import { combineButton } from './panel-combine.ts';
import { panelPickSelect } from './panel-edit.ts';
import { panelMessagePickSelect } from './panel-message.ts';

const preset = () => number(0, presetIds.length);
const presetOf = (locale: string, index: number) => {
  const id = presetIds[index - 1];
  return id === undefined ? null : presetIn(locale, id);
};

const idsOf = (draft: Draft): DraftIds => {
  const { channelId, categoryId, preset: begun } = draft;
  return {
    channel: panelChannelSelect.customId({ categoryId, preset: begun }),
    category: panelCategorySelect.customId({ channelId, preset: begun }),
    teams: panelTeamsSelect.customId({ channelId, categoryId, preset: begun }),
    make: panelMakeButton.customId({ channelId, categoryId, preset: begun }),
  };
};

async function show({ deps, guildId, locale, reply }: Call, draft: Draft, page = 0): Promise<void> {
  const { teamIds, channelId, categoryId, preset: begun } = draft;
  const teams = choicePage(await listManagedTeams(deps.ctx.db, guildId), teamIds, { page });
  const shown = showDraft(locale, draft, idsOf(draft), teams.rows);
  const turn = pageButtons(locale, teams, (to) =>
    panelTeamsPageButton.customId({ channelId, categoryId, preset: begun, page: to }),
  );
  await reply.show({ ...shown, components: [...(shown.components ?? []), ...buttons(...turn)] });
}

const redraw = (call: Call, message: APIMessage | null, chosen: Parameters<typeof readDraft>[1]): Promise<void> =>
  show(call, readDraft(message, chosen));

/** What there is: a link to the dashboard's panels, buttons that make one here, menus of those that are there (features.md C22). */
async function showHome({ deps, guildId, locale, reply }: Call, at = { panels: 0, messages: 0 }): Promise<void> {
  const t = (key: Parameters<typeof translate>[1]) => translate(locale, key);
  const panels = pageOf(await listPanels(deps.ctx.db, guildId), at.panels);
  const shared = (await listPanelMessages(deps.ctx.db, guildId)).filter((one) => one.panelIds.length > 1);
  const messages = pageOf(shared, at.messages);
  await reply.show({
    content: t('commands.panel.intro'),
    components: [
      ...buttons(
        button(t('buttons.panel-new.label'), panelNewButton.customId({ preset: 0 }), ButtonStyle.Primary),
        ...(panels.rows.length > 1 || panels.newer !== null
          ? [button(t('buttons.panel-combine.label'), combineButton.customId({}))]
          : []),
        ...(deps.publicUrl
          ? [linkButton(t('buttons.panel-link.label'), `${deps.publicUrl}/guilds/${guildId}/panels`)]
          : []),
      ),
      ...optionRow({
        id: chooserId('presets'),
        placeholder: t('panel.home.presets'),
        options: presetIds.map((id, i) => {
          const { name, description, buttonEmoji } = presetIn(locale, id);
          return { label: name, description, value: panelPresetSelect.customId({ preset: i + 1 }), emoji: buttonEmoji };
        }),
      }),
      ...optionRow({
        id: panelPickSelect.customId({}),
        placeholder: t('panel.home.panels'),
        options: panels.rows.map(({ id, name }) => ({ label: name, value: String(id) })),
      }),
      ...optionRow({
        id: panelMessagePickSelect.customId({}),
        placeholder: t('panel.home.messages'),
        options: messages.rows.map(({ id, title, panelIds }) => ({
          label: title,
          description: translate(locale, 'panel.home.count', { count: panelIds.length }),
          value: String(id),
        })),
      }),
      ...buttons(
        ...pageButtons(locale, panels, (to) => panelPageButton.customId({ ...at, panels: to }), {
          older: 'buttons.panels-older.label',
          newer: 'buttons.panels-newer.label',
        }),
        ...pageButtons(locale, messages, (to) => panelPageButton.customId({ ...at, messages: to }), {
          older: 'buttons.messages-older.label',
          newer: 'buttons.messages-newer.label',
        }),
      ),
    ],
  });
}

/** Panels, in Discord. */
export const panelCommand = defineCommand({
  name: 'panel',
  level: 'admin',
  defer: 'ephemeral',
  run: (call) => showHome(call),
});
/** Another page of its menus. */
export const panelPageButton = defineButton({
  name: 'panel-page',
  args: { panels: pageNo(), messages: pageNo() },
  level: 'admin',
  defer: 'update',
  run: (call) => showHome(call, call.args),
});

/** Back to where /panel began. */
export const panelHomeButton = defineButton({
  name: 'panel-home',
  args: {},
  level: 'admin',
  defer: 'update',
  run: (call) => showHome(call),
});

/** Asks for the panel's texts; those of a preset stand there already. */
export const panelNewButton = defineFormButton({
  name: 'panel-new',
  args: { preset: preset() },
  async form({ locale, args }) {
    const begun = presetOf(locale, args.preset);
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
      custom_id: panelNewModal.customId(args),
      title: translate(locale, 'modals.panel-new.title-bar'),
      components: [
        input('title', TextInputStyle.Short, limits.title, begun?.name ?? translate(locale, 'panel.default.title')),
        input('content', TextInputStyle.Paragraph, limits.content, begun?.content),
        input('label', TextInputStyle.Short, limits.label, begun?.name ?? translate(locale, 'panel.default.label')),
        input(
          'questions',
          TextInputStyle.Paragraph,
          limits.questions * (limits.question + 1),
          begun?.questions.join('\n'),
        ),
      ],
    };
  },
});
/** The same, by the menu of presets (chooserId). */
export const panelPresetSelect = { ...panelNewButton, kind: 'select' as const };

/** Shows the draft with the menus. Blank fields get their defaults (features.md 1.4-13). */
export const panelNewModal = defineModal({
  name: 'panel-new',
  args: { preset: preset() },
  level: 'admin',
  defer: 'ephemeral',
  run: (call) =>
    show(call, {
      title: call.fields.title || translate(call.locale, 'panel.default.title'),
      content: call.fields.content || translate(call.locale, 'panel.default.content'),
      label: call.fields.label || translate(call.locale, 'panel.default.label'),
      questions: readQuestions(call.fields.questions ?? ''),
      channelId: '0',
      categoryId: '0',
      preset: call.args.preset,
      teamIds: [],
    }),
});

const rate = { times: 15, everyMs: 30_000 };

/** Where the panel shall stand. */
export const panelChannelSelect = defineSelect({
  name: 'panel-channel',
  args: { categoryId: snowflake(), preset: preset() },
  level: 'admin',
  defer: 'update',
  rate,
  run: (call) => redraw(call, call.message, { ...call.args, channelId: call.values[0] ?? '0' }),
});

/** Where its tickets shall open. */
export const panelCategorySelect = defineSelect({
  name: 'panel-category',
  args: { channelId: snowflake(), preset: preset() },
  level: 'admin',
  defer: 'update',
  rate,
  run: (call) => redraw(call, call.message, { ...call.args, categoryId: call.values[0] ?? '0' }),
});

/** Who shall work on its tickets. */
export const panelTeamsSelect = defineSelect({
  name: 'panel-teams',
  args: { channelId: snowflake(), categoryId: snowflake(), preset: preset() },
  level: 'admin',
  defer: 'update',
  rate,
  run: (call) => redraw(call, call.message, { ...call.args, teamIds: call.values.map(Number) }),
});

/** More teams. */
export const panelTeamsPageButton = defineButton({
  name: 'panel-teams-page',
  args: { channelId: snowflake(), categoryId: snowflake(), preset: preset(), page: pageNo() },
  level: 'admin',
  defer: 'update',
  rate,
  run(call) {
    const { page, ...chosen } = call.args;
    return show(call, readDraft(call.message, chosen), page);
  },
});

/** Makes the panel; the reconciler posts it. Pressed twice, it makes one. */
export const panelMakeButton = defineButton({
  name: 'panel-make',
  args: { channelId: snowflake(), categoryId: snowflake(), preset: preset() },
  level: 'admin',
  defer: 'update',
  async run({ deps, guildId, guild, actor, args, locale, message, reply }) {
    const draft = readDraft(message, args);
    await mustHoldPanels(deps, { guildId, settings: guild.settings, channelId: draft.channelId });
    const begun = presetOf(locale, args.preset);
    const name = nameFrom(draft.title);
    const { panel } = await createPanel(deps.ctx, guildId, {
      by: actor,
      name,
      title: draft.title,
      content: draft.content,
      colour: Number.parseInt(guild.settings.primaryColour.slice(1), 16),
      buttonLabel: draft.label,
      buttonEmoji: begun?.buttonEmoji ?? null,
      description: begun?.description ?? null,
      channelId: draft.channelId,
      categoryId: draft.categoryId === '0' ? null : draft.categoryId,
      form: draft.questions.length > 0 ? { name, fields: fieldsOf(draft.questions) } : null,
      welcome: null,
      ...(draft.teamIds.length > 0 && { teamIds: draft.teamIds }),
      ...(message && { madeFrom: message.id }),
    });
    const made = { title: escapeMarkdown(draft.title), channel: channelMention(draft.channelId) };
    const { channelId } = draft;
    const muted = await mutedProblem(deps.botRest, { guildId, channelId, panels: [panel], settings: guild.settings });
    const warning = muted ? `\n${errorText(locale, muted)}` : '';
    await reply.show({ content: `${translate(locale, 'panel.made', made)}${warning}` });
  },
});
