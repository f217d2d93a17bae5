import type { Db } from '#runtime/postgres.ts';
import type { Ctx } from '../context.ts';
import { mustBeEntitled } from '../entitlement.ts';
import { AppError } from '../errors.ts';
import type { Actor } from '../permission.ts';
import { accessSettings } from '../settings/access.ts';
import { boundsOf, checkPatch, checkReset } from '../settings/derive.ts';
import { type Overrides, type Setting, type SettingName, type Settings, settings } from '../settings/registry.ts';
import { writeAudit } from '../store/audit.ts';
import { type Guild, lockGuild, writeSettings } from '../store/guild.ts';
import { addAccessJob, addPanelJob, addTimersJob } from '../store/job.ts';
import { listPanelMessages, markPanelMessagePending } from '../store/panel-message.ts';
import { isReferable } from '../store/reference.ts';
import { timerSettings } from '../timers.ts';
import { mustMay, readInForce } from './commit.ts';

/** A change of settings. `reset` names those that follow the default again; null in `patch` is a value. `ifVersion`: refuse if somebody was faster. */
export type SettingsChange = {
  by: Actor;
  patch: Partial<Settings> | Record<string, unknown>;
  reset?: readonly string[];
  ifVersion?: number;
};

/** A server after a change of its settings; `auditId` is what undoes it. */
export type ChangedGuild = Guild & { auditId: number };

/** The entries of `overrides` that are named. One that is missing followed the default. */
const pick = (overrides: Overrides, names: readonly string[]): Overrides =>
  Object.fromEntries(Object.entries(overrides).filter(([name]) => names.includes(name)));

/** Throws `premium.required` when a change chooses what a server is not entitled to. What it has, it may send again. */
function checkPremium(ctx: Ctx, guild: Guild, patch: Overrides): void {
  for (const [name, value] of Object.entries(patch) as [SettingName, unknown][]) {
    const setting: Setting = settings[name];
    if (setting.premium && value !== setting.default && value !== guild.settings[name])
      mustBeEntitled(ctx, guild, setting.premium);
  }
}

/** Throws `setting.invalid` when a change names a panel or a schedule that this server has not. What it has named before, it may send again. */
async function checkReferences(db: Db, guild: Guild, patch: Overrides): Promise<void> {
  for (const [name, value] of Object.entries(patch) as [SettingName, unknown][]) {
    const setting: Setting = settings[name];
    if (setting.kind !== 'reference' || typeof value !== 'number' || value === guild.settings[name]) continue;
    if (!(await isReferable(db, guild.guildId, { to: setting.to, id: value })))
      throw new AppError('setting.invalid', { field: name, fix: boundsOf(name) });
  }
}

/** The footer is all that panel messages show of the settings, unless they have one of their own. */
async function republishPanels(db: Db, guildId: string): Promise<void> {
  for (const { id: panelMessageId, footer } of await listPanelMessages(db, guildId)) {
    if (footer !== null) continue;
    await markPanelMessagePending(db, guildId, { panelMessageId, isToSend: false });
    await addPanelJob(db, guildId, panelMessageId);
  }
}

/** What a change does to a server whose row is held; `undoes` names the change that it takes back. */
export async function applySettings(
  ctx: Ctx,
  db: Db,
  guild: Guild,
  input: { byId: string; patch: Overrides; reset: readonly SettingName[]; undoes?: number },
): Promise<ChangedGuild> {
  const { guildId } = guild;
  const { patch, reset } = input;
  const named = [...Object.keys(patch), ...reset];
  checkPremium(ctx, guild, patch);
  await checkReferences(db, guild, patch);
  const overrides: Overrides = { ...guild.overrides, ...patch };
  for (const name of reset) delete overrides[name];
  const auditId = await writeAudit(db, guildId, {
    at: ctx.now(),
    actorId: input.byId,
    action: 'settings.changed',
    data: {
      before: pick(guild.overrides, named),
      after: pick(overrides, named),
      ...(input.undoes !== undefined && { undoes: input.undoes }),
    },
  });
  const changed = await writeSettings(db, guildId, { overrides });
  if (!changed) throw new Error(`guild ${guildId} vanished under its own lock`);
  if (timerSettings.some((name) => named.includes(name))) await addTimersJob(db, guildId);
  if (accessSettings.some((name) => named.includes(name))) await addAccessJob(db, guildId);
  if (named.includes('footerText')) await republishPanels(db, guildId);
  ctx.log.info({ guildId, settings: named }, 'settings changed');
  return { ...changed, auditId };
}

/**
 * Writes what a server chose: with undo-settings.ts the one writer of settings.
 * @throws AppError setting.invalid {field, fix}, setting.stale, premium.required {feature}, permission.admin, guild.unknown
 */
export async function setSettings(ctx: Ctx, guildId: string, input: SettingsChange): Promise<ChangedGuild> {
  const patch = checkPatch(input.patch);
  const reset = checkReset(input.reset ?? [], patch);
  return ctx.db.transaction(async (db) => {
    const guild = await lockGuild(db, guildId);
    if (!guild) throw new AppError('guild.unknown');
    mustMay(input.by, 'guild.settings', await readInForce(db, guildId));
    if (input.ifVersion !== undefined && input.ifVersion !== guild.settingsVersion) throw new AppError('setting.stale');
    return applySettings(ctx, db, guild, { byId: input.by.id, patch, reset });
  });
}
