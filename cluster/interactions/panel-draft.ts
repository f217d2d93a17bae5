// A panel that is being made in Discord. The draft lives in the message that shows it (its embed is the panel's preview, its menus hold what was
// chosen) and in the custom ids under it, so no process has to remember it and any of them can go on.
import {
  type APIEmbed,
  type APIMessage,
  ButtonStyle,
  ChannelType,
  ComponentType,
  SelectMenuDefaultValueType,
} from 'discord-api-types/v10';
import { truncate } from '#discord/markdown.ts';
import { translate } from '#locales/index.ts';
import { AppError } from '#tickets/errors.ts';
import { type FormField, formBounds } from '#tickets/form.ts';
import { messageBounds, panelBounds } from '#tickets/panel.ts';
import { buttons, selectRow } from './components.ts';
import { nameInCustomId } from './custom-id.ts';
import type { Shown } from './reply.ts';

/** What a draft holds. '0' is "not chosen". */
export type Draft = {
  readonly title: string;
  readonly content: string;
  readonly label: string;
  readonly questions: readonly string[];
  readonly channelId: string;
  readonly categoryId: string;
  /** Which preset it began with, counted from 1; 0: none. */
  readonly preset: number;
  /** None: the Default team. */
  readonly teamIds: readonly number[];
};

/** Discord's limits: modals have five inputs with labels of 45 characters, and take 4,000 characters in each. */
export const limits = {
  title: messageBounds.title,
  content: 4_000,
  label: panelBounds.buttonLabel,
  questions: formBounds.fields,
  question: formBounds.label,
} as const;

/** One question a line; empty lines do not count. Throws AppError `input.invalid`. */
export function readQuestions(text: string): string[] {
  const questions = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (questions.length > limits.questions)
    throw new AppError('input.invalid', { field: 'questions', fix: `at most ${limits.questions} lines` });
  if (questions.some((question) => question.length > limits.question)) {
    throw new AppError('input.invalid', { field: 'questions', fix: `at most ${limits.question} characters a line` });
  }
  return questions;
}

/** The form that some questions make: every answer is asked for and may be as long as an embed shows. */
export const fieldsOf = (questions: readonly string[]): FormField[] =>
  questions.map((label) => ({
    label,
    style: 'paragraph',
    isRequired: true,
    placeholder: null,
    minLength: null,
    maxLength: formBounds.answer,
  }));

/** The custom ids of the controls, which carry what was chosen. */
export type DraftIds = { channel: string; category: string; teams: string; make: string };
/** A team that can be chosen. */
export type TeamChoice = { readonly id: number; readonly name: string };

/** The draft as a message, with at most 25 teams: preview, menus for channel, category and teams, one button. */
export function showDraft(locale: string, draft: Draft, ids: DraftIds, teams: readonly TeamChoice[]): Shown {
  const t = (key: 'label' | 'questions') => translate(locale, `panel.draft.${key}`);
  const embed: APIEmbed = {
    title: draft.title,
    ...(draft.content && { description: draft.content }),
    fields: [
      { name: t('label'), value: draft.label },
      ...(draft.questions.length > 0 ? [{ name: t('questions'), value: draft.questions.join('\n') }] : []),
    ],
  };
  const chosen = (id: string) =>
    id === '0' ? {} : { default_values: [{ id, type: SelectMenuDefaultValueType.Channel as const }] };
  const select = (
    custom_id: string,
    type: ChannelType.GuildText | ChannelType.GuildCategory,
    placeholder: string,
    id: string,
    min: 0 | 1,
  ) =>
    selectRow({
      type: ComponentType.ChannelSelect as const,
      custom_id,
      channel_types: [type],
      placeholder,
      min_values: min,
      max_values: 1,
      ...chosen(id),
    });
  return {
    content: translate(locale, 'panel.draft.intro'),
    embeds: [embed],
    components: [
      select(ids.channel, ChannelType.GuildText, translate(locale, 'panel.draft.channel'), draft.channelId, 1),
      select(ids.category, ChannelType.GuildCategory, translate(locale, 'panel.draft.category'), draft.categoryId, 0),
      // One team is no choice.
      ...(teams.length > 1
        ? [
            selectRow({
              type: ComponentType.StringSelect as const,
              custom_id: ids.teams,
              placeholder: translate(locale, 'panel.draft.teams'),
              min_values: 0,
              max_values: teams.length,
              options: teams.map(({ id, name }) => ({
                label: truncate(name, 100),
                value: String(id),
                default: draft.teamIds.includes(id),
              })),
            }),
          ]
        : []),
      ...buttons({
        type: ComponentType.Button,
        style: ButtonStyle.Primary,
        label: translate(locale, 'buttons.panel-make.label'),
        custom_id: ids.make,
        disabled: draft.channelId === '0',
      }),
    ],
  };
}

type Chosen = Pick<Draft, 'channelId' | 'categoryId' | 'preset'> & { readonly teamIds?: readonly number[] };

/** Reads a draft back from its message; its teams too unless they are given. Throws AppError `interaction.stale` when it is none. */
export function readDraft(message: APIMessage | null, chosen: Chosen): Draft {
  const embed = message?.embeds[0];
  const [label, questions] = embed?.fields ?? [];
  if (!embed?.title || !label) throw new AppError('interaction.stale');
  return {
    title: embed.title,
    content: embed.description ?? '',
    label: label.value,
    questions: questions ? questions.value.split('\n') : [],
    ...chosen,
    teamIds: chosen.teamIds ?? chosenIn(message, 'panel-teams').map(Number),
  };
}

/** What was chosen in a message's menu, as the message remembers it: the menu is the one whose custom id has this name. */
export function chosenIn(message: APIMessage | null, name: string): string[] {
  const rows = message?.components ?? [];
  return rows.flatMap((row) =>
    ('components' in row ? row.components : []).flatMap((one) =>
      one.type === ComponentType.StringSelect && nameInCustomId(one.custom_id) === name
        ? one.options.filter((option) => option.default === true).map((option) => option.value)
        : [],
    ),
  );
}
