import { type Db, sql } from '#runtime/postgres.ts';

/** The role in Discord that marks who of a team is on call. */
export type OnCall = { teamId: number; roleId: string };

/** The on-call roles of a server's teams. */
export function listOnCall(db: Db, guildId: string): Promise<OnCall[]> {
  return db.query<OnCall>(sql`
    select team_id as "teamId", role_id as "roleId" from on_call where guild_id = ${guildId} order by team_id`);
}

/**
 * Stores a team's role, if it still has `instead` (null: none). False when somebody was faster: then theirs counts. Whoever is
 * of no team of this server changes nothing.
 */
export async function putOnCall(db: Db, guildId: string, input: OnCall & { instead: string | null }): Promise<boolean> {
  const rows = await db.query<{ id: string }>(sql`
    insert into on_call (guild_id, team_id, role_id)
    select guild_id, id, ${input.roleId} from team where guild_id = ${guildId} and id = ${input.teamId} for key share
    on conflict (guild_id, team_id) do update set role_id = excluded.role_id
      where on_call.role_id = ${input.instead}
    returning role_id as id`);
  return rows.length > 0;
}

/** Takes a team's role from it, whose row the caller holds; answers the role, null when it had none. */
export async function takeOnCall(db: Db, guildId: string, input: { teamId: number }): Promise<string | null> {
  const [row] = await db.query<{ id: string }>(sql`
    delete from on_call where guild_id = ${guildId} and team_id = ${input.teamId} returning role_id as id`);
  return row?.id ?? null;
}
