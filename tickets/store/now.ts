import { type Db, sql } from '#runtime/postgres.ts';

/** What is true of a server's tickets at this moment: what Postgres answers, and ClickHouse does not. */
export type Now = {
  open: number;
  closed: number;
  /** Of the open ones, those somebody has claimed. */
  claimed: number;
  totalEver: number;
  awaitingFirstResponse: number;
  /** Seconds since the oldest of those was opened; null when none waits. */
  oldestWaitingS: number | null;
  /** When the first ticket ever was opened (ms). */
  since: number | null;
};

type Row = Omit<Now, 'oldestWaitingS' | 'closed'> & { oldestAt: number | null };

/** A server's present, at `now` (ms). Reads open tickets only: whoever got a lifetime number and is not open is closed. */
export async function readNow(db: Db, guildId: string, now: number): Promise<Now> {
  const [row] = await db.query<Row>(sql`
    with live as (
      select claimed_by, opened_at, (facts ->> 'firstResponseAt') is null as waits
      from ticket where guild_id = ${guildId} and state = 'open' and state in ('reserved', 'channel', 'open')
    )
    select count(*) as open, count(claimed_by) as claimed, count(*) filter (where waits) as "awaitingFirstResponse",
           min(opened_at) filter (where waits) as "oldestAt",
           coalesce((select lifetime_no from guild_counter where guild_id = ${guildId}), 0) as "totalEver",
           (select opened_at from ticket where guild_id = ${guildId} and lifetime_no = 1) as since
    from live`);
  if (!row) throw new Error('an aggregate returned no row');
  const { oldestAt, ...counts } = row;
  return {
    ...counts,
    closed: row.totalEver - row.open,
    oldestWaitingS: oldestAt === null ? null : Math.max(0, Math.floor((now - oldestAt) / 1_000)),
  };
}

/** How many open tickets somebody has claimed. */
export async function readOpenClaimed(db: Db, guildId: string, userId: string): Promise<number> {
  const [row] = await db.query<{ n: number }>(sql`
    select count(*) as n from ticket
    where guild_id = ${guildId} and state = 'open' and state in ('reserved', 'channel', 'open') and claimed_by = ${userId}`);
  return row?.n ?? 0;
}

/** Names of a server's panels by id, deleted ones too: old tickets keep theirs. */
export async function readPanelNames(db: Db, guildId: string): Promise<Map<number, string>> {
  const rows = await db.query<{ id: number; name: string }>(sql`
    select id, name from panel where guild_id = ${guildId}`);
  return new Map(rows.map((row) => [row.id, row.name]));
}

/**
 * How many seconds a server's figures are behind at `now` (ms): the age of its oldest rows in the outbox, 0 when none waits. The newest of
 * the first 50 counts, for a message that was caught up with is old when it is written.
 */
export async function readLagS(db: Db, guildId: string, now: number): Promise<number> {
  const [row] = await db.query<{ at: number | null }>(sql`
    select max((row ->> 'at')::bigint) as at from (
      select row from outbox where guild_id = ${guildId} and kind = 'event' order by id limit 50
    ) as head`);
  const at = row?.at ?? null;
  return at === null ? 0 : Math.max(0, (now - at) / 1_000);
}
