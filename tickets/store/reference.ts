import { type Db, sql } from '#runtime/postgres.ts';

/** Whether a server has this panel or schedule, and has not deleted it. */
export async function isReferable(
  db: Db,
  guildId: string,
  input: { to: 'panel' | 'schedule'; id: number },
): Promise<boolean> {
  const { id } = input;
  const rows =
    input.to === 'panel'
      ? await db.query(sql`select id from panel where guild_id = ${guildId} and id = ${id} and deleted_at is null`)
      : await db.query(sql`select id from schedule where guild_id = ${guildId} and id = ${id} and deleted_at is null`);
  return rows.length > 0;
}

/** What a server can name: its panels or its schedules, with those that were deleted if asked for. */
export function listReferable(
  db: Db,
  guildId: string,
  input: { to: 'panel' | 'schedule' },
): Promise<{ id: number; name: string; isDeleted: boolean }[]> {
  return input.to === 'panel'
    ? db.query(sql`
        select id, name, deleted_at is not null as "isDeleted" from panel where guild_id = ${guildId} order by id`)
    : db.query(sql`
        select id, name, deleted_at is not null as "isDeleted" from schedule where guild_id = ${guildId} order by id`);
}
