import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Actor } from '../permission.ts';
import { checkPatch } from '../settings/derive.ts';
import type { Overrides, Settings } from '../settings/registry.ts';
import { writeAudit } from '../store/audit.ts';
import { type Guild, lockGuild, writeSettings } from '../store/guild.ts';
import { mustMay, readInForce } from './commit.ts';

/** A change of settings; null resets nothing, it is a value where a setting allows it. `ifVersion`: refuse if somebody was faster. */
export type SettingsChange = { by: Actor; patch: Partial<Settings> | Record<string, unknown>; ifVersion?: number };

/**
 * Writes what a server chose: the one writer of settings.
 * @throws AppError setting.invalid {field, fix}, setting.stale, permission.admin, guild.unknown
 */
export async function setSettings(ctx: Ctx, guildId: string, input: SettingsChange): Promise<Guild> {
  const patch = checkPatch(input.patch);
  return ctx.db.transaction(async (db) => {
    const guild = await lockGuild(db, guildId);
    if (!guild) throw new AppError('guild.unknown');
    mustMay(input.by, 'guild.settings', await readInForce(db, guildId));
    if (input.ifVersion !== undefined && input.ifVersion !== guild.settingsVersion) throw new AppError('setting.stale');
    const overrides: Overrides = { ...guild.overrides, ...patch };
    await writeAudit(db, guildId, { at: ctx.now(), actorId: input.by.id, action: 'settings.changed', data: patch });
    const changed = await writeSettings(db, guildId, { overrides });
    if (!changed) throw new Error(`guild ${guildId} vanished under its own lock`);
    ctx.log.info({ guildId, settings: Object.keys(patch) }, 'settings changed');
    return changed;
  });
}
