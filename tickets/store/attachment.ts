import { type Db, sql } from '#runtime/postgres.ts';
import type { AttachmentReason, AttachmentState } from '../attachment.ts';
import { type Keyring, unseal } from '../crypto.ts';
import { sealedRow } from './transcript.ts';
import { readKey } from './ticket.ts';

/** What of a file is sealed. */
export type AttachmentSecret = { name: string; url: string };

/** A file of a message as it is kept. */
export type StoredAttachment = {
  id: string;
  messageId: string;
  /** Null once the ticket's key is destroyed. */
  secret: AttachmentSecret | null;
  sizeBytes: number;
  contentType: string | null;
  state: AttachmentState;
  reason: AttachmentReason | null;
  objectKey: string | null;
  attempts: number;
};

type Row = Omit<StoredAttachment, 'secret'> & { sealed: Buffer };

const columns = sql`id, message_id as "messageId", sealed, size_bytes as "sizeBytes", content_type as "contentType", state, reason,
  object_key as "objectKey", attempts`;

async function open(
  db: Db,
  keys: Keyring,
  guildId: string,
  ticketId: number,
  rows: readonly Row[],
): Promise<StoredAttachment[]> {
  if (rows.length === 0) return [];
  const wrapped = await readKey(db, guildId, ticketId);
  const key = wrapped && keys.open(guildId, ticketId, wrapped);
  return rows.map(({ sealed, ...row }) => ({
    ...row,
    secret:
      key &&
      (JSON.parse(unseal(key, { guildId, ticketId, row: sealedRow.attachment(row.id) }, sealed)) as AttachmentSecret),
  }));
}

/** Every file of a ticket, oldest first. */
export async function listAttachments(
  db: Db,
  keys: Keyring,
  guildId: string,
  ticketId: number,
): Promise<StoredAttachment[]> {
  const rows = await db.query<Row>(sql`
    select ${columns} from attachment where guild_id = ${guildId} and ticket_id = ${ticketId} order by id`);
  return open(db, keys, guildId, ticketId, rows);
}

/** One file of a ticket; null when the ticket has none of that id. */
export async function readAttachment(
  db: Db,
  keys: Keyring,
  guildId: string,
  input: { ticketId: number; id: string },
): Promise<StoredAttachment | null> {
  const { ticketId, id } = input;
  const rows = await db.query<Row>(sql`
    select ${columns} from attachment where guild_id = ${guildId} and ticket_id = ${ticketId} and id = ${id}::bigint`);
  return (await open(db, keys, guildId, ticketId, rows))[0] ?? null;
}

/** Writes what became of a file; what `change` does not name stays, but for the reason. */
export async function recordAttachment(
  db: Db,
  guildId: string,
  input: {
    ticketId: number;
    id: string;
    state: AttachmentState;
    reason: AttachmentReason | null;
    objectKey?: string;
    attempts?: number;
  },
): Promise<void> {
  const { ticketId, id, state, reason, objectKey = null, attempts = null } = input;
  await db.query(sql`
    update attachment
    set state = ${state}, reason = ${reason}, object_key = coalesce(${objectKey}::text, object_key),
        attempts = coalesce(${attempts}::smallint, attempts)
    where guild_id = ${guildId} and ticket_id = ${ticketId} and id = ${id}::bigint`);
}

/** Since when (ms) the newest file that is still on its way is wanted; null when none is. */
export async function readWantedSince(db: Db, guildId: string, ticketId: number): Promise<number | null> {
  const [row] = await db.query<{ at: number | null }>(sql`
    select max(created_at) as at from attachment
    where guild_id = ${guildId} and ticket_id = ${ticketId} and state = 'wanted'`);
  return row?.at ?? null;
}
