import { mustBeText } from './bounds.ts';

/** As long as the embed field that shows it. https://discord.com/developers/docs/resources/message#embed-object-embed-limits */
export const maxReasonLength = 1_024;

/** Why a ticket is closed, as somebody wrote it; null for nothing. Throws input.invalid {field, fix}. */
export function readReason(given: string | null): string | null {
  const reason = given?.trim() ?? '';
  if (reason === '') return null;
  mustBeText('reason', reason, maxReasonLength);
  return reason;
}
