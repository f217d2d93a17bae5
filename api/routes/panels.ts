import { Type } from 'typebox';
import type { PanelMessage } from '#tickets/panel.ts';
import { listPanels } from '#tickets/store/panel.ts';
import { listPanelMessages } from '#tickets/store/panel-message.ts';
import type { App, RouteDeps } from '../app.ts';
import { guildOf } from '../plugins/guild.ts';
import { answers, docketId, guildParams, nullable, snowflake } from '../schemas/basic.ts';
import { type Trouble, troubleText } from '../trouble.ts';

// `shown` in Discord; `waiting` for Docket to send it; `failed`, and `problem` says why; `hidden`: no message shows it.
const statuses = ['shown', 'waiting', 'failed', 'hidden'] as const;
type Status = (typeof statuses)[number];

const panels = Type.Object({
  panels: Type.Array(
    Type.Object({
      id: docketId,
      name: Type.String(),
      title: nullable(Type.String()),
      channelId: nullable(snowflake),
      messageId: nullable(snowflake),
      status: Type.Enum([...statuses]),
      problem: nullable(Type.String()),
    }),
  ),
});

function statusOf(message: PanelMessage | undefined): Status {
  if (!message) return 'hidden';
  if (message.problem !== null) return 'failed';
  return message.messageId === null ? 'waiting' : 'shown';
}

/** A server's kinds of ticket and where members find them. */
export function panelsRoutes(app: App, deps: RouteDeps): void {
  app.get(
    '/api/guilds/:guildId/panels',
    {
      config: { access: 'guild.panels' },
      schema: { summary: "A server's panels", params: guildParams, response: answers(panels) },
    },
    async (request) => {
      const { id: guildId } = guildOf(request);
      const [all, messages] = await Promise.all([
        listPanels(deps.pool, guildId),
        listPanelMessages(deps.pool, guildId),
      ]);
      const rows = all.map(async ({ id, name }) => {
        // A panel may stand in several messages; the newest is the one that people look for.
        const message = messages.findLast((one) => one.panelIds.includes(id));
        return {
          id,
          name,
          title: message?.title ?? null,
          channelId: message?.channelId ?? null,
          messageId: message?.messageId ?? null,
          status: statusOf(message),
          problem: message?.problem ? await troubleText(deps, guildId, troubleOf(message, message.problem)) : null,
        };
      });
      return { panels: await Promise.all(rows) };
    },
  );
}

// Of a panel's message only the code is kept; what it takes to post one does not change.
const troubleOf = (message: PanelMessage, code: string): Trouble => ({
  code,
  context: { permissions: 'ViewChannel,SendMessages,EmbedLinks', place: message.channelId },
});
