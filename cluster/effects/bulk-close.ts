import { guildLocale, translate } from '#locales/index.ts';
import { closeNextBatch } from '#tickets/actions/bulk-close.ts';
import type { BulkClose } from '#tickets/store/bulk-close.ts';
import { readGuild } from '#tickets/store/guild.ts';
import { editOriginal } from '../interactions/reply.ts';
import { isTokenDead } from './problems.ts';
import type { EffectDeps } from './seen.ts';

/** How far a closing of many tickets is, in words. */
export function bulkText(locale: string, { state, ticketIds, done, closed }: BulkClose): string {
  const vars = { closed: String(closed), count: String(ticketIds.length), left: String(ticketIds.length - closed) };
  if (state !== 'done') return translate(locale, 'bulk.running', { ...vars, done: String(done) });
  return translate(locale, closed < ticketIds.length ? 'bulk.done-some' : 'bulk.done', vars);
}

/** Closes the next tickets, and says so where it was asked for. Answers when to go on (ms), null when it is done. */
export async function runBulkBatch(deps: EffectDeps, o: { guildId: string; bulkId: number }): Promise<number | null> {
  const { ctx } = deps;
  const bulk = await closeNextBatch(ctx, o.guildId, o.bulkId);
  if (!bulk) return null;
  await tell(deps, o.guildId, bulk);
  return bulk.state === 'running' ? ctx.now() : null;
}

/** An answer that cannot be written any more holds up nothing. */
async function tell(deps: EffectDeps, guildId: string, bulk: BulkClose): Promise<void> {
  if (bulk.replyToken === null) return;
  const guild = await readGuild(deps.ctx.db, guildId);
  const locale = guildLocale(guild?.settings.language ?? null, guild?.locale ?? null);
  try {
    const content = bulkText(locale, bulk);
    await editOriginal(deps.callbackRest, deps.applicationId, bulk.replyToken, { content });
  } catch (err) {
    if (!isTokenDead(err))
      deps.ctx.log.warn({ err, guildId, bulkId: bulk.id }, 'how far a closing is could not be told');
  }
}
