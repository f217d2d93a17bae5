import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { FormField, Panel, PanelMessage } from '../panel.ts';
import type { Actor } from '../permission.ts';
import { writeAudit } from '../store/audit.ts';
import { addPanelJob } from '../store/job.ts';
import { insertForm, insertPanel, insertPanelMessage, readPanel, readPanelMessage } from '../store/panel.ts';
import { listTeams } from '../store/staff.ts';
import { mustMay, readInForce } from './commit.ts';

/** A panel, and the message that shows it. */
export type PanelInput = {
  by: Actor;
  name: string;
  title: string;
  content: string;
  /** 0xRRGGBB */
  colour: number;
  buttonLabel: string;
  buttonEmoji: string | null;
  channelId: string;
  categoryId: string | null;
  form: { name: string; fields: readonly FormField[] } | null;
  welcome: string | null;
  maxOpen?: number | null;
  /** The Default team if none is named. */
  teamIds?: readonly number[];
};

// Discord's: an embed's title and text, a button's label, a modal's inputs and their labels. `features.md` C4 for the first two.
const bounds = { name: 45, title: 255, content: 4096, buttonLabel: 80, fields: 5, fieldLabel: 45, welcome: 4096 };

function mustFit(input: PanelInput): void {
  const isWithin = (text: string, max: number): boolean => text.length > 0 && text.length <= max;
  const fields = input.form?.fields ?? [];
  const maxOpen = input.maxOpen ?? null;
  const wrong = [
    ['name', isWithin(input.name, bounds.name)],
    ['title', isWithin(input.title, bounds.title)],
    ['content', isWithin(input.content, bounds.content)],
    ['buttonLabel', isWithin(input.buttonLabel, bounds.buttonLabel)],
    ['welcome', input.welcome === null || isWithin(input.welcome, bounds.welcome)],
    ['colour', Number.isInteger(input.colour) && input.colour >= 0 && input.colour <= 0xffffff],
    ['form', input.form === null || (fields.length > 0 && fields.length <= bounds.fields)],
    ['form', fields.every((field) => isWithin(field.label, bounds.fieldLabel))],
    ['maxOpen', maxOpen === null || (Number.isInteger(maxOpen) && maxOpen > 0)],
  ] as const;
  const field = wrong.find(([, fits]) => !fits)?.[0];
  if (field) throw new AppError('input.invalid', { field });
}

/**
 * Makes a panel and the message that shows it; the reconciler sends the message.
 * @throws AppError input.invalid {field}, team.unknown, permission.admin, guild.unknown
 */
export async function createPanel(
  ctx: Ctx,
  guildId: string,
  input: PanelInput,
): Promise<{ panel: Panel; panelMessage: PanelMessage }> {
  mustFit(input);
  return ctx.db.transaction(async (db) => {
    mustMay(input.by, 'guild.panels', await readInForce(db, guildId));
    const teams = await listTeams(db, guildId);
    const teamIds = input.teamIds ?? teams.filter((team) => team.isDefault).map((team) => team.id);
    if (teamIds.some((id) => !teams.some((team) => team.id === id))) throw new AppError('team.unknown');
    const formId = input.form && (await insertForm(db, guildId, input.form));
    const panelId = await insertPanel(db, guildId, {
      name: input.name,
      buttonLabel: input.buttonLabel,
      buttonEmoji: input.buttonEmoji,
      categoryId: input.categoryId,
      formId,
      welcome: input.welcome,
      maxOpen: input.maxOpen ?? null,
      teamIds,
    });
    const { title, content, colour, channelId } = input;
    const messageId = await insertPanelMessage(db, guildId, { title, content, colour, channelId, panelIds: [panelId] });
    await writeAudit(db, guildId, {
      at: ctx.now(),
      actorId: input.by.id,
      action: 'panel.created',
      data: { panelId, name: input.name, channelId },
    });
    await addPanelJob(db, guildId, messageId);
    const panel = await readPanel(db, guildId, panelId);
    const panelMessage = await readPanelMessage(db, guildId, messageId);
    if (!panel || !panelMessage) throw new Error(`panel ${panelId} vanished inside its own transaction`);
    ctx.log.info({ guildId, panelId }, 'panel created');
    return { panel, panelMessage };
  });
}
