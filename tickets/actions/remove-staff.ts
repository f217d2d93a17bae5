import type { Db } from '#runtime/postgres.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Actor, Staff } from '../permission.ts';
import { writeAudit } from '../store/audit.ts';
import { type Guild, lockGuild, writeSettings } from '../store/guild.ts';
import { addAccessJob, addRoleAwayJob } from '../store/job.ts';
import { listOnCall } from '../store/on-call.ts';
import { dropStaff, listStaff, readDefaultTeamId } from '../store/staff.ts';
import { mustMay, readInForce } from './commit.ts';

/** Takes a role out of the setting that makes it support; false when it was not there. */
async function dropSupportRole(
  ctx: Ctx,
  db: Db,
  guild: Guild,
  { byId, subjectId }: { byId: string; subjectId: string },
): Promise<boolean> {
  const before = guild.settings.supportRoles;
  if (!before.includes(subjectId)) return false;
  const after = before.filter((id) => id !== subjectId);
  await writeSettings(db, guild.guildId, { overrides: { ...guild.overrides, supportRoles: after } });
  const data = { before: { supportRoles: before }, after: { supportRoles: after } };
  await writeAudit(db, guild.guildId, { at: ctx.now(), actorId: byId, action: 'settings.changed', data });
  return true;
}

/**
 * Takes a person or a role out of a team (the Default team unless named); returns the server's staff. What they did stays
 * counted as it was. With a level, only who has that one.
 * @throws AppError staff.absent, team.unknown, permission.admin, guild.unknown
 */
export function removeStaff(
  ctx: Ctx,
  guildId: string,
  input: { by: Actor; teamId?: number; subjectId: string; level?: Staff['level'] },
): Promise<Staff[]> {
  const { by, subjectId, level } = input;
  return ctx.db.transaction(async (db) => {
    // Before anything else, as every change of settings does: a role may be staff by one.
    const guild = await lockGuild(db, guildId);
    if (!guild) throw new AppError('guild.unknown');
    const access = await readInForce(db, guildId);
    mustMay(by, 'guild.staff', access);
    const defaultTeamId = await readDefaultTeamId(db, guildId);
    const teamId = input.teamId ?? defaultTeamId;
    if (teamId === null) throw new AppError('team.unknown');
    const wasMember = await dropStaff(db, guildId, { teamId, subjectId, ...(level && { level }) });
    const byId = by.id;
    const wasChosen =
      teamId === defaultTeamId && level !== 'admin' && (await dropSupportRole(ctx, db, guild, { byId, subjectId }));
    if (!wasMember && !wasChosen) throw new AppError('staff.absent', { subjectId });
    await writeAudit(db, guildId, {
      at: ctx.now(),
      actorId: by.id,
      action: 'staff.removed',
      data: { teamId, subjectId },
    });
    await addAccessJob(db, guildId);
    // Its pings would add them to new threads. Whoever is staff by a role too puts themselves on call again.
    const wasPerson = access.staff.some((row) => row.subjectId === subjectId && row.subjectKind === 'user');
    const onCall = wasPerson && (await listOnCall(db, guildId)).find((row) => row.teamId === teamId);
    if (onCall) await addRoleAwayJob(db, guildId, { roleId: onCall.roleId, userId: subjectId });
    return listStaff(db, guildId);
  });
}
