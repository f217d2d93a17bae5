import type { Ctx } from '../context.ts';
import type { Actor } from '../permission.ts';
import { oneLine } from '../text.ts';
import type { Ticket } from '../ticket.ts';
import { authorOf, changeTicket, mustMay } from './commit.ts';

/** Discord's limit of a channel's name. https://discord.com/developers/docs/resources/channel#channel-object */
export const maxNameLength = 100;

/**
 * Names a ticket's channel; null lets it follow the naming scheme again. Discord makes of it what its channels allow.
 * @throws AppError input.invalid {field, fix}, ticket.closed, permission.…
 */
export function renameTicket(
  ctx: Ctx,
  guildId: string,
  input: { ticketId: number; by: Actor; name: string | null; at: number },
): Promise<Ticket> {
  const { ticketId, by, at } = input;
  const name = input.name === null ? null : oneLine(input.name, { field: 'name', max: maxNameLength });
  const asked = { name: 'renamed' as const, by: by.id, at };
  return changeTicket(ctx, guildId, { ticketId, verb: 'change', asked }, ({ ticket, access }) => {
    mustMay(by, 'ticket.rename', access, ticket);
    if (ticket.name === name) return undefined;
    const data = { before: ticket.name, after: name };
    return { set: { name }, entry: { name: 'renamed', by: authorOf(by, ticket, access), at, data } };
  });
}
