import { type TextKey, translate } from './index.ts';

/** The kinds of ticket that are offered to begin with (features.md 1.16-02), with their emojis. */
const emojis = { technical: '🔧', account: '👤', billing: '💳' } as const;
export const presetIds = ['technical', 'account', 'billing'] as const;
export type PresetId = (typeof presetIds)[number];

/** A panel to begin with. */
export type Preset = {
  readonly id: PresetId;
  readonly name: string;
  readonly content: string;
  readonly buttonEmoji: string;
  /** Under its name in a select menu. */
  readonly description: string;
  /** Asked before a ticket opens, in this order. */
  readonly questions: readonly string[];
};

/** A preset in a language. */
export function presetIn(locale: string, id: PresetId): Preset {
  const t = (part: 'name' | 'content' | 'description' | 'question-1' | 'question-2') =>
    translate(locale, `presets.${id}.${part}` satisfies TextKey);
  return {
    id,
    name: t('name'),
    content: t('content'),
    buttonEmoji: emojis[id],
    description: t('description'),
    questions: [t('question-1'), t('question-2')],
  };
}
