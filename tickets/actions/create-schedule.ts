import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Actor } from '../permission.ts';
import type { Hours, Schedule } from '../schedule.ts';
import { checkHours, maxScheduleName, scheduleLimit } from '../schedule-bounds.ts';
import { insertSchedule, listSchedules, writeScheduleVersion } from '../store/schedule.ts';
import { oneLine } from '../text.ts';
import { configure } from './configure.ts';

/**
 * Makes office hours. Nothing is counted by them until the server's setting or a panel names them.
 * @throws AppError schedule.present {name}, schedule.limit {limit}, input.invalid {field, fix}, permission.admin, guild.unknown
 */
export function createSchedule(
  ctx: Ctx,
  guildId: string,
  input: Hours & { by: Actor; name: string },
): Promise<Schedule> {
  const { by, timeZone, hours, holidays } = input;
  const name = oneLine(input.name, { field: 'name', max: maxScheduleName });
  const said = { timeZone, hours, holidays };
  checkHours(said);
  return configure(ctx, guildId, { by, action: 'guild.settings' }, async ({ db, audit }) => {
    if ((await listSchedules(db, guildId)).length >= scheduleLimit)
      throw new AppError('schedule.limit', { limit: scheduleLimit });
    const id = await insertSchedule(db, guildId, { name });
    if (id === null) throw new AppError('schedule.present', { name });
    const version = { ...said, validFrom: ctx.now() };
    await writeScheduleVersion(db, guildId, { scheduleId: id, ...version });
    await audit('schedule.created', { scheduleId: id, name, ...said });
    return { id, name, version: 1, deletedAt: null, versions: [version] };
  });
}
