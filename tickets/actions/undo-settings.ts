import { isDeepStrictEqual } from 'node:util';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Actor } from '../permission.ts';
import { checkPatch, checkReset } from '../settings/derive.ts';
import { changedIn } from '../settings/change.ts';
import type { Overrides } from '../settings/registry.ts';
import { readAudit } from '../store/audit.ts';
import { lockGuild } from '../store/guild.ts';
import { mustMay, readInForce } from './commit.ts';
import { applySettings, type ChangedGuild } from './set-settings.ts';

/**
 * Takes a change of settings back: what it changed is as before it, and nothing else changes. That is a change itself, which can be undone.
 * @throws AppError audit.unknown, audit.final, audit.superseded {field}, setting.invalid {field, fix}, premium.required {feature},
 *   permission.admin, guild.unknown
 */
export function undoSettings(ctx: Ctx, guildId: string, input: { by: Actor; auditId: number }): Promise<ChangedGuild> {
  return ctx.db.transaction(async (db) => {
    const guild = await lockGuild(db, guildId);
    if (!guild) throw new AppError('guild.unknown');
    mustMay(input.by, 'guild.settings', await readInForce(db, guildId));
    const entry = await readAudit(db, guildId, input.auditId);
    if (!entry) throw new AppError('audit.unknown');
    const change = changedIn(entry);
    if (!change) throw new AppError('audit.final');
    const current: Readonly<Record<string, unknown>> = guild.overrides;
    // An unchanged value is what it was; a setting that followed the default is absent on both sides.
    const moved = change.names.find((name) => !isDeepStrictEqual(current[name], change.after[name]));
    if (moved !== undefined) throw new AppError('audit.superseded', { field: moved });
    const patch: Overrides = checkPatch(change.before);
    const reset = checkReset(
      change.names.filter((name) => !Object.hasOwn(change.before, name)),
      patch,
    );
    return applySettings(ctx, db, guild, { byId: input.by.id, patch, reset, undoes: entry.id });
  });
}
