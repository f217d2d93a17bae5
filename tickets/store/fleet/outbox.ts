import { type Db, sql } from '#runtime/postgres.ts';

/** A row on its way to ClickHouse. */
export type OutboxRow = { id: number; kind: 'event' | 'ticket'; guildId: string; ticketId: number; row: unknown };
/** A row not yet in the outbox. */
export type NewOutboxRow = Omit<OutboxRow, 'id'>;

/** Appends rows; part of the transaction that made them true. */
export async function appendOutbox(db: Db, rows: readonly NewOutboxRow[]): Promise<void> {
  if (rows.length === 0) return;
  await db.query(sql`
    insert into outbox (kind, guild_id, ticket_id, row)
    select * from unnest(
      ${rows.map((row) => row.kind)}::text[], ${rows.map((row) => row.guildId)}::bigint[],
      ${rows.map((row) => row.ticketId)}::bigint[], ${rows.map((row) => JSON.stringify(row.row))}::json[])`);
}

/** The lowest `limit` rows. Nothing is compared with a last id, so a transaction that commits late is not skipped. */
export function takeOutbox(db: Db, limit: number): Promise<OutboxRow[]> {
  return db.query<OutboxRow>(sql`
    select id, kind, guild_id as "guildId", ticket_id as "ticketId", row from outbox order by id limit ${limit}`);
}

/** Deletes rows that were handled. */
export async function deleteOutbox(db: Db, ids: readonly number[]): Promise<void> {
  await db.query(sql`delete from outbox where id = any(${ids}::bigint[])`);
}

/** How many rows wait. Counts, so it is for a gauge every few seconds, not for a request. */
export async function outboxDepth(db: Db): Promise<number> {
  const [row] = await db.query<{ depth: number }>(sql`select count(*) as depth from outbox`);
  return row?.depth ?? 0;
}

/** How many of these rows still wait; `verify` asks until none does. */
export async function countWaiting(db: Db, ids: readonly number[]): Promise<number> {
  const [row] = await db.query<{ left: number }>(
    sql`select count(*) as left from outbox where id = any(${ids}::bigint[])`,
  );
  return row?.left ?? 0;
}
