import { RESTJSONErrorCodes } from 'discord-api-types/v10';
import { discordCodeOf } from '#discord/rest.ts';
import type { Applied } from '#tickets/applied.ts';
import { recordApplied } from '#tickets/store/applied.ts';
import { missingIn, permissionContext } from './missing-permissions.ts';
import type { EffectDeps, Seen } from './seen.ts';

/** What hinders a step, as it is stored and shown. */
export type Problem = NonNullable<Applied['problem']>;
type Context = Problem['context'];

/** Whether Discord refused for want of a permission: 50001 where the bot cannot see, 50013 where it may not act. */
export function isForbidden(error: unknown): boolean {
  const code = discordCodeOf(error);
  return code === RESTJSONErrorCodes.MissingAccess || code === RESTJSONErrorCodes.MissingPermissions;
}

/** Whether the thing itself is gone: channel, message, webhook, person. */
export function isGone(error: unknown): boolean {
  const code = discordCodeOf(error);
  return code === RESTJSONErrorCodes.UnknownChannel || code === RESTJSONErrorCodes.UnknownMessage;
}

/** 50007: closed to direct messages; 50278: no server in common any more; 10013: the account is gone. */
export function isUnreachable(error: unknown): boolean {
  const code = discordCodeOf(error);
  return (
    code === RESTJSONErrorCodes.CannotSendMessagesToThisUser ||
    code === 50_278 ||
    code === RESTJSONErrorCodes.UnknownUser
  );
}

/** Whether an interaction's token has died (15 min), or its message is gone. */
export function isTokenDead(error: unknown): boolean {
  const code = discordCodeOf(error);
  return code === RESTJSONErrorCodes.InvalidWebhookToken || code === RESTJSONErrorCodes.UnknownWebhook || isGone(error);
}

/** Stores a problem of a ticket, and logs it once. */
export async function recordProblem(
  deps: EffectDeps,
  seen: Seen,
  code: string,
  context: Context,
  also: Partial<Applied> = {},
): Promise<void> {
  const { guildId, id: ticketId } = seen.ticket;
  const problem: Problem = { code, context, at: deps.ctx.now() };
  await recordApplied(deps.ctx.db, guildId, ticketId, { ...also, problem });
  deps.ctx.log.warn({ guildId, ticketId, problem: code, ...context }, 'Discord refused a step');
}

/** Names what is missing after a refusal. What cannot be found out is still said: then all that is needed is named. */
export async function permissionProblem(
  deps: EffectDeps,
  o: { guildId: string; channelId: string | null; needed: bigint },
) {
  const lacking = await missingIn(deps.rest, { ...o, botUserId: deps.botUserId });
  return { lacking, context: permissionContext(lacking) };
}
