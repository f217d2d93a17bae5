import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Actor } from '../permission.ts';
import { readPanel } from '../store/panel.ts';
import { readDefaultTeamId } from '../store/staff.ts';
import type { Ticket } from '../ticket.ts';
import { authorOf, changeTicket, mustMay } from './commit.ts';

/**
 * Moves a ticket to another panel: its teams work on it from now on, its channel goes to that panel's category, a name that nobody gave
 * follows that panel's naming. Its number, its claimer and those added to it stay.
 * @throws AppError panel.unknown, switch.thread, ticket.closed, permission.…
 */
export function switchPanel(
  ctx: Ctx,
  guildId: string,
  input: { ticketId: number; by: Actor; panelId: number; at: number },
): Promise<Ticket> {
  const { ticketId, by, panelId, at } = input;
  const asked = { name: 'panel_switched' as const, by: by.id, at };
  return changeTicket(ctx, guildId, { ticketId, verb: 'change', asked }, async ({ db, ticket, access }) => {
    mustMay(by, 'ticket.switch-panel', access, ticket);
    if (ticket.mode === 'thread') throw new AppError('switch.thread');
    const panel = await readPanel(db, guildId, panelId);
    if (!panel || panel.deletedAt !== null) throw new AppError('panel.unknown', { panelId });
    if (ticket.panelId === panelId) return undefined;
    const before = ticket.panelId === null ? null : await readPanel(db, guildId, ticket.panelId);
    const defaultTeamId = panel.teamIds.length > 0 ? null : await readDefaultTeamId(db, guildId);
    return {
      set: { panelId, teamIds: defaultTeamId === null ? panel.teamIds : [defaultTeamId] },
      entry: {
        name: 'panel_switched',
        by: authorOf(by, ticket, access),
        at,
        // By name too: a panel may be renamed or deleted, what happened stays readable.
        data: { panelId, before: before?.name ?? null, after: panel.name },
      },
    };
  });
}
