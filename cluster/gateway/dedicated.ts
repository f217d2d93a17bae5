import { type GatewayMessageCreateDispatchData, MessageType } from 'discord-api-types/v10';
import { guildLocale, translate } from '#locales/index.ts';
import { openTicket } from '#tickets/actions/open.ts';
import type { Ctx } from '#tickets/context.ts';
import { AppError } from '#tickets/errors.ts';
import { readGuild } from '#tickets/store/guild.ts';
import { addNoticeJob } from '#tickets/store/job.ts';
import { snowflakeTime } from './incoming.ts';

/** What is kept of a message that may open a ticket. */
export type Asking = Pick<
  GatewayMessageCreateDispatchData,
  'id' | 'channel_id' | 'content' | 'attachments' | 'member'
> & {
  author: { id: string };
  guild_id: string;
};

/** Whether somebody wrote it: bots, webhooks and what Discord itself says open nothing, so no two of them can keep each other busy. */
export function isAsking(data: GatewayMessageCreateDispatchData): boolean {
  const isWritten = data.type === MessageType.Default || data.type === MessageType.Reply;
  return isWritten && data.author.bot !== true && data.webhook_id === undefined && data.guild_id !== undefined;
}

/**
 * A message in the dedicated channel opens a ticket with its text in it (features.md 1.16-01). The same message opens one, however often it comes; why
 * one opened none is said in the channel for a while.
 */
export async function openFromMessage(ctx: Ctx, data: Asking): Promise<void> {
  const { guild_id: guildId, channel_id: channelId, id: messageId } = data;
  const guild = await readGuild(ctx.db, guildId);
  // The set in memory may be a minute old.
  if (guild?.settings.dedicatedChannel !== channelId) return;
  const authorId = data.author.id;
  const opener = {
    id: authorId,
    roleIds: data.member?.roles ?? [],
    isOwner: authorId === guild.ownerId,
    hasManageGuild: false,
  };
  const locale = guildLocale(guild.settings.language, guild.locale);
  const value = data.content.replaceAll('\u0000', '').slice(0, 4_096);
  try {
    await openTicket(ctx, guildId, {
      interactionId: messageId,
      opener,
      openedBy: opener,
      panelId: null,
      source: 'message',
      subject: null,
      answers: value === '' ? [] : [{ label: translate(locale, 'menu.message'), value }],
      at: snowflakeTime(messageId),
      channelId,
      // What has files stays where it is: with the message Discord would take them away.
      movedFrom: { channelId, messageId, authorId, isTold: true, takesMessage: data.attachments.length === 0 },
    });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code, context } = error;
    const problem = { code, context };
    const said = { channelId, messageId, authorId, ticketChannelId: null, problem, takesMessage: false };
    await addNoticeJob(ctx.db, guildId, said);
  }
}
