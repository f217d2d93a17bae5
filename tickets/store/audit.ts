import { type Db, sql } from '#runtime/postgres.ts';

/** Something that a person did to a server's configuration. */
export type AuditRow = { id: number; at: number; actorId: string | null; action: string; data: unknown };

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

/** The newest notes below `before` (an id), newest first. */
export function listAudit(
  db: Db,
  guildId: string,
  input: { before: number | null; limit: number },
): Promise<AuditRow[]> {
  return db.query<AuditRow>(sql`
    select id, at, actor_id as "actorId", action, data from audit
    where guild_id = ${guildId} and (${input.before}::bigint is null or id < ${input.before})
    order by id desc limit ${input.limit}`);
}
