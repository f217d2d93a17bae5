import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { writeAudit } from '../store/audit.ts';
import { lockGuild, writeEntitlement } from '../store/guild.ts';
import { addTimersJob } from '../store/job.ts';

/**
 * Grants a server every feature until a moment (ms), or takes the grant away (null). For whoever runs the installation: no member of the server
 * may do it.
 * @throws AppError guild.unknown
 */
export function entitleGuild(ctx: Ctx, guildId: string, input: { until: number | null }): Promise<void> {
  return ctx.db.transaction(async (db) => {
    const guild = await lockGuild(db, guildId);
    if (!guild) throw new AppError('guild.unknown');
    await writeEntitlement(db, guildId, input);
    await addTimersJob(db, guildId);
    await writeAudit(db, guildId, {
      at: ctx.now(),
      actorId: null,
      action: 'guild.entitled',
      data: { before: { until: guild.entitledUntil }, after: input },
    });
    ctx.log.info({ guildId, until: input.until }, 'guild entitled');
  });
}
