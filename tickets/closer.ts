import type { Settings } from './settings/registry.ts';
import type { Ticket } from './ticket.ts';

/** Whether the member is not told who closed their ticket (features.md 1.3-10). Staff always are; an own closing is no secret. */
export const isCloserHidden = (
  { closedBy, openerId }: Pick<Ticket, 'closedBy' | 'openerId'>,
  { hideCloser }: Pick<Settings, 'hideCloser'>,
): boolean => hideCloser && closedBy !== openerId;
