import { addStaff } from '#tickets/actions/add-staff.ts';
import { createTeam } from '#tickets/actions/create-team.ts';
import { deleteTeam } from '#tickets/actions/delete-team.ts';
import { removeStaff } from '#tickets/actions/remove-staff.ts';
import { renameTeam } from '#tickets/actions/rename-team.ts';
import { invalid } from '#tickets/bounds.ts';
import { AppError } from '#tickets/errors.ts';
import { listStaff } from '#tickets/store/staff.ts';
import { listManagedTeams, readTeam } from '#tickets/store/team.ts';
import type { Team } from '#tickets/team.ts';
import { type App, ctxOf, type RouteDeps } from '../app.ts';
import { conditionHeaders, tag, versionIn } from '../condition.ts';
import { actorIn, guildOf } from '../plugins/guild.ts';
import { answers, guildParams } from '../schemas/basic.ts';
import {
  deletedAnswer,
  newTeam,
  teamAnswer,
  teamMemberBody,
  teamMemberParams,
  teamParams,
  teamPatch,
  teamsAnswer,
} from '../schemas/panel.ts';

const config = { access: 'guild.staff' } as const;

/** Who works on the tickets of which panels. */
export function teamsRoutes(app: App, deps: RouteDeps): void {
  const ctx = ctxOf(deps);
  const existing = async (guildId: string, teamId: number): Promise<Team> => {
    const team = await readTeam(deps.pool, guildId, teamId);
    if (!team) throw new AppError('team.unknown');
    return team;
  };
  const viewsOf = async (guildId: string, teams: readonly Team[]) => {
    const staff = await listStaff(deps.pool, guildId);
    const shown = staff.filter((row) => teams.some((team) => team.id === row.teamId));
    const roles = await deps.directory.roles(guildId).catch(() => []); // a name is worth no failure
    const users = shown.filter((row) => row.subjectKind === 'user').map((row) => row.subjectId);
    const people = await deps.directory.people(guildId, users);
    const nameOf = (id: string): string => people.get(id)?.name ?? roles.find((role) => role.id === id)?.name ?? id;
    return teams.map(({ panels, ...team }) => ({
      ...team,
      panels: [...panels],
      members: shown
        .filter((row) => row.teamId === team.id)
        .map(({ subjectId: id, subjectKind: kind, level }) => ({ id, kind, level, name: nameOf(id) })),
    }));
  };
  const viewOf = async (guildId: string, team: Team) => {
    const [view] = await viewsOf(guildId, [team]);
    if (!view) throw new AppError('team.unknown');
    return view;
  };

  app.get(
    '/api/guilds/:guildId/teams',
    {
      config,
      schema: { summary: "A server's teams with their members", params: guildParams, response: answers(teamsAnswer) },
    },
    async (request) => {
      const { id: guildId } = guildOf(request);
      return { teams: await viewsOf(guildId, await listManagedTeams(deps.pool, guildId)) };
    },
  );

  app.post(
    '/api/guilds/:guildId/teams',
    {
      config,
      schema: { summary: 'Makes a team', params: guildParams, body: newTeam, response: answers(teamAnswer) },
    },
    async (request, reply) => {
      const guild = guildOf(request);
      const team = await createTeam(ctx, guild.id, { by: actorIn(guild), name: request.body.name });
      tag(reply, team.version);
      return viewOf(guild.id, team);
    },
  );

  app.get(
    '/api/guilds/:guildId/teams/:teamId',
    { config, schema: { summary: 'A team', params: teamParams, response: answers(teamAnswer) } },
    async (request, reply) => {
      const { id: guildId } = guildOf(request);
      const team = await existing(guildId, request.params.teamId);
      tag(reply, team.version);
      return viewOf(guildId, team);
    },
  );

  app.patch(
    '/api/guilds/:guildId/teams/:teamId',
    {
      config,
      schema: {
        summary: 'Renames a team',
        params: teamParams,
        headers: conditionHeaders,
        body: teamPatch,
        response: answers(teamAnswer),
      },
    },
    async (request, reply) => {
      const guild = guildOf(request);
      const { teamId } = request.params;
      const before = await existing(guild.id, teamId);
      const ifVersion = versionIn(request);
      const { name = before.name } = request.body;
      const team = await renameTeam(ctx, guild.id, { by: actorIn(guild), teamId, name, ifVersion });
      tag(reply, team.version);
      return viewOf(guild.id, team);
    },
  );

  app.delete(
    '/api/guilds/:guildId/teams/:teamId',
    {
      config,
      schema: {
        summary: 'Deletes a team that no panel and no open ticket belongs to any more',
        params: teamParams,
        headers: conditionHeaders,
        response: answers(deletedAnswer),
      },
    },
    async (request) => {
      const guild = guildOf(request);
      const { teamId } = request.params;
      await existing(guild.id, teamId);
      const ifVersion = versionIn(request);
      await deleteTeam(ctx, guild.id, { by: actorIn(guild), teamId, ifVersion });
      return { id: teamId };
    },
  );

  /** Whether an id is a role of the guild or a member. */
  const kindOf = async (guildId: string, id: string): Promise<'user' | 'role'> => {
    const isRole = async (wanted: readonly string[]): Promise<boolean> =>
      (await deps.directory.roles(guildId, wanted)).some((role) => role.id === id);
    // @everyone has the server's id: it would make everybody staff.
    if (id !== guildId && (await isRole([]))) return 'role';
    if (id !== guildId && (await deps.directory.member(guildId, id))) return 'user';
    if (id !== guildId && (await isRole([id]))) return 'role'; // just made
    throw invalid('subjectId', 'a member or a role of this server');
  };

  app.put(
    '/api/guilds/:guildId/teams/:teamId/members/:subjectId',
    {
      config,
      schema: {
        summary: 'Puts a member or a role into a team, as support unless said otherwise',
        params: teamMemberParams,
        body: teamMemberBody,
        response: answers(teamAnswer),
      },
    },
    async (request) => {
      const guild = guildOf(request);
      const { teamId, subjectId } = request.params;
      const team = await existing(guild.id, teamId);
      const subjectKind = await kindOf(guild.id, subjectId);
      const { level = 'support' } = request.body;
      const by = actorIn(guild);
      await addStaff(ctx, guild.id, { by, teamId, subjectId, subjectKind, level }).catch((error: unknown) => {
        // To put somebody where they are already is done: PUT may be repeated.
        if (!(error instanceof AppError && error.code === 'staff.present')) throw error;
      });
      return viewOf(guild.id, team);
    },
  );

  app.delete(
    '/api/guilds/:guildId/teams/:teamId/members/:subjectId',
    {
      config,
      schema: {
        summary: 'Takes a member or a role out of a team',
        params: teamMemberParams,
        response: answers(teamAnswer),
      },
    },
    async (request) => {
      const guild = guildOf(request);
      const { teamId, subjectId } = request.params;
      const team = await existing(guild.id, teamId);
      await removeStaff(ctx, guild.id, { by: actorIn(guild), teamId, subjectId });
      return viewOf(guild.id, team);
    },
  );
}
