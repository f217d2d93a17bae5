import type { Db } from '#runtime/postgres.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { checkPanel, type Panel, type PanelValues } from '../panel.ts';
import type { Actor } from '../permission.ts';
import { addPanelJob } from '../store/job.ts';
import { readPanel, updatePanel } from '../store/panel.ts';
import { listPanelMessages, markPanelMessagePending } from '../store/panel-message.ts';
import { configure, differences, mustBeVersion, mustExist } from './configure.ts';

/** What was decided about a panel. */
export function panelValuesOf(panel: Panel): PanelValues {
  const { id: _id, guildId: _guild, form, deletedAt: _deleted, version: _version, ...rest } = panel;
  return { ...rest, formId: form?.id ?? null };
}

/** Has the messages that show a panel looked at again. */
export async function refreshMessagesOf(db: Db, guildId: string, panelId: number): Promise<void> {
  for (const message of await listPanelMessages(db, guildId)) {
    if (!message.panelIds.includes(panelId)) continue;
    await markPanelMessagePending(db, guildId, { panelMessageId: message.id, isToSend: false });
    await addPanelJob(db, guildId, message.id);
  }
}

/**
 * Changes what `patch` names of a panel; tickets that are open stay as they are. Its messages follow.
 * @throws AppError panel.unknown, panel.stale, input.invalid {field, fix}, team.unknown, form.unknown, permission.admin, guild.unknown
 */
export function editPanel(
  ctx: Ctx,
  guildId: string,
  input: { by: Actor; panelId: number; patch: Partial<PanelValues>; ifVersion?: number },
): Promise<Panel> {
  const { by, panelId, patch } = input;
  return configure(ctx, guildId, { by, action: 'guild.panels' }, async (desk) => {
    const { db } = desk;
    const panel = await readPanel(db, guildId, panelId);
    if (!panel || panel.deletedAt !== null) throw new AppError('panel.unknown');
    mustBeVersion('panel.stale', panel.version, input.ifVersion);
    const before = panelValuesOf(panel);
    const diff = differences(before, patch);
    if (!diff) return panel;
    checkPanel(diff.after);
    await mustExist(desk, diff.after);
    await updatePanel(db, guildId, { ...before, ...diff.after, panelId });
    await desk.audit('panel.changed', { panelId, ...diff });
    await refreshMessagesOf(db, guildId, panelId);
    const changed = await readPanel(db, guildId, panelId);
    if (!changed) throw new Error(`panel ${panelId} vanished inside its own transaction`);
    return changed;
  });
}
