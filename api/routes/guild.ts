import { Type } from 'typebox';
import { iconUrl } from '#discord/addresses.ts';
import { listPanels } from '#tickets/store/panel.ts';
import { readNow } from '#tickets/store/now.ts';
import type { App, RouteDeps } from '../app.ts';
import { guildOf } from '../plugins/guild.ts';
import { answers, guildParams } from '../schemas/basic.ts';
import { guildSummary } from './guilds.ts';

const guild = Type.Object({
  ...guildSummary,
  staffCount: Type.Integer({ description: 'People and roles that are staff' }),
  panelCount: Type.Integer(),
  ticketCount: Type.Integer({ description: 'Tickets ever' }),
});

/** One guild, as the shell around its pages shows it. */
export function guildRoutes(app: App, deps: RouteDeps): void {
  app.get(
    '/api/guilds/:guildId',
    {
      config: { access: 'guild.view' },
      schema: { summary: 'A server', params: guildParams, response: answers(guild) },
    },
    async (request) => {
      const { id, row, level, access } = guildOf(request);
      const [panels, now] = await Promise.all([listPanels(deps.pool, id), readNow(deps.pool, id, deps.now())]);
      return {
        id,
        name: row.name,
        iconUrl: iconUrl(deps.discord.addresses, { id, icon: row.iconHash }),
        memberCount: row.memberCount,
        level,
        staffCount: new Set(access.staff.map((one) => one.subjectId)).size,
        panelCount: panels.length,
        ticketCount: now.totalEver,
      };
    },
  );
}
