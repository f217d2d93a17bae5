import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Actor } from '../permission.ts';
import { addAccessJob, addRoleAwayJob } from '../store/job.ts';
import { takeOnCall } from '../store/on-call.ts';
import { listStaff } from '../store/staff.ts';
import { countTicketsOfTeam, lockTeam, readTeam, removeTeam } from '../store/team.ts';
import { configure, mustBeVersion } from './configure.ts';
import { namesOf } from './delete-form.ts';

/**
 * Deletes a team that no panel and no open ticket belongs to any more, with its members and its on-call role. The Default team stays.
 * @throws AppError team.unknown, team.stale, team.default, team.in-use {panels}, team.working {tickets}, permission.admin, guild.unknown
 */
export function deleteTeam(
  ctx: Ctx,
  guildId: string,
  input: { by: Actor; teamId: number; ifVersion?: number },
): Promise<void> {
  const { by, teamId } = input;
  return configure(ctx, guildId, { by, action: 'guild.staff' }, async ({ db, audit }) => {
    const team = await readTeam(db, guildId, teamId);
    if (!team) throw new AppError('team.unknown');
    mustBeVersion('team.stale', team.version, input.ifVersion);
    if (team.isDefault) throw new AppError('team.default');
    if (team.panels.length > 0) throw new AppError('team.in-use', { panels: namesOf(team.panels) });
    const tickets = await countTicketsOfTeam(db, guildId, teamId);
    if (tickets > 0) throw new AppError('team.working', { tickets });
    const members = (await listStaff(db, guildId)).filter((row) => row.teamId === teamId);
    await lockTeam(db, guildId, { teamId });
    const roleId = await takeOnCall(db, guildId, { teamId });
    if (roleId !== null) await addRoleAwayJob(db, guildId, { roleId, userId: null });
    await removeTeam(db, guildId, { teamId });
    // Admins of any team see every ticket.
    if (members.some((row) => row.level === 'admin')) await addAccessJob(db, guildId);
    await audit('team.deleted', { teamId, before: { name: team.name, members } });
  });
}
