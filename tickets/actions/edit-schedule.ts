import { invalid } from '../bounds.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Actor } from '../permission.ts';
import { type Hours, type Schedule, versionAt } from '../schedule.ts';
import { checkHours, maxScheduleName, maxVersions } from '../schedule-bounds.ts';
import { listSchedules, readSchedule, updateSchedule, writeScheduleVersion } from '../store/schedule.ts';
import { oneLine } from '../text.ts';
import { configure, differences, mustBeVersion } from './configure.ts';

const minuteMs = 60_000;
/** What a schedule can be planned ahead. */
const aheadMs = 366 * 86_400_000;

/**
 * The earliest moment that a change can hold from: a full minute, at least one away. What happened until then was counted by what held
 * before, and no message that is on its way now is counted by one version at first and by another when it is counted again.
 */
export const earliestChange = (now: number): number => Math.ceil(now / minuteMs) * minuteMs + minuteMs;

/**
 * Changes office hours from a moment on (ms; null: as soon as possible); before it they stay what they were, so that old figures never change.
 * What was planned for later stays planned; what was planned for the same moment is replaced. A name changes at once.
 * @throws AppError schedule.unknown, schedule.stale, schedule.present {name}, input.invalid {field, fix}, permission.admin, guild.unknown
 */
export function editSchedule(
  ctx: Ctx,
  guildId: string,
  input: {
    by: Actor;
    scheduleId: number;
    patch: Partial<Hours & { name: string }>;
    from: number | null;
    ifVersion?: number;
  },
): Promise<Schedule> {
  const { by, scheduleId, patch } = input;
  const { name: given, ...said } = patch;
  const name = given === undefined ? undefined : oneLine(given, { field: 'name', max: maxScheduleName });
  checkHours(said);
  return configure(ctx, guildId, { by, action: 'guild.settings' }, async ({ db, audit }) => {
    const before = await readSchedule(db, guildId, scheduleId);
    if (!before || before.deletedAt !== null) throw new AppError('schedule.unknown');
    mustBeVersion('schedule.stale', before.version, input.ifVersion);
    const earliest = earliestChange(ctx.now());
    const validFrom = input.from ?? earliest;
    if (validFrom < earliest || validFrom > earliest + aheadMs)
      throw invalid('from', 'a moment between two minutes and a year from now');
    const held = versionAt(before.versions, validFrom);
    const base: Hours = { timeZone: held.timeZone, hours: held.hours, holidays: held.holidays };
    const hours = differences(base, said);
    const renamed = name !== undefined && name !== before.name ? name : null;
    if (!hours && renamed === null) return before;
    if (renamed !== null) {
      const others = (await listSchedules(db, guildId)).filter((one) => one.id !== scheduleId);
      if (others.some((one) => one.name.toLowerCase() === renamed.toLowerCase()))
        throw new AppError('schedule.present', { name: renamed });
    }
    await updateSchedule(db, guildId, { scheduleId, name: renamed ?? before.name, ifVersion: before.version });
    if (hours) {
      if (before.versions.length >= maxVersions) throw invalid('from', 'fewer changes: make new office hours instead');
      await writeScheduleVersion(db, guildId, { ...base, ...hours.after, scheduleId, validFrom });
    }
    await audit('schedule.changed', {
      scheduleId,
      ...(hours && { from: new Date(validFrom).toISOString() }),
      before: { ...hours?.before, ...(renamed !== null && { name: before.name }) },
      after: { ...hours?.after, ...(renamed !== null && { name: renamed }) },
    });
    const after = await readSchedule(db, guildId, scheduleId);
    if (!after) throw new Error(`schedule ${scheduleId} vanished under its server's lock`);
    return after;
  });
}
