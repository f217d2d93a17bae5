import { expect, it } from 'vitest';
import { chipOf } from './status.tsx';

const open = { state: 'open', waiting: null, claimedBy: null, problem: null } as const;
const somebody = { id: '1', name: 'Member 12' };

it.each([
  [{ ...open, waiting: 'staff' as const }, 'ticket.waitingStaff', 'warn'],
  [{ ...open, waiting: 'staff' as const, claimedBy: somebody }, 'ticket.waitingStaff', 'warn'],
  [{ ...open, waiting: 'member' as const, claimedBy: somebody }, 'ticket.claimed', 'info'],
  [{ ...open, waiting: 'member' as const }, 'ticket.waitingMember', ''],
  [{ ...open, state: 'channel' as const }, 'ticket.opening', ''],
  [{ ...open, state: 'closed' as const }, 'ticket.closed', ''],
  [{ ...open, state: 'abandoned' as const }, 'ticket.abandoned', ''],
  [{ ...open, state: 'closed' as const, problem: 'No permission.' }, 'ticket.hindered', 'bad'],
])('a ticket that is %o reads %s', (ticket, name, tone) => {
  expect(chipOf(ticket)).toMatchObject({ name, tone });
});
