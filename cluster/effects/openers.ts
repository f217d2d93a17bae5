import { RESTJSONErrorCodes, Routes } from 'discord-api-types/v10';
import { discordCodeOf, retryAfterMsOf } from '#discord/rest.ts';
import { closeLeft } from '#tickets/actions/close-left.ts';
import type { Ctx } from '#tickets/context.ts';
import { takeUnseenOpeners } from '#tickets/store/fleet/opener.ts';
import { markOpenerSeen } from '#tickets/store/opener.ts';
import type { RestClient } from '../interactions/deps.ts';
import { leftReason } from './timer-reason.ts';

const dayMs = 24 * 60 * 60_000;
/** After a question that was not answered, so long until the next. */
const againMs = 10 * 60_000;
/** One round's questions: a round a minute asks for 100,000 openers in a day and takes two requests of fifty a second. */
export const openerPace = 100;

/**
 * Asks Discord whether openers of open tickets are still members, where tickets close when they leave: without the intent GUILD_MEMBERS nobody tells,
 * and with it what happened while no cluster listened is never told. At most `openerPace` a round, each once a day. Answers how many had left.
 */
export async function checkOpeners(o: { ctx: Ctx; rest: RestClient }): Promise<number> {
  const { ctx, rest } = o;
  const now = ctx.now();
  const before = now - dayMs;
  const unseen = await takeUnseenOpeners(ctx.db, { before, putOffTo: before + againMs, limit: openerPace });
  let left = 0;
  for (const { guildId, openerId } of unseen) {
    try {
      await rest.get(Routes.guildMember(guildId, openerId));
    } catch (error) {
      const code = discordCodeOf(error);
      if (code === RESTJSONErrorCodes.UnknownMember || code === RESTJSONErrorCodes.UnknownUser) {
        left += 1;
        await closeLeft(ctx, guildId, { openerId, at: now, reasonOf: leftReason });
        continue;
      }
      // Discord has no time: the rest is asked for later too.
      if (retryAfterMsOf(error) !== null) break;
      ctx.log.warn({ err: error, guildId }, 'Discord did not say whether somebody is a member; it is asked again');
      continue;
    }
    await markOpenerSeen(ctx.db, guildId, { openerId, at: now });
  }
  return left;
}
