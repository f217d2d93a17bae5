import { createPanelMessage } from '#tickets/actions/create-panel-message.ts';
import { deletePanelMessage } from '#tickets/actions/delete-panel-message.ts';
import { editPanelMessage } from '#tickets/actions/edit-panel-message.ts';
import { sendPanelMessage } from '#tickets/actions/send-panel-message.ts';
import { AppError } from '#tickets/errors.ts';
import type { PanelMessage } from '#tickets/panel.ts';
import { checkTextChannel } from '#tickets/panel-places.ts';
import { listPanelMessages, readPanelMessage } from '#tickets/store/panel-message.ts';
import { type App, ctxOf, type RouteDeps } from '../app.ts';
import { conditionHeaders, tag, versionIn } from '../condition.ts';
import { messagePatchOf, messageView, newMessageOf, placesOf } from '../panel-body.ts';
import { actorIn, guildOf } from '../plugins/guild.ts';
import { answers, guildParams } from '../schemas/basic.ts';
import {
  deletedAnswer,
  newPanelMessage,
  panelMessageAnswer,
  panelMessageParams,
  panelMessagePatch,
  panelMessagesAnswer,
} from '../schemas/panel.ts';
import { localeOf } from './panels.ts';

const config = { access: 'guild.panels' } as const;

/** The messages in Discord that show panels: one, or several as buttons or in a menu. */
export function panelMessagesRoutes(app: App, deps: RouteDeps): void {
  const ctx = ctxOf(deps);
  const existing = async (guildId: string, panelMessageId: number): Promise<PanelMessage> => {
    const message = await readPanelMessage(deps.pool, guildId, panelMessageId);
    if (!message || message.deletedAt !== null) throw new AppError('panel-message.unknown');
    return message;
  };

  app.get(
    '/api/guilds/:guildId/panel-messages',
    {
      config,
      schema: {
        summary: 'The messages that show panels, with where they are',
        params: guildParams,
        response: answers(panelMessagesAnswer),
      },
    },
    async (request) => {
      const messages = await listPanelMessages(deps.pool, guildOf(request).id);
      return { panelMessages: await Promise.all(messages.map((message) => messageView(deps, message))) };
    },
  );

  app.post(
    '/api/guilds/:guildId/panel-messages',
    {
      config,
      schema: {
        summary: 'Makes a message that shows panels; it is sent at once',
        params: guildParams,
        body: newPanelMessage,
        response: answers(panelMessageAnswer),
      },
    },
    async (request, reply) => {
      const guild = guildOf(request);
      const values = newMessageOf(request.body, localeOf(guild), guild.row.settings.primaryColour);
      await checkTextChannel(values.channelId, placesOf(deps, guild.id));
      const message = await createPanelMessage(ctx, guild.id, { by: actorIn(guild), values });
      tag(reply, message.version);
      return messageView(deps, message);
    },
  );

  app.get(
    '/api/guilds/:guildId/panel-messages/:panelMessageId',
    {
      config,
      schema: { summary: 'A panel message', params: panelMessageParams, response: answers(panelMessageAnswer) },
    },
    async (request, reply) => {
      const message = await existing(guildOf(request).id, request.params.panelMessageId);
      tag(reply, message.version);
      return messageView(deps, message);
    },
  );

  app.patch(
    '/api/guilds/:guildId/panel-messages/:panelMessageId',
    {
      config,
      schema: {
        summary: 'Changes what it names of a panel message, in Discord too; in another channel it is sent anew',
        params: panelMessageParams,
        headers: conditionHeaders,
        body: panelMessagePatch,
        response: answers(panelMessageAnswer),
      },
    },
    async (request, reply) => {
      const guild = guildOf(request);
      const { panelMessageId } = request.params;
      const before = await existing(guild.id, panelMessageId);
      const ifVersion = versionIn(request);
      const patch = messagePatchOf(request.body, localeOf(guild));
      if (patch.channelId !== undefined && patch.channelId !== before.channelId)
        await checkTextChannel(patch.channelId, placesOf(deps, guild.id));
      const by = actorIn(guild);
      const message = await editPanelMessage(ctx, guild.id, { by, panelMessageId, patch, ifVersion });
      tag(reply, message.version);
      return messageView(deps, message);
    },
  );

  app.delete(
    '/api/guilds/:guildId/panel-messages/:panelMessageId',
    {
      config,
      schema: {
        summary: 'Deletes a panel message, in Discord too; its panels stay',
        params: panelMessageParams,
        headers: conditionHeaders,
        response: answers(deletedAnswer),
      },
    },
    async (request) => {
      const guild = guildOf(request);
      const { panelMessageId } = request.params;
      await existing(guild.id, panelMessageId);
      const ifVersion = versionIn(request);
      await deletePanelMessage(ctx, guild.id, { by: actorIn(guild), panelMessageId, ifVersion });
      return { id: panelMessageId };
    },
  );

  app.post(
    '/api/guilds/:guildId/panel-messages/:panelMessageId/send',
    {
      config,
      schema: {
        summary: 'Publishes it again: edited where it stands, sent anew where it was deleted',
        params: panelMessageParams,
        response: answers(panelMessageAnswer),
      },
    },
    async (request) => {
      const guild = guildOf(request);
      const { panelMessageId } = request.params;
      const message = await sendPanelMessage(ctx, guild.id, { by: actorIn(guild), panelMessageId });
      return messageView(deps, message);
    },
  );
}
