import type { Ctx } from '../context.ts';
import { mustBeEntitled } from '../entitlement.ts';
import { AppError } from '../errors.ts';
import type { Actor } from '../permission.ts';
import { checkPatch, checkReset } from '../settings/derive.ts';
import { type Overrides, type Setting, type SettingName, type Settings, settings } from '../settings/registry.ts';
import { writeAudit } from '../store/audit.ts';
import { type Guild, lockGuild, writeSettings } from '../store/guild.ts';
import { mustMay, readInForce } from './commit.ts';

/** A change of settings. `reset` names those that follow the default again; null in `patch` is a value. `ifVersion`: refuse if somebody was faster. */
export type SettingsChange = {
  by: Actor;
  patch: Partial<Settings> | Record<string, unknown>;
  reset?: readonly string[];
  ifVersion?: number;
};

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

/**
 * Writes what a server chose: the one writer of settings.
 * @throws AppError setting.invalid {field, fix}, setting.stale, premium.required {feature}, permission.admin, guild.unknown
 */
export async function setSettings(ctx: Ctx, guildId: string, input: SettingsChange): Promise<Guild> {
  const patch = checkPatch(input.patch);
  const reset = checkReset(input.reset ?? [], patch);
  const named = [...Object.keys(patch), ...reset];
  return ctx.db.transaction(async (db) => {
    const guild = await lockGuild(db, guildId);
    if (!guild) throw new AppError('guild.unknown');
    mustMay(input.by, 'guild.settings', await readInForce(db, guildId));
    if (input.ifVersion !== undefined && input.ifVersion !== guild.settingsVersion) throw new AppError('setting.stale');
    checkPremium(ctx, guild, patch);
    const overrides: Overrides = { ...guild.overrides, ...patch };
    for (const name of reset) delete overrides[name];
    await writeAudit(db, guildId, {
      at: ctx.now(),
      actorId: input.by.id,
      action: 'settings.changed',
      data: { before: pick(guild.overrides, named), after: pick(overrides, named) },
    });
    const changed = await writeSettings(db, guildId, { overrides });
    if (!changed) throw new Error(`guild ${guildId} vanished under its own lock`);
    ctx.log.info({ guildId, settings: named }, 'settings changed');
    return changed;
  });
}
