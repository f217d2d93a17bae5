import { type Db, sql } from '#runtime/postgres.ts';

/** What is told over Postgres' NOTIFY: ticket lists moved, figures moved. */
export type Channel = 'docket_tickets' | 'docket_figures';

// Postgres refuses a payload of 8,000 bytes or more.
const maxPayloadBytes = 7_999;

/** Tells listeners which guilds moved: a JSON array of their ids, or `all` when that would be too long. */
export async function notify(db: Db, channel: Channel, guildIds: Iterable<string>): Promise<void> {
  const ids = [...new Set(guildIds)];
  if (ids.length === 0) return;
  const list = JSON.stringify(ids);
  await db.query(sql`select pg_notify(${channel}, ${list.length > maxPayloadBytes ? 'all' : list})`);
}
