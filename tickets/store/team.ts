import { type Db, sql } from '#runtime/postgres.ts';
import type { Team } from '../team.ts';

const columns = sql`
  id, name, is_default as "isDefault", version,
  coalesce((select json_agg(json_build_object('id', panel.id, 'name', panel.name) order by panel.id)
    from panel_team join panel on panel.guild_id = panel_team.guild_id and panel.id = panel_team.panel_id
    where panel_team.guild_id = team.guild_id and panel_team.team_id = team.id and panel.deleted_at is null), '[]') as panels`;

/** A server's teams, oldest first, with their panels. */
export function listManagedTeams(db: Db, guildId: string): Promise<Team[]> {
  return db.query<Team>(sql`select ${columns} from team where guild_id = ${guildId} order by id`);
}

/** A team; null when the server has none with this id. */
export async function readTeam(db: Db, guildId: string, teamId: number): Promise<Team | null> {
  const [row] = await db.query<Team>(sql`select ${columns} from team where guild_id = ${guildId} and id = ${teamId}`);
  return row ?? null;
}

/** Stores a team; returns its id. */
export async function insertTeam(db: Db, guildId: string, input: { name: string }): Promise<number> {
  const [row] = await db.query<{ id: number }>(
    sql`insert into team (guild_id, name) values (${guildId}, ${input.name}) returning id`,
  );
  if (!row) throw new Error('the insert of a team returned nothing');
  return row.id;
}

/** Writes a team's name and raises its version. */
export async function updateTeam(db: Db, guildId: string, input: { teamId: number; name: string }): Promise<void> {
  await db.query(sql`
    update team set name = ${input.name}, version = version + 1 where guild_id = ${guildId} and id = ${input.teamId}`);
}

/** Holds a team's row until the transaction ends, so that nothing new can belong to it. */
export async function lockTeam(db: Db, guildId: string, input: { teamId: number }): Promise<void> {
  await db.query(sql`select from team where guild_id = ${guildId} and id = ${input.teamId} for update`);
}

/** Removes a team with its members; the Default team stays. */
export async function removeTeam(db: Db, guildId: string, input: { teamId: number }): Promise<void> {
  await db.query(sql`delete from team where guild_id = ${guildId} and id = ${input.teamId} and not is_default`);
}

/** How many open tickets a team works on. */
export async function countTicketsOfTeam(db: Db, guildId: string, teamId: number): Promise<number> {
  const [row] = await db.query<{ count: number }>(sql`
    select count(*) as count from ticket
    where guild_id = ${guildId} and state in ('reserved', 'channel', 'open') and ${teamId} = any(team_ids)`);
  return row?.count ?? 0;
}
