import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { checkPanelMessage, type PanelMessage, type PanelMessageValues } from '../panel.ts';
import type { Actor } from '../permission.ts';
import { addPanelJob } from '../store/job.ts';
import { markPanelMessagePending, readPanelMessage, updatePanelMessage } from '../store/panel-message.ts';
import { configure, differences, mustBeVersion } from './configure.ts';
import { checkChannel, mustHavePanels } from './create-panel-message.ts';

/** What was decided about a panel message. */
export const messageValuesOf = (message: PanelMessage): PanelMessageValues => ({
  text: message.text,
  title: message.title,
  content: message.content,
  colour: message.colour,
  imageUrl: message.imageUrl,
  thumbnailUrl: message.thumbnailUrl,
  footer: message.footer,
  layout: message.layout,
  placeholder: message.placeholder,
  channelId: message.channelId,
  panelIds: message.panelIds,
});

/**
 * Changes what `patch` names of a panel message; the reconciler edits it in Discord. In another channel it is sent anew, and the old message
 * deleted. One that somebody deleted in Discord is not sent again by this (`sendPanelMessage`).
 * @throws AppError panel-message.unknown, panel.stale, panel.unknown, input.invalid {field, fix}, permission.admin, guild.unknown
 */
export function editPanelMessage(
  ctx: Ctx,
  guildId: string,
  input: { by: Actor; panelMessageId: number; patch: Partial<PanelMessageValues>; ifVersion?: number },
): Promise<PanelMessage> {
  const { by, panelMessageId, patch } = input;
  return configure(ctx, guildId, { by, action: 'guild.panels' }, async (desk) => {
    const { db, guild } = desk;
    const message = await readPanelMessage(db, guildId, panelMessageId);
    if (!message || message.deletedAt !== null) throw new AppError('panel-message.unknown');
    mustBeVersion('panel.stale', message.version, input.ifVersion);
    const before = messageValuesOf(message);
    const diff = differences(before, patch);
    if (!diff) return message;
    const values = { ...before, ...diff.after };
    checkPanelMessage(values, guild.settings.footerText);
    checkChannel(guild, values);
    if (diff.after.panelIds) await mustHavePanels(desk, values.panelIds);
    await updatePanelMessage(db, guildId, { ...values, panelMessageId });
    await markPanelMessagePending(db, guildId, { panelMessageId, isToSend: false });
    await desk.audit('panel-message.changed', { panelMessageId, ...diff });
    await addPanelJob(db, guildId, panelMessageId);
    const changed = await readPanelMessage(db, guildId, panelMessageId);
    if (!changed) throw new Error(`panel message ${panelMessageId} vanished inside its own transaction`);
    return changed;
  });
}
