import { type Db, sql } from '#runtime/postgres.ts';

/** Notes who changed what; part of the transaction that changed it. */
export async function writeAudit(
  db: Db,
  guildId: string,
  input: { at: number; actorId: string | null; action: string; data: unknown },
): Promise<void> {
  await db.query(sql`
    insert into audit (guild_id, at, actor_id, action, data)
    values (${guildId}, ${new Date(input.at)}, ${input.actorId}, ${input.action}, ${JSON.stringify(input.data)})`);
}
