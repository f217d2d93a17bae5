// Several panels in one message. What was chosen so far is in the message that shows the menus: no process has to remember it.
import {
  type APIMessage,
  ButtonStyle,
  ChannelType,
  ComponentType,
  SelectMenuDefaultValueType,
} from 'discord-api-types/v10';
import { channelMention } from '#discord/markdown.ts';
import { type TextKey, translate } from '#locales/index.ts';
import { createPanelMessage } from '#tickets/actions/create-panel-message.ts';
import { panelLayouts } from '#tickets/panel.ts';
import { listPanels } from '#tickets/store/panel.ts';
import { button, buttons, optionRow, selectRow } from '../components.ts';
import { type Call, defineButton, defineSelect } from '../define.ts';
import { number, snowflake } from '../options.ts';
import { choicePage, pageButtons, pageNo } from '../pages.ts';
import { chosenIn } from '../panel-draft.ts';
import { backButton } from '../panel-view.ts';
import { mustHoldPanels } from '../places.ts';

const layout = () => number(0, panelLayouts.length - 1);
type Draft = { readonly panelIds: readonly number[]; readonly channelId: string; readonly layout: number };
const chosenPanels = (message: APIMessage | null): number[] => chosenIn(message, 'panel-combine-panels').map(Number);

async function show({ deps, guildId, locale, reply }: Call, draft: Draft, page = 0): Promise<void> {
  const panels = choicePage(await listPanels(deps.ctx.db, guildId), draft.panelIds, { page });
  const t = (key: TextKey) => translate(locale, key);
  const { channelId, layout: at } = draft;
  const isReady = draft.panelIds.length > 1 && channelId !== '0';
  await reply.show({
    content: t('panel.combine.intro'),
    components: [
      ...optionRow({
        id: combinePanelsSelect.customId({ channelId, layout: at }),
        placeholder: t('panel.control.panels'),
        min: 2,
        max: 25,
        options: panels.rows.map(({ id, name }) => ({
          label: name,
          value: String(id),
          isChosen: draft.panelIds.includes(id),
        })),
      }),
      selectRow({
        type: ComponentType.ChannelSelect as const,
        custom_id: combineChannelSelect.customId({ layout: at }),
        channel_types: [ChannelType.GuildText, ChannelType.GuildAnnouncement],
        placeholder: t('panel.draft.channel'),
        min_values: 1,
        max_values: 1,
        ...(channelId !== '0' && {
          default_values: [{ id: channelId, type: SelectMenuDefaultValueType.Channel as const }],
        }),
      }),
      ...buttons(
        ...panelLayouts.map((name, i) =>
          button(
            translate(locale, `panel.layout.${name}` satisfies TextKey),
            combineLayoutButton.customId({ channelId, layout: i }),
            i === at ? ButtonStyle.Success : ButtonStyle.Secondary,
          ),
        ),
        button(
          t('buttons.panel-make.label'),
          combineMakeButton.customId({ channelId, layout: at }),
          ButtonStyle.Primary,
          !isReady,
        ),
        backButton(locale),
        ...pageButtons(locale, panels, (to) => combinePageButton.customId({ channelId, layout: at, page: to })),
      ),
    ],
  });
}

/** Begins it. */
export const combineButton = defineButton({
  name: 'panel-combine',
  args: {},
  level: 'admin',
  defer: 'update',
  run: (call) => show(call, { panelIds: [], channelId: '0', layout: 0 }),
});
/** Which panels. */
export const combinePanelsSelect = defineSelect({
  name: 'panel-combine-panels',
  args: { channelId: snowflake(), layout: layout() },
  level: 'admin',
  defer: 'update',
  run: (call) => show(call, { ...call.args, panelIds: call.values.map(Number) }),
});
/** More panels. */
export const combinePageButton = defineButton({
  name: 'panel-combine-page',
  args: { channelId: snowflake(), layout: layout(), page: pageNo() },
  level: 'admin',
  defer: 'update',
  run: (call) => show(call, { ...call.args, panelIds: chosenPanels(call.message) }, call.args.page),
});
/** Where. */
export const combineChannelSelect = defineSelect({
  name: 'panel-combine-channel',
  args: { layout: layout() },
  level: 'admin',
  defer: 'update',
  run: (call) => show(call, { ...call.args, channelId: call.values[0] ?? '0', panelIds: chosenPanels(call.message) }),
});
/** As buttons, or in a menu (features.md 1.4-21). */
export const combineLayoutButton = defineButton({
  name: 'panel-combine-layout',
  args: { channelId: snowflake(), layout: layout() },
  level: 'admin',
  defer: 'update',
  run: (call) => show(call, { ...call.args, panelIds: chosenPanels(call.message) }),
});
/** Makes the message. Pressed twice, it makes one. */
export const combineMakeButton = defineButton({
  name: 'panel-combine-make',
  args: { channelId: snowflake(), layout: layout() },
  level: 'admin',
  defer: 'update',
  async run({ deps, guildId, guild, actor, args, message, locale, reply }) {
    const { channelId } = args;
    await mustHoldPanels(deps, { guildId, settings: guild.settings, channelId });
    await createPanelMessage(deps.ctx, guildId, {
      by: actor,
      values: {
        text: null,
        title: translate(locale, 'panel.default.title'),
        content: translate(locale, 'panel.default.content'),
        colour: Number.parseInt(guild.settings.primaryColour.slice(1), 16),
        imageUrl: null,
        thumbnailUrl: null,
        footer: null,
        layout: panelLayouts[args.layout] ?? 'buttons',
        placeholder: null,
        channelId,
        panelIds: chosenPanels(message),
      },
      ...(message && { madeFrom: message.id }),
    });
    await reply.show({
      content: translate(locale, 'panel.combine.made', { channel: channelMention(channelId) }),
      components: buttons(backButton(locale)),
    });
  },
});
