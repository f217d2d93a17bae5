import { invalid, mustBeText, mustBeWithin } from './bounds.ts';

/** What is asked before a ticket opens; several panels may ask it. */
export type Form = { readonly id: number; readonly name: string; readonly fields: readonly FormField[] };

/** A form as it is managed: `version` is raised by every change (the ETag). */
export type ManagedForm = Form & { readonly version: number; readonly panels: readonly PanelName[] };
/** A panel that uses something. */
export type PanelName = { readonly id: number; readonly name: string };

/** One text input of a form, in the order of asking. */
export type FormField = {
  readonly label: string;
  readonly style: 'short' | 'paragraph';
  readonly isRequired: boolean;
  readonly placeholder: string | null;
  readonly minLength: number | null;
  readonly maxLength: number | null;
};

/**
 * Discord's, of a modal and its text inputs (https://discord.com/developers/docs/components/reference#text-input), but for `answer`:
 * an embed's field, in which the answer is shown, holds 1,024 characters.
 */
export const formBounds = { name: 45, fields: 5, label: 45, placeholder: 100, answer: 1_024 } as const;

/** Checks a form. Throws AppError input.invalid {field, fix}; fields are counted from 1, as people do. */
export function checkForm(form: { name?: string; fields?: readonly FormField[] }): void {
  if (form.name !== undefined) mustBeText('name', form.name, formBounds.name);
  if (form.fields === undefined) return;
  const { length } = form.fields;
  if (length < 1 || length > formBounds.fields)
    throw invalid('fields', `1 to ${formBounds.fields} inputs (these are ${length})`);
  form.fields.forEach((field, i) => {
    const name = `fields.${i + 1}`;
    mustBeText(`${name}.label`, field.label, formBounds.label);
    if (field.placeholder !== null) mustBeText(`${name}.placeholder`, field.placeholder, formBounds.placeholder);
    if (field.minLength !== null) mustBeWithin(`${name}.minLength`, field.minLength, 0, formBounds.answer);
    if (field.maxLength !== null) mustBeWithin(`${name}.maxLength`, field.maxLength, 1, formBounds.answer);
    if ((field.minLength ?? 0) > (field.maxLength ?? formBounds.answer))
      throw invalid(`${name}.minLength`, 'not more than maxLength');
  });
}
