import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Actor } from '../permission.ts';
import { addPanelJob } from '../store/job.ts';
import { markPanelMessageDeleted, readPanelMessage } from '../store/panel-message.ts';
import { configure, mustBeVersion } from './configure.ts';
import { messageValuesOf } from './edit-panel-message.ts';

/**
 * Deletes a panel message, in Discord too; its panels stay.
 * @throws AppError panel-message.unknown, panel.stale, permission.admin, guild.unknown
 */
export function deletePanelMessage(
  ctx: Ctx,
  guildId: string,
  input: { by: Actor; panelMessageId: number; ifVersion?: number },
): Promise<void> {
  const { by, panelMessageId } = input;
  return configure(ctx, guildId, { by, action: 'guild.panels' }, async ({ db, audit }) => {
    const message = await readPanelMessage(db, guildId, panelMessageId);
    if (!message || message.deletedAt !== null) throw new AppError('panel-message.unknown');
    mustBeVersion('panel.stale', message.version, input.ifVersion);
    await markPanelMessageDeleted(db, guildId, { panelMessageId, at: ctx.now() });
    await audit('panel-message.deleted', { panelMessageId, before: messageValuesOf(message) });
    await addPanelJob(db, guildId, panelMessageId);
  });
}
