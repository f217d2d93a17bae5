import type { Panel } from './panel.ts';
import type { Settings } from './settings/registry.ts';
import type { Ticket } from './ticket.ts';

/**
 * Whether a ticket's first message has a button to claim it: as its panel says, else as the server's setting says, and that usually means
 * wherever claiming is on (features.md C9). Threads cannot be claimed, so theirs have none.
 */
export function hasClaimButton(o: {
  ticket: Pick<Ticket, 'mode'>;
  panel: Pick<Panel, 'claimButton'> | null;
  settings: Pick<Settings, 'claimButton' | 'claimingMode'>;
}): boolean {
  const { claimButton, claimingMode } = o.settings;
  if (o.ticket.mode === 'thread') return false;
  return o.panel?.claimButton ?? (claimButton === 'usual' ? claimingMode !== 'disabled' : claimButton === 'on');
}
