import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Actor } from '../permission.ts';
import { markScheduleDeleted, readSchedule, usesOfSchedule } from '../store/schedule.ts';
import { configure, mustBeVersion } from './configure.ts';

/**
 * Deletes office hours that nothing names any more; tickets that were opened under them go on being counted by them.
 * @throws AppError schedule.unknown, schedule.stale, schedule.in-use {places}, permission.admin, guild.unknown
 */
export function deleteSchedule(
  ctx: Ctx,
  guildId: string,
  input: { by: Actor; scheduleId: number; ifVersion?: number },
): Promise<void> {
  const { by, scheduleId } = input;
  return configure(ctx, guildId, { by, action: 'guild.settings' }, async ({ db, audit }) => {
    const before = await readSchedule(db, guildId, scheduleId);
    if (!before || before.deletedAt !== null) throw new AppError('schedule.unknown');
    mustBeVersion('schedule.stale', before.version, input.ifVersion);
    const { panels, isServers } = await usesOfSchedule(db, guildId, scheduleId);
    const places = [...(isServers ? ['/settings hours'] : []), ...panels];
    if (places.length > 0) throw new AppError('schedule.in-use', { places: places.slice(0, 10).join(', ') });
    await markScheduleDeleted(db, guildId, { scheduleId, at: ctx.now() });
    await audit('schedule.deleted', { scheduleId, name: before.name });
  });
}
