import { Type } from 'typebox';
import { listLogProblems } from '#tickets/store/log.ts';
import type { App, RouteDeps } from '../app.ts';
import { guildOf } from '../plugins/guild.ts';
import { answers, guildParams, iso, moment, nullable, snowflake } from '../schemas/basic.ts';
import { troubleText } from '../trouble.ts';

const names = ['logChannel', 'openedLogChannel', 'closedLogChannel'] as const;
const logs = Type.Object({
  channels: Type.Array(
    Type.Object({
      setting: Type.Enum([...names]),
      channelId: nullable(snowflake),
      problem: nullable(Type.String({ description: 'Why nothing arrives there, for people' })),
      since: nullable(moment),
    }),
  ),
});

/** Whether a server's log channels are told what happens. */
export function logsRoutes(app: App, deps: RouteDeps): void {
  app.get(
    '/api/guilds/:guildId/logs',
    {
      config: { access: 'guild.settings' },
      schema: { summary: "A server's log channels", params: guildParams, response: answers(logs) },
    },
    async (request) => {
      const { id: guildId, row } = guildOf(request);
      const problems = await listLogProblems(deps.pool, guildId);
      const channels = names.map(async (setting) => {
        const channelId = row.settings[setting];
        const found = problems.find((one) => one.channelId === channelId);
        return {
          setting,
          channelId,
          problem: found ? await troubleText(deps, guildId, found) : null,
          since: found ? iso(found.at) : null,
        };
      });
      return { channels: await Promise.all(channels) };
    },
  );
}
