// How people write colours and addresses in a form.
import { AppError } from '#tickets/errors.ts';

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
