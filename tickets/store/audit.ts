import { type Db, sql } from '#runtime/postgres.ts';

/** Who changed what, as it was written with the change. */
export type AuditEntry = {
  id: number;
  at: number;
  /** Null: whoever runs the installation. */
  actorId: string | null;
  action: string;
  data: unknown;
};

const columns = sql`id, at, actor_id as "actorId", action, data`;

/** Notes who changed what; part of the transaction that changed it. Returns the entry's id. */
export async function writeAudit(
  db: Db,
  guildId: string,
  input: { at: number; actorId: string | null; action: string; data: unknown },
): Promise<number> {
  const [row] = await db.query<{ id: number }>(sql`
    insert into audit (guild_id, at, actor_id, action, data)
    values (${guildId}, ${new Date(input.at)}, ${input.actorId}, ${input.action}, ${JSON.stringify(input.data)})
    returning id`);
  if (!row) throw new Error('an insert returned nothing');
  return row.id;
}

/** A server's changes, newest first, from before an id on. */
export function listAudit(
  db: Db,
  guildId: string,
  input: { before: number | null; limit: number },
): Promise<AuditEntry[]> {
  return db.query<AuditEntry>(sql`
    select ${columns} from audit
    where guild_id = ${guildId} and id < coalesce(${input.before}::bigint, 9223372036854775807)
    order by id desc limit ${input.limit}`);
}

/** One change; null when the server has none with this id. */
export async function readAudit(db: Db, guildId: string, auditId: number): Promise<AuditEntry | null> {
  const [row] = await db.query<AuditEntry>(
    sql`select ${columns} from audit where guild_id = ${guildId} and id = ${auditId}`,
  );
  return row ?? null;
}
