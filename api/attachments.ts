import { isPicture } from '#tickets/attachment.ts';
import type { StoredAttachment } from '#tickets/store/attachment.ts';
import type { TranscriptMessage } from '#tickets/store/transcript.ts';
import type { Static } from 'typebox';
import type { attachment } from './schemas/attachment.ts';

type Shown = Static<typeof attachment>;

const shown = (file: StoredAttachment, place: { guildId: string; ticketId: number }): Shown => {
  const { id, secret, sizeBytes, contentType, objectKey } = file;
  // Without its key a file is gone, whether or not a job has taken it away already.
  const state = secret === null ? 'erased' : file.state;
  const isServed = state === 'stored' && objectKey !== null;
  const own = `/api/guilds/${place.guildId}/tickets/${place.ticketId}/attachments/${id}`;
  return {
    id,
    name: secret?.name ?? null,
    sizeBytes,
    contentType,
    state,
    reason: state === 'erased' ? 'erased' : file.reason,
    url: isServed ? own : (secret?.url ?? null),
    isPicture: isServed && isPicture(contentType),
  };
};

/**
 * The files of a message as they are kept; of a message that is older than the keeping of files, what is known of them. Files that an edit took away
 * are still there: they were said.
 */
export function filesOf(
  message: Pick<TranscriptMessage, 'body'>,
  kept: readonly StoredAttachment[],
  place: { guildId: string; ticketId: number },
): Shown[] {
  const known = new Set(kept.map(({ id }) => id));
  const older = (message.body?.attachments ?? []).filter(({ id }) => !known.has(id));
  return [
    ...kept.map((file) => shown(file, place)),
    ...older.map(({ id, name, sizeBytes, contentType, url }) => {
      return {
        id,
        name,
        sizeBytes,
        contentType,
        state: 'failed' as const,
        reason: 'before' as const,
        url,
        isPicture: false,
      };
    }),
  ];
}
