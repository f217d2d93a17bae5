import { DiscordAPIError, HTTPError } from '@discordjs/rest';
import { RESTJSONErrorCodes, Routes } from 'discord-api-types/v10';
import { retry } from '#runtime/retry.ts';
import { metrics } from '#runtime/telemetry.ts';
import type { RestClient } from './deps.ts';
import type { Acknowledged } from './reply.ts';

/** Discord waits 3 s for the first answer; half a second is left for the way there. https://discord.com/developers/docs/interactions/receiving-and-responding */
export const acknowledgeWithinMs = 2_500;

/**
 * Brings the first answer of one interaction to Discord, within so many ms. `expired` when Discord knows the interaction no more or it
 * cannot be reached in time: whoever clicked sees a failure then, so nothing may be done for them.
 */
export type FirstAnswer = (body: object, withinMs: number) => Promise<Acknowledged>;

const isTimeout = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
const hasNoAnswer = (error: unknown): boolean =>
  !isTimeout(error) && !(error instanceof DiscordAPIError) && !(error instanceof HTTPError);

/** By the route that answers interactions of the gateway. */
export function byCallback(rest: RestClient, interaction: { id: string; token: string }): FirstAnswer {
  return async (body, withinMs) => {
    try {
      const route = Routes.interactionCallback(interaction.id, interaction.token);
      const signal = AbortSignal.timeout(Math.ceil(withinMs));
      // A connection that broke may have brought the answer to Discord: then the person reads "thinking…" and waits. Asked again, Discord
      // says that it has one already, and the work is done.
      const policy = { attempts: Infinity, minMs: 50, maxMs: 400, signal, when: hasNoAnswer };
      await retry(policy, () => rest.post(route, { auth: false, body, signal }));
      return 'mine';
    } catch (error) {
      if (error instanceof DiscordAPIError && error.code === RESTJSONErrorCodes.InteractionHasAlreadyBeenAcknowledged)
        return 'already';
      if (error instanceof DiscordAPIError && error.code === RESTJSONErrorCodes.UnknownInteraction) return 'expired';
      if (isTimeout(error)) return 'expired';
      throw error;
    }
  };
}

/** Sends the first answer to an interaction, unless it is too late for it. `receivedAt` is of the monotonic clock. */
export async function acknowledge(send: FirstAnswer, body: object, receivedAt: number): Promise<Acknowledged> {
  const leftMs = acknowledgeWithinMs - (performance.now() - receivedAt);
  if (leftMs <= 0) return 'expired';
  const acknowledged = await send(body, leftMs);
  if (acknowledged === 'mine') metrics.interactionAck.observe((performance.now() - receivedAt) / 1000);
  return acknowledged;
}
