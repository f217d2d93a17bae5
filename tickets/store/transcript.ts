import { type Db, sql } from '#runtime/postgres.ts';
import { type Keyring, unseal } from '../crypto.ts';
import type { AuthorKind } from '../facts.ts';
import type { Answer } from '../ticket.ts';
import { readKey } from './ticket.ts';

/** A file that came with a message. */
export type Attachment = {
  id: string;
  name: string;
  sizeBytes: number;
  contentType: string | null;
  url: string;
};

/** What of a message is sealed. `isKept` is false where the server keeps no words: then there are none. */
export type MessageBody = { content: string; attachments: readonly Attachment[]; isKept?: false };

/** What of a message is sealed in a server that does or does not keep words (setting storeTranscripts). */
export const bodyOf = (message: Pick<MessageBody, 'content' | 'attachments'>, isKept: boolean): MessageBody =>
  isKept ? { content: message.content, attachments: message.attachments } : { content: '', attachments: [], isKept };

/** A message of a transcript. */
export type TranscriptMessage = {
  id: string;
  at: number;
  authorId: string;
  authorKind: AuthorKind;
  /** Null when the ticket's key was destroyed. */
  body: MessageBody | null;
  editedAt: number | null;
  deletedAt: number | null;
};

/** A ticket's words. */
export type Transcript = {
  messages: TranscriptMessage[];
  answers: Answer[];
  comment: string | null;
  /** Whether the ticket's key was destroyed, and every word with it. */
  isErased: boolean;
};

/** The row names under which a ticket's texts are sealed. */
export const sealedRow = {
  message: (messageId: string): string => `message/${messageId}`,
  /** What is known of a file, and the file itself in the object store. */
  attachment: (attachmentId: string): string => `attachment/${attachmentId}`,
  file: (attachmentId: string): string => `file/${attachmentId}`,
  answers: 'answers',
  comment: 'comment',
} as const;

type MessageRow = Omit<TranscriptMessage, 'body'> & { sealed: Buffer };

/** Reads and opens a ticket's messages, answers and comment. An unknown ticket has none. */
export async function readTranscript(db: Db, keys: Keyring, guildId: string, ticketId: number): Promise<Transcript> {
  const wrapped = await readKey(db, guildId, ticketId);
  const key = wrapped && keys.open(guildId, ticketId, wrapped);
  const open = <T>(row: string, sealed: Buffer | null): T | null =>
    key && sealed ? (JSON.parse(unseal(key, { guildId, ticketId, row }, sealed)) as T) : null;
  const rows = await db.query<MessageRow>(sql`
    select id, at, author_id as "authorId", author_kind as "authorKind", sealed, edited_at as "editedAt",
           deleted_at as "deletedAt"
    from message where guild_id = ${guildId} and ticket_id = ${ticketId} order by at, id`);
  const [ticket] = await db.query<{ answers: Buffer | null; comment: Buffer | null }>(sql`
    select sealed_answers as answers, sealed_comment as comment
    from ticket where guild_id = ${guildId} and id = ${ticketId}`);
  return {
    messages: rows.map(({ sealed, ...row }) => ({
      ...row,
      body: open<MessageBody>(sealedRow.message(row.id), sealed),
    })),
    answers: open<Answer[]>(sealedRow.answers, ticket?.answers ?? null) ?? [],
    comment: open<string>(sealedRow.comment, ticket?.comment ?? null),
    isErased: ticket !== undefined && key === null,
  };
}
