import type { Source } from './facts.ts';
import type { Panel } from './panel.ts';
import type { Settings } from './settings/registry.ts';
import type { Ticket, TicketMode } from './ticket.ts';

/**
 * Where a new ticket is: its panel says so, else the server's settings. Threads need a channel that tells staff about them
 * (features.md 1.3-43). The style of /open and of tickets without a panel is a setting of its own (1.3-12).
 */
export function modeFor(o: {
  panel: Pick<Panel, 'mode'> | null;
  settings: Pick<Settings, 'useThreads' | 'threadNotificationChannel' | 'manualTicketStyle'>;
  source: Source;
}): TicketMode {
  if (o.panel?.mode) return o.panel.mode;
  if (o.settings.useThreads && o.settings.threadNotificationChannel !== null) return 'thread';
  return o.source === 'command' || o.panel === null ? o.settings.manualTicketStyle : 'channel';
}

/**
 * What becomes of a closed ticket's thread. Usually it is archived, so that it can be reopened; that of /open is deleted
 * (features.md C15).
 */
export function closeActionOf(
  ticket: Pick<Ticket, 'source'>,
  settings: Pick<Settings, 'threadCloseAction'>,
): 'archive' | 'delete' {
  if (settings.threadCloseAction !== 'usual') return settings.threadCloseAction;
  return ticket.source === 'command' ? 'delete' : 'archive';
}
