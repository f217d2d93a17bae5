import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Actor, Staff } from '../permission.ts';
import { writeAudit } from '../store/audit.ts';
import { addAccessJob } from '../store/job.ts';
import { listStaff, putStaff, readDefaultTeamId } from '../store/staff.ts';
import { mustMay, readInForce } from './commit.ts';

/** Whom to put where. Without a team: the Default team. */
export type StaffInput = Pick<Staff, 'subjectId' | 'subjectKind' | 'level'> & { by: Actor; teamId?: number };

/**
 * Makes a person or a role staff, or changes their level; returns the server's staff.
 * @throws AppError staff.present, team.unknown, permission.admin, guild.unknown
 */
export function addStaff(ctx: Ctx, guildId: string, input: StaffInput): Promise<Staff[]> {
  const { by, subjectId, subjectKind, level } = input;
  return ctx.db.transaction(async (db) => {
    mustMay(by, 'guild.staff', await readInForce(db, guildId));
    const teamId = input.teamId ?? (await readDefaultTeamId(db, guildId));
    if (teamId === null) throw new AppError('team.unknown');
    const row = { teamId, subjectId, subjectKind, level };
    if (!(await putStaff(db, guildId, { ...row, addedBy: by.id }))) {
      const staff = await listStaff(db, guildId);
      const isThere = staff.some((one) => one.teamId === teamId && one.subjectId === subjectId);
      throw new AppError(isThere ? 'staff.present' : 'team.unknown', { subjectId });
    }
    await writeAudit(db, guildId, { at: ctx.now(), actorId: by.id, action: 'staff.added', data: row });
    await addAccessJob(db, guildId);
    return listStaff(db, guildId);
  });
}
