import { guildLocale } from '#locales/index.ts';
import { presetIds, presetIn } from '#locales/preset.ts';
import { createPanel } from '#tickets/actions/create-panel.ts';
import { deletePanel } from '#tickets/actions/delete-panel.ts';
import { editPanel, panelValuesOf } from '#tickets/actions/edit-panel.ts';
import { sendPanelMessage } from '#tickets/actions/send-panel-message.ts';
import { AppError } from '#tickets/errors.ts';
import type { Panel } from '#tickets/panel.ts';
import { checkPanelPlaces, checkTextChannel } from '#tickets/panel-places.ts';
import { listPanels, readPanel } from '#tickets/store/panel.ts';
import { listPanelMessages } from '#tickets/store/panel-message.ts';
import { type App, ctxOf, type RouteDeps } from '../app.ts';
import { conditionHeaders, tag, versionIn } from '../condition.ts';
import { messageView, newPanelOf, panelPatchOf, panelView, placesOf } from '../panel-body.ts';
import { actorIn, guildOf } from '../plugins/guild.ts';
import { answers, guildParams } from '../schemas/basic.ts';
import {
  deletedAnswer,
  madePanel,
  newPanel,
  panelAnswer,
  panelMessagesAnswer,
  panelParams,
  panelPatch,
  panelsAnswer,
  presetsAnswer,
} from '../schemas/panel.ts';

const config = { access: 'guild.panels' } as const;

/** A server's kinds of ticket. */
export function panelsRoutes(app: App, deps: RouteDeps): void {
  const ctx = ctxOf(deps);
  const existing = async (guildId: string, panelId: number): Promise<Panel> => {
    const panel = await readPanel(deps.pool, guildId, panelId);
    if (!panel || panel.deletedAt !== null) throw new AppError('panel.unknown');
    return panel;
  };
  const viewOf = async (panel: Panel) => panelView(panel, await listPanelMessages(deps.pool, panel.guildId));

  app.get(
    '/api/guilds/:guildId/panels',
    {
      config,
      schema: { summary: "A server's panels", params: guildParams, response: answers(panelsAnswer) },
    },
    async (request) => {
      const { id: guildId } = guildOf(request);
      const [all, messages] = await Promise.all([
        listPanels(deps.pool, guildId),
        listPanelMessages(deps.pool, guildId),
      ]);
      const rows = all.map(async (panel) => {
        // A panel may stand in several messages; the newest is the one that people look for.
        const message = messages.findLast((one) => one.panelIds.includes(panel.id));
        const shown = message && (await messageView(deps, message));
        return {
          ...panelView(panel, messages),
          title: shown?.title ?? null,
          channelId: shown?.channelId ?? null,
          messageId: shown?.messageId ?? null,
          status: shown?.status ?? ('hidden' as const),
          problem: shown?.problem ?? null,
        };
      });
      return { panels: await Promise.all(rows) };
    },
  );

  app.get(
    '/api/guilds/:guildId/panel-presets',
    {
      config,
      schema: { summary: 'Panels to begin with', params: guildParams, response: answers(presetsAnswer) },
    },
    async (request) => {
      const locale = localeOf(guildOf(request));
      const presets = presetIds.map((id) => presetIn(locale, id));
      return { presets: presets.map((preset) => ({ ...preset, questions: [...preset.questions] })) };
    },
  );

  app.post(
    '/api/guilds/:guildId/panels',
    {
      config,
      schema: {
        summary: 'Makes a panel and the message that shows it; it is sent at once',
        params: guildParams,
        body: newPanel,
        response: answers(madePanel),
      },
    },
    async (request, reply) => {
      const guild = guildOf(request);
      const wanted = newPanelOf(request.body, localeOf(guild), guild.row.settings.primaryColour);
      const places = placesOf(deps, guild.id);
      await checkTextChannel(wanted.channelId, places);
      const input = await checkPanelPlaces(guild.id, wanted, null, places);
      const made = await createPanel(ctx, guild.id, { ...input, by: actorIn(guild) });
      tag(reply, made.panel.version);
      return { panel: await viewOf(made.panel), panelMessage: await messageView(deps, made.panelMessage) };
    },
  );

  app.get(
    '/api/guilds/:guildId/panels/:panelId',
    { config, schema: { summary: 'A panel', params: panelParams, response: answers(panelAnswer) } },
    async (request, reply) => {
      const panel = await existing(guildOf(request).id, request.params.panelId);
      tag(reply, panel.version);
      return viewOf(panel);
    },
  );

  app.patch(
    '/api/guilds/:guildId/panels/:panelId',
    {
      config,
      schema: {
        summary: 'Changes what it names of a panel; the messages that show it follow',
        params: panelParams,
        headers: conditionHeaders,
        body: panelPatch,
        response: answers(panelAnswer),
      },
    },
    async (request, reply) => {
      const guild = guildOf(request);
      const { panelId } = request.params;
      const before = await existing(guild.id, panelId);
      const ifVersion = versionIn(request);
      const wanted = panelPatchOf(request.body, localeOf(guild));
      const patch = await checkPanelPlaces(guild.id, wanted, panelValuesOf(before), placesOf(deps, guild.id));
      const panel = await editPanel(ctx, guild.id, { by: actorIn(guild), panelId, patch, ifVersion });
      tag(reply, panel.version);
      return viewOf(panel);
    },
  );

  app.delete(
    '/api/guilds/:guildId/panels/:panelId',
    {
      config,
      schema: {
        summary: 'Deletes a panel; it leaves its messages, and a message whose last panel it was is deleted in Discord',
        params: panelParams,
        headers: conditionHeaders,
        response: answers(deletedAnswer),
      },
    },
    async (request) => {
      const guild = guildOf(request);
      const { panelId } = request.params;
      await existing(guild.id, panelId);
      const ifVersion = versionIn(request);
      await deletePanel(ctx, guild.id, { by: actorIn(guild), panelId, ifVersion });
      return { id: panelId };
    },
  );

  app.post(
    '/api/guilds/:guildId/panels/:panelId/send',
    {
      config,
      schema: {
        summary: 'Publishes the messages that show a panel again, also those that were deleted in Discord',
        params: panelParams,
        response: answers(panelMessagesAnswer),
      },
    },
    async (request) => {
      const guild = guildOf(request);
      const panel = await existing(guild.id, request.params.panelId);
      const messages = await listPanelMessages(deps.pool, guild.id);
      const sent = [];
      for (const { id: panelMessageId, panelIds } of messages) {
        if (!panelIds.includes(panel.id)) continue;
        const message = await sendPanelMessage(ctx, guild.id, { by: actorIn(guild), panelMessageId });
        sent.push(await messageView(deps, message));
      }
      return { panelMessages: sent };
    },
  );
}

/** The language in which a guild's defaults are written. */
export const localeOf = ({ row }: { row: { locale: string; settings: { language: string | null } } }): string =>
  guildLocale(row.settings.language, row.locale);
