import { type Db, sql } from '#runtime/postgres.ts';
import { type OfficeClock, secondsBetween } from '../../facts.ts';
import { officeSeconds, type ScheduleVersion } from '../../schedule.ts';

/** What of a ticket its office hours depend on. */
export type Scheduled = { readonly guildId: string; readonly scheduleId: number | null };

/**
 * The clocks of many tickets: each counts by the schedule that its ticket was opened under, a deleted one too, or by the calendar. One statement for
 * all of them, none when no ticket has a schedule.
 */
export async function clocksOf(db: Db, tickets: readonly Scheduled[]): Promise<(ticket: Scheduled) => OfficeClock> {
  const wanted = new Map(
    tickets.flatMap(({ guildId, scheduleId }) => (scheduleId === null ? [] : [[scheduleId, guildId] as const])),
  );
  if (wanted.size === 0) return () => secondsBetween;
  const rows = await db.query<ScheduleVersion & Scheduled>(sql`
    select guild_id as "guildId", schedule_id as "scheduleId", valid_from as "validFrom", time_zone as "timeZone",
           hours, holidays
    from schedule_version
    join unnest(${[...wanted.values()]}::bigint[], ${[...wanted.keys()]}::bigint[]) as wanted (guild_id, schedule_id)
      using (guild_id, schedule_id)
    order by valid_from`);
  const clocks = new Map(
    [...Map.groupBy(rows, (row) => row.scheduleId)].map(([scheduleId, versions]) => [
      scheduleId,
      officeSeconds(versions),
    ]),
  );
  return ({ scheduleId }) => clocks.get(scheduleId) ?? secondsBetween;
}
