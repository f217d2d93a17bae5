import { type Db, sql } from '#runtime/postgres.ts';
import type { TicketKey } from './history.ts';

/** Holds reservations whose time has passed at `now`, earliest first; those that somebody else holds are left to them. */
export function takeDue(db: Db, input: { now: number; limit: number }): Promise<TicketKey[]> {
  return db.query<TicketKey>(sql`
    select guild_id as "guildId", id as "ticketId" from ticket
    where state in ('reserved', 'channel') and next_action_at is not null and next_action_at <= ${new Date(input.now)}
    order by next_action_at limit ${input.limit} for update skip locked`);
}

/**
 * Queues the reconciler again for tickets that changed before `before` and that Discord does not look like yet, if their job
 * is gone or has given up. A job that waits (for a rate limit, say) keeps its time. Returns how many were queued.
 */
export async function requeueUnsettled(db: Db, input: { before: number; limit: number }): Promise<number> {
  const [row] = await db.query<{ count: number }>(sql`
    with lost as (
      select guild_id, id from ticket
      where settled_version < change_version and changed_at < ${new Date(input.before)}
        and not exists (
          select from graphile_worker.jobs as job
          where job.key = 'ticket:' || ticket.id and job.attempts < job.max_attempts)
      order by changed_at limit ${input.limit} for update skip locked
    ), queued as (
      select graphile_worker.add_job('ticket', json_build_object('guildId', guild_id::text, 'ticketId', id),
        queue_name => 'ticket:' || id, job_key => 'ticket:' || id, job_key_mode => 'replace')
      from lost
    )
    select count(*) as count from queued`);
  return row?.count ?? 0;
}

// More than this are looked at in the next sweep. No server has as many with channels: Discord ends at 500 channels and 1,000 active threads.
const fairAmong = 20_000;

/**
 * Open tickets whose timer is due at `now`: the first of each server, in no order among them, then the second of each, so that no server waits
 * for another's thousands.
 */
export function listDueTimers(db: Db, input: { now: number; limit: number }): Promise<TicketKey[]> {
  return db.query<TicketKey>(sql`
    with due as (
      select guild_id, id, next_action_at from ticket
      where state = 'open' and next_action_at is not null and next_action_at <= ${new Date(input.now)}
      order by next_action_at limit ${fairAmong}
    ), turns as (
      select *, row_number() over (partition by guild_id order by next_action_at, id) as turn from due
    )
    select guild_id as "guildId", id as "ticketId" from turns order by turn, random() limit ${input.limit}`);
}
