// The forms that edit panels and their messages, and how people write colours and addresses in them.
import { type APIModalInteractionResponseCallbackData, TextInputStyle } from 'discord-api-types/v10';
import { type TextKey, translate } from '#locales/index.ts';
import { AppError } from '#tickets/errors.ts';
import { textInput } from '../components.ts';

/** A colour as people write it. */
export const colourText = (colour: number): string => `#${colour.toString(16).toUpperCase().padStart(6, '0')}`;

/** Reads a colour. Throws AppError input.invalid. */
export function colourIn(text: string): number {
  const hex = /^#?([0-9a-f]{6})$/i.exec(text.trim())?.[1];
  if (hex === undefined) throw new AppError('input.invalid', { field: 'colour', fix: 'a colour such as #252B4C' });
  return Number.parseInt(hex, 16);
}

/** An address, or none. */
export const wantedUrl = (text: string | undefined): string | null => text?.trim() || null;

/** A text of a panel or its message, as its form asks for it. */
type Input = { id: string; max: number; value: string | null; isLong?: boolean };
/** The form that edits such texts; none of them is required. */
export const panelForm = (
  locale: string,
  customId: string,
  inputs: readonly Input[],
): APIModalInteractionResponseCallbackData => ({
  custom_id: customId,
  title: translate(locale, 'modals.panel-edit.title-bar'),
  components: inputs.map(({ id: name, max, value, isLong = false }) => {
    // A modal takes 4,000 characters: a longer text is left as it is when its field stays empty.
    const fits = (value ?? '').length <= Math.min(max, 4_000);
    return textInput({
      id: name,
      label: translate(locale, `modals.panel-edit.${name}` as TextKey),
      style: isLong ? TextInputStyle.Paragraph : TextInputStyle.Short,
      max: Math.min(max, 4_000),
      isRequired: false,
      placeholder: fits ? null : translate(locale, 'modals.panel-edit.too-long'),
      ...(fits && value ? { value } : {}),
    });
  }),
});
