import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { PanelMessage } from '../panel.ts';
import type { Actor } from '../permission.ts';
import { addPanelJob } from '../store/job.ts';
import { markPanelMessagePending, readPanelMessage } from '../store/panel-message.ts';
import { configure } from './configure.ts';
import { checkChannel } from './create-panel-message.ts';

/**
 * Has a panel message published again: edited where it stands, sent anew where somebody deleted it (features.md 1.4-14).
 * @throws AppError panel-message.unknown, input.invalid {field: channelId}, permission.admin, guild.unknown
 */
export function sendPanelMessage(
  ctx: Ctx,
  guildId: string,
  input: { by: Actor; panelMessageId: number },
): Promise<PanelMessage> {
  const { by, panelMessageId } = input;
  return configure(ctx, guildId, { by, action: 'guild.panels' }, async ({ db, guild, audit }) => {
    const message = await readPanelMessage(db, guildId, panelMessageId);
    if (!message || message.deletedAt !== null) throw new AppError('panel-message.unknown');
    checkChannel(guild, message);
    await markPanelMessagePending(db, guildId, { panelMessageId, isToSend: true });
    await audit('panel-message.sent', { panelMessageId, channelId: message.channelId });
    await addPanelJob(db, guildId, panelMessageId);
    return { ...message, isPending: true, problem: null, problemContext: {} };
  });
}
