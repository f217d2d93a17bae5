// The pieces that messages and modals are built of.
import {
  type APIActionRowComponent,
  type APIButtonComponent,
  type APIComponentInActionRow,
  type APIModalInteractionResponseCallbackComponent,
  ComponentType,
  type TextInputStyle,
} from 'discord-api-types/v10';

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
