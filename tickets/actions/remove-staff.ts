import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Actor, Staff } from '../permission.ts';
import { writeAudit } from '../store/audit.ts';
import { dropStaff, listStaff, readDefaultTeamId } from '../store/staff.ts';
import { mustMay, readInForce } from './commit.ts';

/**
 * Takes a person or a role out of a team (the Default team unless named); returns the server's staff. What they did stays
 * counted as it was.
 * @throws AppError staff.absent, team.unknown, permission.admin, guild.unknown
 */
export function removeStaff(
  ctx: Ctx,
  guildId: string,
  input: { by: Actor; teamId?: number; subjectId: string },
): Promise<Staff[]> {
  const { by, subjectId } = input;
  return ctx.db.transaction(async (db) => {
    mustMay(by, 'guild.staff', await readInForce(db, guildId));
    const teamId = input.teamId ?? (await readDefaultTeamId(db, guildId));
    if (teamId === null) throw new AppError('team.unknown');
    if (!(await dropStaff(db, guildId, { teamId, subjectId }))) throw new AppError('staff.absent', { subjectId });
    await writeAudit(db, guildId, {
      at: ctx.now(),
      actorId: by.id,
      action: 'staff.removed',
      data: { teamId, subjectId },
    });
    return listStaff(db, guildId);
  });
}
