import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Actor } from '../permission.ts';
import { insertTeam, listManagedTeams, readTeam } from '../store/team.ts';
import { checkTeamName, type Team } from '../team.ts';
import { configure, type Desk } from './configure.ts';

/** Two teams of one name could not be told apart in a menu. Throws AppError team.present. */
export async function mustBeNewName({ db, guild }: Desk, name: string, ownId: number | null): Promise<void> {
  const key = name.trim().toLowerCase();
  const teams = await listManagedTeams(db, guild.guildId);
  if (teams.some((team) => team.id !== ownId && team.name.trim().toLowerCase() === key))
    throw new AppError('team.present', { name });
}

/**
 * Makes a team without members.
 * @throws AppError input.invalid {field, fix}, team.present, permission.admin, guild.unknown
 */
export function createTeam(ctx: Ctx, guildId: string, input: { by: Actor; name: string }): Promise<Team> {
  const { by, name } = input;
  return configure(ctx, guildId, { by, action: 'guild.staff' }, async (desk) => {
    checkTeamName(name);
    await mustBeNewName(desk, name, null);
    const teamId = await insertTeam(desk.db, guildId, { name });
    await desk.audit('team.created', { teamId, name });
    const made = await readTeam(desk.db, guildId, teamId);
    if (!made) throw new Error(`team ${teamId} vanished inside its own transaction`);
    return made;
  });
}
