import { type Db, sql } from '#runtime/postgres.ts';
import type { TicketKey } from './history.ts';

/** A file of a message, ready to be wanted. */
export type NewAttachment = TicketKey & {
  messageId: string;
  id: string;
  sealed: Buffer;
  sizeBytes: number;
  contentType: string | null;
};

/**
 * Notes files to be kept, of whichever servers, and queues one job for each ticket that has new ones: part of the transaction that stores their
 * messages. Files that are known already change nothing.
 */
export async function insertAttachments(db: Db, files: readonly NewAttachment[]): Promise<void> {
  if (files.length === 0) return;
  const fresh = await db.query<TicketKey>(sql`
    with fresh as (
      insert into attachment (guild_id, ticket_id, message_id, id, sealed, size_bytes, content_type)
      select * from unnest(
        ${files.map((one) => one.guildId)}::bigint[], ${files.map((one) => one.ticketId)}::bigint[],
        ${files.map((one) => one.messageId)}::bigint[], ${files.map((one) => one.id)}::bigint[],
        ${files.map((one) => one.sealed)}::bytea[], ${files.map((one) => one.sizeBytes)}::bigint[],
        ${files.map((one) => one.contentType)}::text[])
      on conflict do nothing
      returning guild_id, ticket_id
    )
    select distinct guild_id as "guildId", ticket_id as "ticketId" from fresh order by ticket_id`);
  await addAttachmentJobs(db, fresh);
}

/** Queues the keeping of files for tickets: one job each, which works on whatever is wanted when it runs. */
async function addAttachmentJobs(db: Db, tickets: readonly TicketKey[]): Promise<void> {
  if (tickets.length === 0) return;
  for (;;) {
    const jobs = await db.query(sql`
      select from graphile_worker.add_jobs(array(
        select row('attachments', json_build_object('guildId', guild_id::text, 'ticketId', ticket_id), 'attachments:' || ticket_id,
                   null, null, 'attachments:' || ticket_id, null, null)::graphile_worker.job_spec
        from unnest(${tickets.map((one) => one.guildId)}::bigint[], ${tickets.map((one) => one.ticketId)}::bigint[])
          as wanted (guild_id, ticket_id)))`);
    if (jobs.length === tickets.length) return; // else a worker took one at this moment (see ../job.ts)
  }
}
