import { type Static, Type } from 'typebox';
import { AppError } from '#tickets/errors.ts';
import { setSettings } from '#tickets/actions/set-settings.ts';
import { settingsPatchSchema, settingsSchema } from '#tickets/settings/derive.ts';
import { type Overrides, type SettingName, type Settings, settings } from '#tickets/settings/registry.ts';
import { checkSurroundings, type Surroundings } from '#tickets/settings/surroundings.ts';
import { type App, ctxOf, type RouteDeps } from '../app.ts';
import { guildOf } from '../plugins/guild.ts';
import { HttpError } from '../problem.ts';
import { answers, guildParams } from '../schemas/basic.ts';

const answer = Type.Object({
  settings: settingsSchema,
  overrides: Type.Array(Type.String(), { description: 'What this server chose; the rest follows the defaults' }),
});
const headers = Type.Object({ 'if-match': Type.Optional(Type.String()) });

const tagOf = (version: number): string => `"${version}"`;
const bodyOf = (guild: { settings: Settings; overrides: Overrides }): Static<typeof answer> => ({
  settings: guild.settings,
  overrides: Object.keys(settings).filter((name) => Object.hasOwn(guild.overrides, name)),
});

/** A server's settings. Changes name the version they were made from, so that two admins cannot undo each other unseen. */
export function settingsRoutes(app: App, deps: RouteDeps): void {
  const ctx = ctxOf(deps);

  app.get(
    '/api/guilds/:guildId/settings',
    {
      config: { access: 'guild.settings' },
      schema: { summary: "A server's settings", params: guildParams, response: answers(answer) },
    },
    async (request, reply) => {
      const { row } = guildOf(request);
      void reply.header('etag', tagOf(row.settingsVersion));
      return bodyOf(row);
    },
  );

  app.patch(
    '/api/guilds/:guildId/settings',
    {
      config: { access: 'guild.settings' },
      schema: {
        summary: 'Changes the settings that it names, and no other; `reset` names those that follow the default again',
        params: guildParams,
        headers,
        body: settingsPatchSchema,
        response: answers(answer),
      },
    },
    async (request, reply) => {
      const guild = guildOf(request);
      const condition = request.headers['if-match'];
      if (condition === undefined) throw new HttpError('setting.condition-missing');
      if (condition !== tagOf(guild.row.settingsVersion)) throw new AppError('setting.stale');
      const { reset, ...patch } = request.body as Overrides & { reset?: SettingName[] };
      await checkSurroundings(guild.id, patch, guild.row.settings, surroundingsOf(deps, guild.id));
      if (!guild.actor) throw new AppError('permission.admin');
      const changed = await setSettings(ctx, guild.id, {
        by: guild.actor,
        patch,
        ...(reset && { reset }),
        ifVersion: guild.row.settingsVersion,
      });
      void reply.header('etag', tagOf(changed.settingsVersion));
      return bodyOf(changed);
    },
  );
}

/** What a server has in Discord: what settings name must be of it, for Docket writes there, and it may be in other servers too. */
const surroundingsOf = ({ directory }: RouteDeps, guildId: string): Surroundings => ({
  channels: (wanted) => directory.channels(guildId, wanted),
  roles: (wanted) => directory.roles(guildId, wanted),
  isMember: async (userId) => (await directory.member(guildId, userId)) !== null,
});
