import type { Ticket } from '#tickets/ticket.ts';

/** The steps that claiming and moving need. */
export type ClaimStep = 'move' | 'claim-ping';

/** What is missing of an open channel ticket once its overwrites are right: the place that its panel says, the ping about its claim. */
export function afterOverwrites(ticket: Ticket, claimToPing: number | null): ClaimStep | null {
  const { applied, mode } = ticket;
  if (mode === 'thread') return null;
  if ((applied.movedToPanelId ?? ticket.openedPanelId) !== ticket.panelId) return 'move';
  return claimToPing !== null && claimToPing > (applied.pingedClaim ?? 0) ? 'claim-ping' : null;
}
