import type { KeyObject } from 'node:crypto';
import { seal } from './crypto.ts';
import type { NewAttachment } from './store/fleet/attachment.ts';
import { type Attachment, sealedRow } from './store/transcript.ts';

/** The files of a message as rows: their names and addresses sealed, their sizes and types plain. */
export function attachmentsOf(
  key: KeyObject,
  message: { guildId: string; ticketId: number; id: string; attachments: readonly Attachment[] },
): NewAttachment[] {
  const { guildId, ticketId } = message;
  return message.attachments.map(({ id, name, url, sizeBytes, contentType }) => ({
    guildId,
    ticketId,
    messageId: message.id,
    id,
    sealed: seal(key, { guildId, ticketId, row: sealedRow.attachment(id) }, JSON.stringify({ name, url })),
    sizeBytes,
    contentType: contentType?.replaceAll('\u0000', '') ?? null, // Postgres stores no NUL in a text
  }));
}
