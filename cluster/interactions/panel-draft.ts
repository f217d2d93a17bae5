// A panel that is being made in Discord. The draft lives in the message that shows it (its embed is the panel's preview) and in the custom ids under
// it, so no process has to remember it and any of them can go on.
import {
  type APIEmbed,
  type APIMessage,
  ButtonStyle,
  ChannelType,
  ComponentType,
  SelectMenuDefaultValueType,
} from 'discord-api-types/v10';
import { translate } from '#locales/index.ts';
import { AppError } from '#tickets/errors.ts';
import type { FormField } from '#tickets/form.ts';
import { buttons, selectRow } from './components.ts';
import type { Shown } from './reply.ts';

/** What a draft holds. '0' is "not chosen". */
export type Draft = {
  readonly title: string;
  readonly content: string;
  readonly label: string;
  readonly questions: readonly string[];
  readonly channelId: string;
  readonly categoryId: string;
};

/** Discord's limits: modals have five inputs with labels of 45 characters, buttons labels of 80. */
export const limits = { title: 255, content: 4_000, label: 80, questions: 5, question: 45 } as const;

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
    maxLength: 1_024,
  }));

/** The custom ids of the controls, which carry what was chosen. */
export type DraftIds = { channel: string; category: string; make: string };

/** The draft as a message: preview, two selects, one button. */
export function showDraft(locale: string, draft: Draft, ids: DraftIds): Shown {
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

/** Reads a draft back from its message. Throws AppError `interaction.stale` when it is none. */
export function readDraft(message: APIMessage | null, chosen: Pick<Draft, 'channelId' | 'categoryId'>): Draft {
  const embed = message?.embeds[0];
  const [label, questions] = embed?.fields ?? [];
  if (!embed?.title || !label) throw new AppError('interaction.stale');
  return {
    title: embed.title,
    content: embed.description ?? '',
    label: label.value,
    questions: questions ? questions.value.split('\n') : [],
    ...chosen,
  };
}
