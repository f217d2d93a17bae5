import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Actor } from '../permission.ts';
import { addPanelJob } from '../store/job.ts';
import { markPanelDeleted, readPanel } from '../store/panel.ts';
import { listPanelMessages, markPanelMessageDeleted, markPanelMessagePending } from '../store/panel-message.ts';
import { configure, mustBeVersion } from './configure.ts';
import { panelValuesOf } from './edit-panel.ts';

/**
 * Deletes a panel. It goes from the messages that show it, and a message whose last panel it was goes from Discord; its tickets stay.
 * @throws AppError panel.unknown, panel.stale, permission.admin, guild.unknown
 */
export function deletePanel(
  ctx: Ctx,
  guildId: string,
  input: { by: Actor; panelId: number; ifVersion?: number },
): Promise<void> {
  const { by, panelId } = input;
  return configure(ctx, guildId, { by, action: 'guild.panels' }, async ({ db, audit }) => {
    const panel = await readPanel(db, guildId, panelId);
    if (!panel || panel.deletedAt !== null) throw new AppError('panel.unknown');
    mustBeVersion('panel.stale', panel.version, input.ifVersion);
    const at = ctx.now();
    const messages = (await listPanelMessages(db, guildId)).filter((message) => message.panelIds.includes(panelId));
    for (const { id: panelMessageId, panelIds } of messages) {
      if (panelIds.length === 1) await markPanelMessageDeleted(db, guildId, { panelMessageId, at });
      else await markPanelMessagePending(db, guildId, { panelMessageId, isToSend: false });
      await addPanelJob(db, guildId, panelMessageId);
    }
    await markPanelDeleted(db, guildId, { panelId, at });
    await audit('panel.deleted', { panelId, before: panelValuesOf(panel) });
  });
}
