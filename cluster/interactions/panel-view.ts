// A panel, and a message that shows panels, as their editors in Discord see them: pure.
import {
  type APIActionRowComponent,
  type APIComponentInMessageActionRow,
  type APIEmbed,
  ButtonStyle,
  ChannelType,
  ComponentType,
  SelectMenuDefaultValueType,
} from 'discord-api-types/v10';
import { channelMention, escapeMarkdown, roleMention, truncate } from '#discord/markdown.ts';
import { type TextKey, translate } from '#locales/index.ts';
import type { PanelName } from '#tickets/form.ts';
import {
  buttonStyles,
  outsideHours,
  type Panel,
  type PanelMessage,
  panelBounds,
  panelLayouts,
  publicationOf,
} from '#tickets/panel.ts';
import { button, buttons, optionRow, selectRow } from './components.ts';
import { writeCustomId } from './custom-id.ts';
import { errorText, mention } from './texts.ts';

type Row = APIActionRowComponent<APIComponentInMessageActionRow>;

/** What a menu of a panel can set. Its place here is in custom ids: add at the end. */
export const panelControls = [
  ...(['category', 'teams', 'form', 'roles', 'mentions', 'mode', 'style'] as const),
  ...(['overflow', 'schedule', 'outside', 'claim'] as const),
] as const;
export type PanelControl = (typeof panelControls)[number];
/** What a menu of a panel message can set. */
export const messageControls = ['channel', 'panels', 'layout'] as const;
export type MessageControl = (typeof messageControls)[number];

/** Back to where /panel began (commands/panel.ts, which imports those that show this). */
export const backButton = (locale: string) =>
  button(translate(locale, 'buttons.panel-home.label'), writeCustomId('panel-home', {}, {}));

/** Where a message is, in words. */
export function whereText(locale: string, message: PanelMessage): string {
  const place = channelMention(message.channelId);
  const status = translate(locale, `panel.status.${publicationOf(message)}` satisfies TextKey);
  const { problem, problemContext } = message;
  const why = problem === null ? '' : ` ${errorText(locale, { code: problem, context: problemContext })}`;
  return `${place}: ${status}${why}`;
}

const outsideText = (locale: string, chosen: Panel['outsideHours']): string =>
  translate(locale, chosen === null ? 'panel.usual' : (`settings.outsideHours.${chosen}` satisfies TextKey));
const claimText = (locale: string, chosen: Panel['claimButton']): string =>
  translate(locale, chosen === null ? 'panel.usual' : chosen ? 'settings.claimButton.on' : 'settings.claimButton.off');

/** A panel in words. */
export function panelEmbed(
  locale: string,
  panel: Panel,
  o: { teams: readonly PanelName[]; schedules: readonly PanelName[]; messages: readonly PanelMessage[] },
): APIEmbed {
  const none = translate(locale, 'settings.none');
  const usual = translate(locale, 'panel.usual');
  const field = (key: TextKey, value: string) => ({
    name: translate(locale, key),
    value: truncate(value || none, 1_024),
    inline: true,
  });
  const teams = panel.teamIds.map((id) => escapeMarkdown(o.teams.find((team) => team.id === id)?.name ?? String(id)));
  const schedule = o.schedules.find((one) => one.id === panel.scheduleId);
  return {
    title: truncate(escapeMarkdown(panel.name), 256),
    fields: [
      field('panel.field.button', [panel.buttonEmoji, escapeMarkdown(panel.buttonLabel)].filter(Boolean).join(' ')),
      field('panel.field.style', translate(locale, `panel.style.${panel.buttonStyle}` satisfies TextKey)),
      field('panel.field.description', escapeMarkdown(panel.description ?? '')),
      field('panel.field.category', panel.categoryId === null ? usual : channelMention(panel.categoryId)),
      field('panel.field.teams', teams.join(', ')),
      field('panel.field.form', escapeMarkdown(panel.form?.name ?? '')),
      field('panel.field.roles', panel.requiredRoleIds.map(roleMention).join(' ')),
      field('panel.field.mentions', panel.mentions.map(mention).join(' ')),
      field(
        'panel.field.mode',
        panel.mode === null ? usual : translate(locale, `panel.mode.${panel.mode}` satisfies TextKey),
      ),
      field('panel.field.naming', panel.naming === null ? usual : escapeMarkdown(panel.naming)),
      field('panel.field.limit', panel.maxOpen === null ? none : String(panel.maxOpen)),
      field('settings.overflowCategories.title', panel.overflowCategoryIds.map(channelMention).join(' ') || usual),
      field('settings.schedule.title', escapeMarkdown(schedule?.name ?? '') || usual),
      field('settings.outsideHours.title', outsideText(locale, panel.outsideHours)),
      field('settings.claimButton.title', claimText(locale, panel.claimButton)),
      { ...field('panel.field.messages', o.messages.map((one) => whereText(locale, one)).join('\n')), inline: false },
    ],
  };
}

/** The menu that sets one thing of a panel. */
export function panelControlRow(
  locale: string,
  panel: Panel,
  control: PanelControl,
  o: {
    id: string;
    teams: readonly PanelName[];
    forms: readonly PanelName[];
    schedules: readonly PanelName[];
  },
): Row[] {
  const placeholder = translate(locale, `panel.control.${control}` satisfies TextKey);
  const { id } = o;
  const defaults = (ids: readonly string[], type: SelectMenuDefaultValueType) => ids.map((one) => ({ id: one, type }));
  const nothing = { label: translate(locale, 'settings.none'), value: '0' };
  const usual = { label: translate(locale, 'panel.usual'), value: '0' };
  switch (control) {
    case 'category':
      return [
        selectRow({
          type: ComponentType.ChannelSelect as const,
          custom_id: id,
          channel_types: [ChannelType.GuildCategory],
          placeholder,
          min_values: 0,
          max_values: 1,
          default_values: defaults(
            panel.categoryId === null ? [] : [panel.categoryId],
            SelectMenuDefaultValueType.Channel,
          ) as never,
        }),
      ];
    case 'roles':
      return [
        selectRow({
          type: ComponentType.RoleSelect as const,
          custom_id: id,
          placeholder,
          min_values: 0,
          max_values: 25,
          default_values: defaults(panel.requiredRoleIds, SelectMenuDefaultValueType.Role) as never,
        }),
      ];
    case 'mentions':
      return [
        selectRow({
          type: ComponentType.MentionableSelect as const,
          custom_id: id,
          placeholder,
          min_values: 0,
          max_values: 25,
          default_values: panel.mentions.map((one) => ({
            id: one.id,
            type: one.kind === 'role' ? SelectMenuDefaultValueType.Role : SelectMenuDefaultValueType.User,
          })) as never,
        }),
      ];
    case 'teams':
      return optionRow({
        id,
        placeholder,
        max: 25,
        options: o.teams.map((team) => ({
          label: team.name,
          value: String(team.id),
          isChosen: panel.teamIds.includes(team.id),
        })),
      });
    case 'form':
      return optionRow({
        id,
        placeholder,
        options: [
          nothing,
          ...o.forms.map((form) => ({
            label: form.name,
            value: String(form.id),
            isChosen: panel.form?.id === form.id,
          })),
        ],
      });
    case 'mode':
      return optionRow({
        id,
        placeholder,
        options: [
          usual,
          ...(['channel', 'thread'] as const).map((mode) => ({
            label: translate(locale, `panel.mode.${mode}` satisfies TextKey),
            value: mode,
            isChosen: panel.mode === mode,
          })),
        ],
      });
    case 'style':
      return optionRow({
        id,
        placeholder,
        options: buttonStyles.map((style) => ({
          label: translate(locale, `panel.style.${style}` satisfies TextKey),
          value: style,
          isChosen: panel.buttonStyle === style,
        })),
      });
    case 'overflow':
      return [
        selectRow({
          type: ComponentType.ChannelSelect as const,
          custom_id: id,
          channel_types: [ChannelType.GuildCategory],
          placeholder,
          min_values: 0,
          max_values: panelBounds.overflowCategories,
          default_values: defaults(panel.overflowCategoryIds, SelectMenuDefaultValueType.Channel) as never,
        }),
      ];
    case 'schedule':
      return optionRow({
        id,
        placeholder,
        options: [
          usual,
          ...o.schedules.map(({ id: value, name }) => ({
            label: name,
            value: String(value),
            isChosen: panel.scheduleId === value,
          })),
        ],
      });
    case 'outside':
      return optionRow({
        id,
        placeholder,
        options: [
          usual,
          ...outsideHours.map((value) => ({
            label: outsideText(locale, value),
            value,
            isChosen: panel.outsideHours === value,
          })),
        ],
      });
    case 'claim':
      return optionRow({
        id,
        placeholder,
        options: [
          usual,
          ...[true, false].map((value) => ({
            label: claimText(locale, value),
            value: String(value),
            isChosen: panel.claimButton === value,
          })),
        ],
      });
  }
}

/** A panel message in words. */
export function messageEmbed(locale: string, message: PanelMessage, panels: readonly PanelName[]): APIEmbed {
  const names = message.panelIds.map((id) =>
    escapeMarkdown(panels.find((panel) => panel.id === id)?.name ?? String(id)),
  );
  const field = (key: TextKey, value: string) => ({ name: translate(locale, key), value: truncate(value, 1_024) });
  return {
    title: truncate(message.title, 256),
    description: truncate(message.content, 1_500),
    color: message.colour,
    fields: [
      field('panel.field.panels', names.join(', ') || '–'),
      field('panel.field.layout', translate(locale, `panel.layout.${message.layout}` satisfies TextKey)),
      field('panel.field.messages', whereText(locale, message)),
    ],
  };
}

/** The menu that sets one thing of a panel message. */
export function messageControlRow(
  locale: string,
  message: PanelMessage,
  control: MessageControl,
  o: { id: string; panels: readonly PanelName[] },
): Row[] {
  const placeholder = translate(locale, `panel.control.${control}` satisfies TextKey);
  switch (control) {
    case 'channel':
      return [
        selectRow({
          type: ComponentType.ChannelSelect as const,
          custom_id: o.id,
          channel_types: [ChannelType.GuildText, ChannelType.GuildAnnouncement],
          placeholder,
          min_values: 1,
          max_values: 1,
          default_values: [{ id: message.channelId, type: SelectMenuDefaultValueType.Channel }],
        }),
      ];
    case 'panels':
      return optionRow({
        id: o.id,
        placeholder,
        max: 25,
        options: o.panels.map((panel) => ({
          label: panel.name,
          value: String(panel.id),
          isChosen: message.panelIds.includes(panel.id),
        })),
      });
    case 'layout':
      return optionRow({
        id: o.id,
        placeholder,
        options: panelLayouts.map((layout) => ({
          label: translate(locale, `panel.layout.${layout}` satisfies TextKey),
          value: layout,
          isChosen: message.layout === layout,
        })),
      });
  }
}

/** The question before something is deleted. */
export const deleteRows = (locale: string, yes: string, no: string): Row[] =>
  buttons(
    button(translate(locale, 'buttons.panel-delete-yes.label'), yes, ButtonStyle.Danger),
    button(translate(locale, 'buttons.panel-keep.label'), no),
  );
