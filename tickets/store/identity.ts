import { type Db, sql } from '#runtime/postgres.ts';

// Look-ups that come before a guild is known: who is asking, and where may they go (design.md 2).

/** A signed-in person. `data` is what the API keeps about them (name, avatar, guilds as Discord told). */
export type Session = { userId: string; data: unknown; csrf: string; createdAt: number; expiresAt: number };

/** Stores a session under the hash of its cookie. */
export async function createSession(
  db: Db,
  input: { hash: Buffer; userId: string; data: unknown; csrf: string; expiresAt: number },
): Promise<void> {
  await db.query(sql`
    insert into session (hash, user_id, data, csrf, expires_at)
    values (${input.hash}, ${input.userId}, ${JSON.stringify(input.data)}, ${input.csrf}, ${new Date(input.expiresAt)})`);
}

/** The session of a cookie's hash; null when there is none or it has expired at `now`. */
export async function readSession(db: Db, input: { hash: Buffer; now: number }): Promise<Session | null> {
  const [row] = await db.query<Session>(sql`
    select user_id as "userId", data, csrf, created_at as "createdAt", expires_at as "expiresAt"
    from session where hash = ${input.hash} and expires_at > ${new Date(input.now)}`);
  return row ?? null;
}

/** Signs out. */
export async function deleteSession(db: Db, input: { hash: Buffer }): Promise<void> {
  await db.query(sql`delete from session where hash = ${input.hash}`);
}

/** Removes sessions that expired before `now`; returns how many. */
export async function deleteExpiredSessions(db: Db, input: { now: number }): Promise<number> {
  const [row] = await db.query<{ count: number }>(sql`
    with gone as (delete from session where expires_at <= ${new Date(input.now)} returning 1)
    select count(*) as count from gone`);
  return row?.count ?? 0;
}

/** A key's holder. Only the hash of the token is stored. */
export type ApiKey = { id: number; guildId: string; name: string; scopes: string[] };

/** Stores an API key of a guild. */
export async function createApiKey(
  db: Db,
  input: { guildId: string; hash: Buffer; name: string; scopes: readonly string[]; createdBy: string | null },
): Promise<ApiKey> {
  const [row] = await db.query<ApiKey>(sql`
    insert into api_key (guild_id, hash, name, scopes, created_by)
    values (${input.guildId}, ${input.hash}, ${input.name}, ${input.scopes}::text[], ${input.createdBy})
    returning id, guild_id as "guildId", name, scopes`);
  if (!row) throw new Error('the insert of an API key returned nothing');
  return row;
}

/** The key with this hash, unless revoked. Its last use is written at most once a minute, so that reading stays reading. */
export async function readApiKey(db: Db, input: { hash: Buffer; now: number }): Promise<ApiKey | null> {
  const at = new Date(input.now);
  const [row] = await db.query<ApiKey & { isStale: boolean }>(sql`
    select id, guild_id as "guildId", name, scopes,
           last_used_at is null or last_used_at < ${at}::timestamptz - interval '1 minute' as "isStale"
    from api_key where hash = ${input.hash} and revoked_at is null`);
  if (!row) return null;
  const { isStale, ...key } = row;
  if (isStale) {
    await db.query(sql`update api_key set last_used_at = ${at} where guild_id = ${key.guildId} and id = ${key.id}`);
  }
  return key;
}

/** A guild in which a person may have a say. */
export type StaffGuild = {
  guildId: string;
  name: string;
  iconHash: string | null;
  memberCount: number;
  ownerId: string;
  /** The level that the person has by name; null when only a role could give one. */
  userLevel: 'support' | 'admin' | null;
  /** Roles that give a level: whether the person has one of them is for Discord to say. */
  roles: { roleId: string; level: 'support' | 'admin' }[];
};

/**
 * The guilds in which `userId` is the owner or staff by name, and, of `guildIds` (where Discord says they are a member),
 * those with any staff role.
 */
export function guildsWhereStaff(
  db: Db,
  input: { userId: string; guildIds: readonly string[] },
): Promise<StaffGuild[]> {
  return db.query<StaffGuild>(sql`
    with named as (
      select guild_id, min(level) as level from team_member
      where subject_id = ${input.userId} and subject_kind = 'user' group by guild_id
    ), role as (
      select guild_id, json_agg(json_build_object('roleId', subject_id::text, 'level', level)) as roles from staff
      where subject_kind = 'role' and guild_id = any(${input.guildIds}::bigint[]) group by guild_id
    )
    select guild.guild_id as "guildId", guild.name, icon_hash as "iconHash", member_count as "memberCount",
           owner_id as "ownerId", named.level as "userLevel", coalesce(role.roles, '[]') as roles
    from guild left join named using (guild_id) left join role using (guild_id)
    where left_at is null
      and (owner_id = ${input.userId} or named.guild_id is not null
           or guild_id = any(${input.guildIds}::bigint[]))
    order by guild.name, guild_id`);
}
