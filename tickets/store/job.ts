import { type Db, type Sql, sql } from '#runtime/postgres.ts';

// One key and one queue per thing: a change during a run adds a second job (a running one cannot be replaced), and the queue
// makes it wait its turn instead of running beside the first.

/**
 * Runs add_job until it has added a job.
 *
 * TRICKY: the library's add_job (0.18.0) first takes the key from a job that runs, then inserts, or replaces one that waits. A job that a
 * worker takes between these two steps it neither replaces nor lets go: it answers nothing, and the change would be forgotten. A second call
 * sees that job run.
 */
async function add(db: Db, statement: Sql): Promise<void> {
  for (;;) {
    const [job] = await db.query<{ id: number | null }>(statement);
    if (job?.id !== null) return; // no row at all: nothing was to be added
  }
}

/** The queue's number for what nobody waits for: after everything else (0), however long it has been there. */
export const bulkPriority = 10;

/** Queues the reconciler for a ticket; part of the transaction that changed it. */
export async function addTicketJob(
  db: Db,
  guildId: string,
  ticketId: number,
  o: { isBulk: boolean } = { isBulk: false },
): Promise<void> {
  const key = `ticket:${ticketId}`;
  await add(
    db,
    sql`
    select id from graphile_worker.add_job('ticket', ${JSON.stringify({ guildId, ticketId })}::json,
      queue_name => ${key}, job_key => ${key}, job_key_mode => 'replace', priority => ${o.isBulk ? bulkPriority : 0})`,
  );
}

/** Queues the reconciler for a ticket that may look otherwise now, though it did not change itself; it moves back no job that somebody waits for. */
export async function addReviewJob(db: Db, guildId: string, ticketId: number): Promise<void> {
  const key = `ticket:${ticketId}`;
  await add(
    db,
    sql`
    select id from graphile_worker.add_job('ticket', ${JSON.stringify({ guildId, ticketId })}::json,
      queue_name => ${key}, job_key => ${key}, job_key_mode => 'replace', priority => least(${bulkPriority}::integer,
        (select priority from graphile_worker.jobs where key = ${key} and locked_at is null)))`,
  );
}

/** Queues the reconciler for a panel message. */
export async function addPanelJob(db: Db, guildId: string, panelMessageId: number): Promise<void> {
  const key = `panel:${panelMessageId}`;
  await add(
    db,
    sql`
    select id from graphile_worker.add_job('panel', ${JSON.stringify({ guildId, panelMessageId })}::json,
      queue_name => ${key}, job_key => ${key}, job_key_mode => 'replace')`,
  );
}

/** Queues the keeping of a ticket's files, if it has any that may have to be kept or taken away. */
export async function addAttachmentJob(db: Db, guildId: string, ticketId: number): Promise<void> {
  const key = `attachments:${ticketId}`;
  await add(
    db,
    sql`
    select id from graphile_worker.add_job('attachments', ${JSON.stringify({ guildId, ticketId })}::json,
      queue_name => ${key}, job_key => ${key}, job_key_mode => 'replace')
    where exists (
      select from attachment where guild_id = ${guildId} and ticket_id = ${ticketId} and state in ('wanted', 'stored'))`,
  );
}

/**
 * Queues the server's log channels, if something waits for them; what happens within `afterMs` goes together. No part of the transactions
 * that change tickets: those of one server would wait for each other at the job's row.
 */
export async function addLogJob(db: Db, guildId: string, input: { afterMs: number }): Promise<void> {
  const key = `log:${guildId}`;
  await add(
    db,
    sql`
    select id from graphile_worker.add_job('log', ${JSON.stringify({ guildId })}::json,
      queue_name => ${key}, job_key => ${key}, job_key_mode => 'preserve_run_at',
      run_at => now() + ${input.afterMs} * interval '1 millisecond')
    where exists (select from log_post where guild_id = ${guildId})`,
  );
}

/** Queues the reckoning of a server's timers anew; part of the transaction that changed what they depend on. */
export async function addTimersJob(db: Db, guildId: string): Promise<void> {
  const key = `timers:${guildId}`;
  await add(
    db,
    sql`
    select id from graphile_worker.add_job('timers', ${JSON.stringify({ guildId })}::json,
      queue_name => ${key}, job_key => ${key}, job_key_mode => 'replace')`,
  );
}

/**
 * Queues a look at who sees a server's open tickets, if it has any; part of the transaction that changed what that depends on.
 * A ticket that opens meanwhile is made with what it reads then.
 */
export async function addAccessJob(db: Db, guildId: string): Promise<void> {
  const key = `access:${guildId}`;
  await add(
    db,
    sql`
    select id from graphile_worker.add_job('access', ${JSON.stringify({ guildId })}::json,
      job_key => ${key}, job_key_mode => 'replace', priority => ${bulkPriority}::integer)
    where exists (select from ticket where guild_id = ${guildId} and state = 'open')`,
  );
}

/** What Docket says in a channel for a while, to somebody whose message there opened a ticket, or did not. */
export type ShortNotice = {
  channelId: string;
  /** The message that it answers. */
  messageId: string;
  authorId: string;
  /** The ticket, or why there is none: an error code with its context. */
  ticketChannelId: string | null;
  problem: { code: string; context: Record<string, string | number | boolean | null> } | null;
  /** Whether the message goes, because it stands in the ticket. */
  takesMessage: boolean;
};

/** Queues a short notice; once for a message. */
export async function addNoticeJob(db: Db, guildId: string, input: ShortNotice): Promise<void> {
  const key = `notice:${input.messageId}`;
  await add(
    db,
    sql`
    select id from graphile_worker.add_job('notice', ${JSON.stringify({ guildId, ...input })}::json,
      job_key => ${key}, job_key_mode => 'replace')`,
  );
}

/** Queues the deletion of a message that was to be read for a while only. */
export async function addTakeAwayJob(
  db: Db,
  guildId: string,
  input: { channelId: string; messageId: string; afterMs: number },
): Promise<void> {
  const key = `take-away:${input.messageId}`;
  const { channelId, messageId } = input;
  await add(
    db,
    sql`
    select id from graphile_worker.add_job('take-away', ${JSON.stringify({ guildId, channelId, messageId })}::json,
      job_key => ${key}, job_key_mode => 'replace', run_at => now() + ${input.afterMs} * interval '1 millisecond')`,
  );
}

/** Queues the deletion of an on-call role that no team has any more; with `userId` it is only taken from that member. */
export async function addRoleAwayJob(
  db: Db,
  guildId: string,
  input: { roleId: string; userId: string | null },
): Promise<void> {
  const { roleId, userId } = input;
  const key = `role-away:${roleId}${userId === null ? '' : `:${userId}`}`;
  await add(
    db,
    sql`
    select id from graphile_worker.add_job('role-away', ${JSON.stringify({ guildId, roleId, userId })}::json,
      job_key => ${key}, job_key_mode => 'replace')`,
  );
}

/** Queues the next batch of a bulk closing. */
export async function addBulkCloseJob(db: Db, guildId: string, bulkId: number): Promise<void> {
  const key = `bulk-close:${bulkId}`;
  await add(
    db,
    sql`
    select id from graphile_worker.add_job('bulk-close', ${JSON.stringify({ guildId, bulkId })}::json,
      queue_name => ${key}, job_key => ${key}, job_key_mode => 'replace')`,
  );
}
