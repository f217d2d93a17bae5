import { Type } from 'typebox';
import { iconUrl } from '#discord/addresses.ts';
import { guildsWhereStaff } from '#tickets/store/identity.ts';
import type { App, RouteDeps } from '../app.ts';
import { personOf } from '../plugins/auth.ts';
import { accessOf } from '../plugins/guild.ts';
import { answers, levelSchema, nullable, snowflake } from '../schemas/basic.ts';

/** A guild as lists show it. */
export const guildSummary = {
  id: snowflake,
  name: Type.String(),
  iconUrl: nullable(Type.String()),
  memberCount: Type.Integer(),
  level: levelSchema,
};
const guilds = Type.Object({ guilds: Type.Array(Type.Object(guildSummary)) });

// Each may cost two requests to Discord. Nobody works in so many servers that have Docket; who does finds the rest by address.
const MAX_GUILDS = 100;

/** The guilds in which somebody has a say. */
export function guildsRoutes(app: App, deps: RouteDeps): void {
  app.get(
    '/api/guilds',
    {
      config: { access: 'person' },
      schema: { summary: 'Servers in which you are an admin or support', response: answers(guilds) },
    },
    async (request) => {
      const { person, guildIds } = personOf(request);
      const candidates = await guildsWhereStaff(deps.pool, { userId: person.id, guildIds });
      const found = await Promise.all(
        candidates.slice(0, MAX_GUILDS).map(async (guild) => {
          const access = await accessOf(deps, guild.guildId, person.id);
          if (!access || access.level === 'member') return [];
          const { guildId: id, name } = guild;
          const memberCount = await deps.directory.memberCount(id, guild.memberCount);
          const icon = iconUrl(deps.discord.addresses, { id, icon: guild.iconHash });
          return [{ id, name, iconUrl: icon, memberCount, level: access.level }];
        }),
      );
      return { guilds: found.flat() };
    },
  );
}
