import { invalid } from '../bounds.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { checkPanelMessage, type PanelMessage, type PanelMessageValues } from '../panel.ts';
import type { Actor } from '../permission.ts';
import type { Guild } from '../store/guild.ts';
import { addPanelJob } from '../store/job.ts';
import { listPanels } from '../store/panel.ts';
import { insertPanelMessage, readPanelMessage, readPanelMessageMadeFrom } from '../store/panel-message.ts';
import { configure, type Desk } from './configure.ts';

/** Members press buttons where they are shown; transcripts are for staff (features.md 1.4-04). Throws AppError input.invalid. */
export function checkChannel(guild: Pick<Guild, 'settings'>, message: Pick<PanelMessageValues, 'channelId'>): void {
  if (message.channelId === guild.settings.transcriptsChannel)
    throw invalid('channelId', 'another channel than the transcripts channel');
}

/** Checks that a server has these panels. Throws AppError panel.unknown. */
export async function mustHavePanels({ db, guild }: Desk, panelIds: readonly number[]): Promise<void> {
  const known = new Set((await listPanels(db, guild.guildId)).map((panel) => panel.id));
  if (panelIds.some((id) => !known.has(id))) throw new AppError('panel.unknown');
}

/**
 * Makes a message that shows panels, as buttons or in a select menu; the reconciler sends it.
 * @throws AppError input.invalid {field, fix}, panel.unknown, permission.admin, guild.unknown
 */
export function createPanelMessage(
  ctx: Ctx,
  guildId: string,
  input: { by: Actor; values: PanelMessageValues; madeFrom?: string },
): Promise<PanelMessage> {
  const { by, values, madeFrom = null } = input;
  return configure(ctx, guildId, { by, action: 'guild.panels' }, async (desk) => {
    const { db, guild } = desk;
    const before = madeFrom === null ? null : await readPanelMessageMadeFrom(db, guildId, madeFrom);
    if (before) return before;
    checkPanelMessage(values, guild.settings.footerText);
    checkChannel(guild, values);
    await mustHavePanels(desk, values.panelIds);
    const panelMessageId = await insertPanelMessage(db, guildId, { ...values, madeFrom });
    const { panelIds, channelId } = values;
    await desk.audit('panel-message.created', { panelMessageId, title: values.title, panelIds, channelId });
    await addPanelJob(db, guildId, panelMessageId);
    const made = await readPanelMessage(db, guildId, panelMessageId);
    if (!made) throw new Error(`panel message ${panelMessageId} vanished inside its own transaction`);
    return made;
  });
}
