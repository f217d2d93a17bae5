// The pieces that messages and modals are built of.
import {
  type APIActionRowComponent,
  type APIButtonComponent,
  type APIComponentInActionRow,
  type APIModalInteractionResponseCallbackComponent,
  type APIStringSelectComponent,
  ButtonStyle,
  ComponentType,
  type TextInputStyle,
} from 'discord-api-types/v10';
import { truncate } from '#discord/markdown.ts';

const row = <T extends APIComponentInActionRow>(...components: T[]): APIActionRowComponent<T> => ({
  type: ComponentType.ActionRow,
  components,
});

/** Rows of up to five buttons each, as many as needed (Discord allows five rows). */
export function buttons(...all: APIButtonComponent[]): APIActionRowComponent<APIButtonComponent>[] {
  return Array.from({ length: Math.ceil(all.length / 5) }, (_, i) => row(...all.slice(i * 5, i * 5 + 5)));
}

/** A select menu takes a row of its own. */
export const selectRow = row;

/** A button that a handler answers. */
export const button = (
  label: string,
  custom_id: string,
  style: ButtonStyle.Primary | ButtonStyle.Secondary | ButtonStyle.Success | ButtonStyle.Danger = ButtonStyle.Secondary,
  disabled = false,
) => ({ type: ComponentType.Button as const, style, label, custom_id, disabled });

/** A button that opens a page. */
export const linkButton = (label: string, url: string) => ({
  type: ComponentType.Button as const,
  style: ButtonStyle.Link as const,
  label,
  url,
});

/** An option of a menu. Discord: label, value and description of at most 100 characters. */
export type Choosable = {
  readonly label: string;
  readonly value: string;
  readonly description?: string;
  readonly emoji?: string;
  readonly isChosen?: boolean;
};

/** A menu of up to 25 options on a row of its own; no row where there are none. One may be chosen unless said otherwise. */
export function optionRow(o: {
  id: string;
  placeholder: string;
  options: readonly Choosable[];
  min?: number;
  max?: number;
}): APIActionRowComponent<APIStringSelectComponent>[] {
  const options = o.options.slice(0, 25);
  if (options.length === 0) return [];
  const menu = {
    type: ComponentType.StringSelect as const,
    custom_id: o.id,
    placeholder: truncate(o.placeholder, 150),
    min_values: Math.min(o.min ?? 1, options.length),
    max_values: Math.min(o.max ?? 1, options.length),
    options: options.map(({ label, value, description, emoji, isChosen = false }) => ({
      label: truncate(label, 100),
      value,
      default: isChosen,
      ...(description !== undefined && { description: truncate(description, 100) }),
      ...(emoji !== undefined && { emoji: { name: emoji } }),
    })),
  };
  return [row(menu)];
}

/** One input of a modal, on its own row. Discord: label ≤ 45, placeholder ≤ 100, value ≤ 4,000 characters. */
export function textInput(o: {
  id: string;
  label: string;
  style: TextInputStyle;
  max: number;
  min?: number;
  isRequired: boolean;
  value?: string;
  placeholder?: string | null;
}): APIModalInteractionResponseCallbackComponent {
  return row({
    type: ComponentType.TextInput as const,
    custom_id: o.id,
    label: o.label,
    style: o.style,
    max_length: o.max,
    ...(o.min ? { min_length: o.min } : {}),
    required: o.isRequired,
    ...(o.value ? { value: o.value } : {}),
    ...(o.placeholder ? { placeholder: o.placeholder } : {}),
  });
}
