import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { type Guild, readGuild } from '../store/guild.ts';
import { listClosable } from '../store/opener.ts';
import { closeTicket } from './close.ts';

/**
 * Closes the tickets of somebody who has left, where the server wants that (features.md 1.7-08); excluded ones stay. Answers how many. Who comes back
 * finds them closed.
 */
export async function closeLeft(
  ctx: Ctx,
  guildId: string,
  input: { openerId: string; at: number; reasonOf: (guild: Guild) => string },
): Promise<number> {
  const guild = await readGuild(ctx.db, guildId);
  if (!guild?.settings.autoclose || !guild.settings.autocloseOnLeave) return 0;
  let closed = 0;
  for (const ticketId of await listClosable(ctx.db, guildId, input)) {
    try {
      await closeTicket(ctx, guildId, { ticketId, by: null, reason: input.reasonOf(guild), at: input.at });
      closed += 1;
    } catch (error) {
      // Closed by somebody in the same moment.
      if (!(error instanceof AppError) || error.code !== 'ticket.closed') throw error;
    }
  }
  return closed;
}
