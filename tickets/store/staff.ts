import { type Db, sql } from '#runtime/postgres.ts';
import type { Staff } from '../permission.ts';

const columns = sql`
  team_id as "teamId", subject_id as "subjectId", subject_kind as "subjectKind", level`;

/** Everybody who is staff of a server, by name or by role; roles of the setting supportRoles among them (the view `staff`). */
export function listStaff(db: Db, guildId: string): Promise<Staff[]> {
  return db.query<Staff>(sql`
    select ${columns} from staff where guild_id = ${guildId} order by team_id, subject_id`);
}

/** The team that /addadmin and /addsupport fill. */
export async function readDefaultTeamId(db: Db, guildId: string): Promise<number | null> {
  const [row] = await db.query<{ id: number }>(sql`select id from team where guild_id = ${guildId} and is_default`);
  return row?.id ?? null;
}

/** A server's teams. */
export function listTeams(db: Db, guildId: string): Promise<{ id: number; name: string; isDefault: boolean }[]> {
  return db.query(sql`
    select id, name, is_default as "isDefault" from team where guild_id = ${guildId} order by id`);
}

/** Puts somebody into a team at a level; false when they were there at that level, or the server has no such team. */
export async function putStaff(db: Db, guildId: string, input: Staff & { addedBy: string }): Promise<boolean> {
  const rows = await db.query<Staff>(sql`
    insert into team_member (guild_id, team_id, subject_id, subject_kind, level, added_by)
    select ${guildId}, id, ${input.subjectId}, ${input.subjectKind}, ${input.level}, ${input.addedBy}
    from team where guild_id = ${guildId} and id = ${input.teamId}
    on conflict (guild_id, team_id, subject_id) do update set level = excluded.level, added_by = excluded.added_by
      where team_member.level <> excluded.level
    returning ${columns}`);
  return rows.length > 0;
}

/** Takes somebody out of a team; false when they were not in it, or not at the level that is named. */
export async function dropStaff(
  db: Db,
  guildId: string,
  input: { teamId: number; subjectId: string; level?: Staff['level'] },
): Promise<boolean> {
  const rows = await db.query<Staff>(sql`
    delete from team_member
    where guild_id = ${guildId} and team_id = ${input.teamId} and subject_id = ${input.subjectId}
      and level = coalesce(${input.level ?? null}, level)
    returning ${columns}`);
  return rows.length > 0;
}
