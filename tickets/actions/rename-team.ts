import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Actor } from '../permission.ts';
import { readTeam, updateTeam } from '../store/team.ts';
import { checkTeamName, type Team } from '../team.ts';
import { configure, mustBeVersion } from './configure.ts';
import { mustBeNewName } from './create-team.ts';

/**
 * Renames a team.
 * @throws AppError team.unknown, team.stale, team.present, input.invalid {field, fix}, permission.admin, guild.unknown
 */
export function renameTeam(
  ctx: Ctx,
  guildId: string,
  input: { by: Actor; teamId: number; name: string; ifVersion?: number },
): Promise<Team> {
  const { by, teamId, name } = input;
  return configure(ctx, guildId, { by, action: 'guild.staff' }, async (desk) => {
    const team = await readTeam(desk.db, guildId, teamId);
    if (!team) throw new AppError('team.unknown');
    mustBeVersion('team.stale', team.version, input.ifVersion);
    if (team.name === name) return team;
    checkTeamName(name);
    await mustBeNewName(desk, name, teamId);
    await updateTeam(desk.db, guildId, { teamId, name });
    await desk.audit('team.renamed', { teamId, before: { name: team.name }, after: { name } });
    return { ...team, name, version: team.version + 1 };
  });
}
