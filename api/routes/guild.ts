import { Type } from 'typebox';
import { iconUrl } from '#discord/addresses.ts';
import { listPanels } from '#tickets/store/panel.ts';
import { readNow } from '#tickets/store/now.ts';
import { countOpenTickets } from '#tickets/store/ticket.ts';
import type { App, RouteDeps } from '../app.ts';
import { guildOf, visibleTo } from '../plugins/guild.ts';
import { answers, guildParams } from '../schemas/basic.ts';
import { guildSummary } from './guilds.ts';

const guild = Type.Object({
  ...guildSummary,
  staffCount: Type.Integer({ description: 'People and roles that are staff' }),
  panelCount: Type.Integer(),
  ticketCount: Type.Integer({ description: 'Tickets ever' }),
  openTicketCount: Type.Integer({
    description: 'Open tickets that you may see: as many as the list of open tickets has',
  }),
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
      const viewed = guildOf(request);
      const { id, row, level, access } = viewed;
      const [panels, now, openTicketCount, memberCount] = await Promise.all([
        listPanels(deps.pool, id),
        readNow(deps.pool, id, deps.now()),
        countOpenTickets(deps.pool, id, visibleTo(viewed)),
        deps.directory.memberCount(id, row.memberCount),
      ]);
      return {
        id,
        name: row.name,
        iconUrl: iconUrl(deps.discord.addresses, { id, icon: row.iconHash }),
        memberCount,
        level,
        staffCount: new Set(access.staff.map((one) => one.subjectId)).size,
        panelCount: panels.length,
        ticketCount: now.totalEver,
        openTicketCount,
      };
    },
  );
}
