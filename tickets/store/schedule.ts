import { type Db, sql } from '#runtime/postgres.ts';
import type { Hours, Schedule, ScheduleVersion } from '../schedule.ts';

const columns = sql`
  schedule.id, schedule.name, schedule.version, schedule.deleted_at as "deletedAt",
  coalesce((
    select jsonb_agg(jsonb_build_object(
      'validFrom', (extract(epoch from valid_from) * 1000)::bigint, 'timeZone', time_zone, 'hours', hours,
      'holidays', holidays) order by valid_from)
    from schedule_version as one
    where one.guild_id = schedule.guild_id and one.schedule_id = schedule.id), '[]') as versions`;

/** The office hours that a new ticket is counted in; null when there is no such schedule, or it was deleted. */
export async function scheduleInForce(
  db: Db,
  guildId: string,
  input: { scheduleId: number },
): Promise<{ scheduleId: number; versions: ScheduleVersion[] } | null> {
  const schedule = await readSchedule(db, guildId, input.scheduleId);
  return schedule && schedule.deletedAt === null
    ? { scheduleId: input.scheduleId, versions: [...schedule.versions] }
    : null;
}

/** A server's schedules by name, without deleted ones. `scheduleLimit` bounds them. */
export function listSchedules(db: Db, guildId: string): Promise<Schedule[]> {
  return db.query<Schedule>(sql`
    select ${columns} from schedule where guild_id = ${guildId} and deleted_at is null order by lower(name), id`);
}

/** A schedule, a deleted one too: tickets that were opened under it are still counted by it. */
export async function readSchedule(db: Db, guildId: string, scheduleId: number): Promise<Schedule | null> {
  const [row] = await db.query<Schedule>(sql`
    select ${columns} from schedule where guild_id = ${guildId} and id = ${scheduleId}`);
  return row ?? null;
}

/** Makes a schedule without hours; null when one of this name is there. */
export async function insertSchedule(db: Db, guildId: string, input: { name: string }): Promise<number | null> {
  const [row] = await db.query<{ id: number }>(sql`
    insert into schedule (guild_id, name) values (${guildId}, ${input.name})
    on conflict (guild_id, lower(name)) where deleted_at is null do nothing returning id`);
  return row?.id ?? null;
}

/** Raises a schedule's version and writes its name; false when there is none of this version. Throws 23505 when the name is taken. */
export async function updateSchedule(
  db: Db,
  guildId: string,
  input: { scheduleId: number; name: string; ifVersion: number },
): Promise<boolean> {
  const rows = await db.query(sql`
    update schedule set name = ${input.name}, version = version + 1
    where guild_id = ${guildId} and id = ${input.scheduleId} and version = ${input.ifVersion} and deleted_at is null
    returning id`);
  return rows.length > 0;
}

/** Writes what a schedule says from a moment on; what was to begin at that very moment is replaced. */
export async function writeScheduleVersion(
  db: Db,
  guildId: string,
  input: Hours & { scheduleId: number; validFrom: number },
): Promise<void> {
  await db.query(sql`
    insert into schedule_version (guild_id, schedule_id, valid_from, time_zone, hours, holidays)
    values (${guildId}, ${input.scheduleId}, ${new Date(input.validFrom)}, ${input.timeZone},
            ${JSON.stringify(input.hours)}, ${JSON.stringify(input.holidays)})
    on conflict (guild_id, schedule_id, valid_from) do update
    set time_zone = excluded.time_zone, hours = excluded.hours, holidays = excluded.holidays`);
}

/** Marks a schedule as deleted: nothing new is counted by it. False when it was before, or never there. */
export async function markScheduleDeleted(
  db: Db,
  guildId: string,
  input: { scheduleId: number; at: number },
): Promise<boolean> {
  const rows = await db.query(sql`
    update schedule set deleted_at = ${new Date(input.at)}, version = version + 1
    where guild_id = ${guildId} and id = ${input.scheduleId} and deleted_at is null
    returning id`);
  return rows.length > 0;
}

/** What names a schedule: how many panels, and whether the server's setting does. */
export async function usesOfSchedule(
  db: Db,
  guildId: string,
  scheduleId: number,
): Promise<{ panels: string[]; isServers: boolean }> {
  const [row] = await db.query<{ panels: string[]; isServers: boolean }>(sql`
    select array(select name from panel where guild_id = ${guildId} and schedule_id = ${scheduleId} and deleted_at is null
                 order by id) as panels,
           exists(select from guild where guild_id = ${guildId} and settings ->> 'schedule' = ${String(scheduleId)}) as "isServers"`);
  return row ?? { panels: [], isServers: false };
}
