import type { Ctx } from '../context.ts';
import { isEntitled } from '../entitlement.ts';
import { AppError } from '../errors.ts';
import { checkForm, type FormField } from '../form.ts';
import {
  checkPanel,
  checkPanelMessage,
  freePanels,
  type Panel,
  type PanelMessage,
  type PanelMessageValues,
  type PanelValues,
} from '../panel.ts';
import type { Actor } from '../permission.ts';
import { insertForm } from '../store/form.ts';
import { addPanelJob } from '../store/job.ts';
import { countPanels, insertPanel, readPanel, readPanelMadeFrom } from '../store/panel.ts';
import { insertPanelMessage, listPanelMessages, readPanelMessage } from '../store/panel-message.ts';
import { readDefaultTeamId } from '../store/staff.ts';
import { configure, type Desk, mustExist } from './configure.ts';
import { checkChannel } from './create-panel-message.ts';

/** A panel, and the message that shows it. What is left out follows the server's settings. */
export type PanelInput = { by: Actor; form: { name: string; fields: readonly FormField[] } | null } & Pick<
  PanelValues,
  'name' | 'buttonLabel' | 'buttonEmoji' | 'categoryId' | 'welcome'
> &
  Pick<PanelMessageValues, 'title' | 'content' | 'colour' | 'channelId'> &
  Partial<PanelValues> &
  Partial<Pick<PanelMessageValues, 'text' | 'imageUrl' | 'thumbnailUrl' | 'footer'>> & {
    /** The Default team if none is named. */
    teamIds?: readonly number[];
    /** The message or request that asks for it: it makes one panel, however often it is sent. */
    madeFrom?: string;
  };

function valuesOf(input: PanelInput, teamIds: readonly number[]): PanelValues {
  const { name, buttonLabel, buttonEmoji, categoryId, welcome } = input;
  return {
    name,
    buttonLabel,
    buttonEmoji,
    categoryId,
    welcome,
    buttonStyle: input.buttonStyle ?? 'primary',
    description: input.description ?? null,
    formId: input.formId ?? null,
    welcomeTitle: input.welcomeTitle ?? null,
    welcomeColour: input.welcomeColour ?? null,
    welcomeImageUrl: input.welcomeImageUrl ?? null,
    welcomeThumbnailUrl: input.welcomeThumbnailUrl ?? null,
    welcomeFooter: input.welcomeFooter ?? null,
    naming: input.naming ?? null,
    claimButton: input.claimButton ?? null,
    requiredRoleIds: input.requiredRoleIds ?? [],
    mentions: input.mentions ?? [],
    mode: input.mode ?? null,
    overflowCategoryIds: input.overflowCategoryIds ?? [],
    scheduleId: input.scheduleId ?? null,
    outsideHours: input.outsideHours ?? null,
    maxOpen: input.maxOpen ?? null,
    teamIds,
  };
}

const messageOf = (input: PanelInput, panelIds: readonly number[]): PanelMessageValues => ({
  text: input.text ?? null,
  title: input.title,
  content: input.content,
  colour: input.colour,
  imageUrl: input.imageUrl ?? null,
  thumbnailUrl: input.thumbnailUrl ?? null,
  footer: input.footer ?? null,
  layout: 'buttons',
  placeholder: null,
  channelId: input.channelId,
  panelIds,
});

/** What the same message or request has made before. */
async function madeBefore({ db, guild }: Desk, madeFrom: string) {
  const panel = await readPanelMadeFrom(db, guild.guildId, madeFrom);
  const messages = panel && (await listPanelMessages(db, guild.guildId));
  const panelMessage = messages?.find((message) => message.panelIds.includes(panel?.id ?? 0));
  return panel && panelMessage ? { panel, panelMessage } : null;
}

/**
 * Makes a panel and the message that shows it; the reconciler sends the message.
 * @throws AppError input.invalid {field, fix}, panel.limit {limit}, team.unknown, form.unknown, permission.admin, guild.unknown
 */
export async function createPanel(
  ctx: Ctx,
  guildId: string,
  input: PanelInput,
): Promise<{ panel: Panel; panelMessage: PanelMessage }> {
  return configure(ctx, guildId, { by: input.by, action: 'guild.panels' }, async (desk) => {
    const { db, guild } = desk;
    const madeFrom = input.madeFrom ?? null;
    const before = madeFrom === null ? null : await madeBefore(desk, madeFrom);
    if (before) return before;
    const defaultTeamId = await readDefaultTeamId(db, guildId);
    const values = valuesOf(input, input.teamIds ?? (defaultTeamId === null ? [] : [defaultTeamId]));
    if (input.form) checkForm(input.form);
    const shown = messageOf(input, [0]);
    checkPanelMessage(shown, guild.settings.footerText);
    checkPanel(values);
    checkChannel(guild, shown);
    const isFree = !isEntitled(ctx.premium, guild.entitledUntil, ctx.now());
    if (isFree && (await countPanels(db, guildId)) >= freePanels)
      throw new AppError('panel.limit', { limit: freePanels });
    await mustExist(desk, values);
    const formId = input.form ? await insertForm(db, guildId, input.form) : values.formId;
    const panelId = await insertPanel(db, guildId, { ...values, formId, madeFrom });
    const messageId = await insertPanelMessage(db, guildId, { ...shown, panelIds: [panelId], madeFrom: null });
    await desk.audit('panel.created', { panelId, name: input.name, channelId: input.channelId });
    await addPanelJob(db, guildId, messageId);
    const panel = await readPanel(db, guildId, panelId);
    const panelMessage = await readPanelMessage(db, guildId, messageId);
    if (!panel || !panelMessage) throw new Error(`panel ${panelId} vanished inside its own transaction`);
    return { panel, panelMessage };
  });
}
