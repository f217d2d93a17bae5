import type { ChannelType } from 'discord-api-types/v10';
import { type Static, Type } from 'typebox';
import { AppError } from '#tickets/errors.ts';
import { setSettings } from '#tickets/actions/set-settings.ts';
import { boundsOf, settingsPatchSchema, settingsSchema } from '#tickets/settings/derive.ts';
import { type Overrides, type Setting, type SettingName, type Settings, settings } from '#tickets/settings/registry.ts';
import { type App, ctxOf, type RouteDeps } from '../app.ts';
import { guildOf } from '../plugins/guild.ts';
import { HttpError } from '../problem.ts';
import { answers, guildParams } from '../schemas/basic.ts';

const answer = Type.Object({
  settings: settingsSchema,
  overrides: Type.Array(Type.String(), { description: 'What this server chose; the rest follows the defaults' }),
});
const headers = Type.Object({ 'if-match': Type.Optional(Type.String()) });

// Discord's types of channel that a setting may name: https://discord.com/developers/docs/resources/channel#channel-object-channel-types
const channelTypes: Record<'text' | 'category', readonly ChannelType[]> = { text: [0, 5], category: [4] };

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
      await checkChannels(deps, guild.id, patch);
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

/** A channel must be of this server and of the right kind: Docket writes into it, and it may be in other servers too. */
async function checkChannels(deps: RouteDeps, guildId: string, patch: Overrides): Promise<void> {
  for (const [name, value] of Object.entries(patch) as [SettingName, unknown][]) {
    const setting: Setting = settings[name];
    if (setting.kind !== 'channel' || value === null) continue;
    const channels = await deps.directory.channels(guildId);
    const found = channels.find((channel) => channel.id === value);
    if (!found || !channelTypes[setting.types].includes(found.type)) {
      throw new AppError('setting.invalid', { field: name, fix: boundsOf(name) });
    }
  }
}
