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
