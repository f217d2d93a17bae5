import { type Db, sql } from '#runtime/postgres.ts';

/** An API key as its server's admins see it. The token itself is known to its holder alone. */
export type ListedKey = {
  id: number;
  name: string;
  scopes: string[];
  /** Null: made on the command line. */
  createdBy: string | null;
  createdAt: number;
  /** To the minute; null when it never was used. */
  lastUsedAt: number | null;
  revokedAt: number | null;
};

const columns = sql`id, name, scopes, created_by as "createdBy", created_at as "createdAt", last_used_at as "lastUsedAt",
  revoked_at as "revokedAt"`;

/** A server's keys, oldest first, those that were revoked among them. */
export function listApiKeys(db: Db, guildId: string): Promise<ListedKey[]> {
  return db.query<ListedKey>(sql`select ${columns} from api_key where guild_id = ${guildId} order by id`);
}

/** Takes a key its rights from now on; null when the server has no such key. One that was revoked keeps its time. */
export async function revokeApiKey(
  db: Db,
  guildId: string,
  input: { keyId: number; at: number },
): Promise<ListedKey | null> {
  const [row] = await db.query<ListedKey>(sql`
    update api_key set revoked_at = coalesce(revoked_at, ${new Date(input.at)})
    where guild_id = ${guildId} and id = ${input.keyId} returning ${columns}`);
  return row ?? null;
}
