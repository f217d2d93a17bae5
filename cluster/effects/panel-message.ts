import { createHash } from 'node:crypto';
import { type APIMessage, Routes } from 'discord-api-types/v10';
import { bitsOf } from '#discord/permissions.ts';
import type { Panel, PanelMessage } from '#tickets/panel.ts';
import { readGuild } from '#tickets/store/guild.ts';
import { readPanel, readPanelMessage, recordPanelMessage } from '#tickets/store/panel.ts';
import { findMessage } from './find.ts';
import { type Body, panelBody } from './look.ts';
import { permissionContext } from './missing-permissions.ts';
import { missingIn } from './missing-permissions.ts';
import { isForbidden, isGone } from './problems.ts';
import type { EffectDeps } from './seen.ts';

const needed = bitsOf('ViewChannel', 'SendMessages', 'EmbedLinks');
const hashOf = (message: PanelMessage, body: Body): string =>
  createHash('sha256')
    .update(JSON.stringify([message.channelId, body]))
    .digest('base64url')
    .slice(0, 22);

/** Posts a panel message, or edits it after a change; a message that was deleted is posted anew. */
export async function publishPanel(deps: EffectDeps, o: { guildId: string; panelMessageId: number }): Promise<void> {
  const { ctx, rest } = deps;
  const { db } = ctx;
  const { guildId } = o;
  const message = await readPanelMessage(db, guildId, o.panelMessageId);
  const guild = await readGuild(db, guildId);
  if (!message || !guild) return;
  const panels = (await Promise.all(message.panelIds.map((id) => readPanel(db, guildId, id)))).filter(
    (panel): panel is Panel => panel !== null && panel.deletedAt === null,
  );
  if (panels.length === 0) return;
  const body = panelBody(message, panels, guild.settings.footerText);
  const hash = hashOf(message, body);
  if (message.messageId !== null && message.appliedHash === hash) return;
  try {
    const messageId = (await edit(deps, message, body)) ?? (await post(deps, message, body));
    await recordPanelMessage(db, guildId, message.id, {
      messageId,
      appliedHash: hash,
      creatingSince: null,
      problem: null,
    });
    ctx.log.info({ guildId, panelMessageId: message.id }, 'panel published');
  } catch (error) {
    if (!isForbidden(error) && !isGone(error)) throw error;
    const { channelId } = message;
    const lacking = isGone(error)
      ? null
      : await missingIn(rest, { guildId, botUserId: deps.botUserId, channelId, needed });
    await recordPanelMessage(db, guildId, message.id, {
      problem: lacking ? 'discord.permission' : 'discord.channel-gone',
    });
    ctx.log.warn(
      { guildId, panelMessageId: message.id, ...(lacking && permissionContext(lacking)) },
      'panel not published',
    );
  }
}

async function edit({ rest }: EffectDeps, message: PanelMessage, body: Body): Promise<string | null> {
  if (message.messageId === null) return null;
  try {
    await rest.patch(Routes.channelMessage(message.channelId, message.messageId), { body });
    return message.messageId;
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

async function post(deps: EffectDeps, message: PanelMessage, body: Body): Promise<string> {
  const { ctx, rest, botUserId } = deps;
  const { channelId } = message;
  const button = body.components?.[0]?.components[0];
  const mark = button && 'custom_id' in button ? button.custom_id : null;
  const known =
    message.creatingSince === null || !mark ? null : await findMessage(rest, { channelId, botUserId, mark });
  if (known) return known;
  await recordPanelMessage(ctx.db, message.guildId, message.id, { creatingSince: ctx.now() });
  const nonce = { nonce: `panel${message.id}`, enforce_nonce: true };
  const sent = (await rest.post(Routes.channelMessages(channelId), { body: { ...body, ...nonce } })) as APIMessage;
  return sent.id;
}
