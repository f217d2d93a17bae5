import { expect, test } from 'vitest';
import { type Applied, nothingApplied } from '#tickets/applied.ts';
import type { Ticket } from '#tickets/ticket.ts';
import { onceOpen, renaming } from './plan-open.ts';

const ticket = (applied: Partial<Applied>, more: Partial<Ticket> = {}): Ticket =>
  ({ state: 'open', mode: 'channel', name: null, ...more, applied: { ...nothingApplied, ...applied } }) as Ticket;
const usual = { deleteMention: true, staffThread: false };
const minute = 60_000;

test('staff are pinged once, and the ping is deleted where the server wants that', () => {
  expect(onceOpen(ticket({}), usual)).toBe('mention');
  expect(onceOpen(ticket({ mentionMessageId: '7' }), usual)).toBe('unmention');
  expect(onceOpen(ticket({ mentionMessageId: '7' }), { ...usual, deleteMention: false })).toBeNull();
  expect(onceOpen(ticket({ mentionMessageId: '7', mentionDeletedAt: 1 }), usual)).toBeNull();
  expect(onceOpen(ticket({ mentionMessageId: 'none' }), usual)).toBeNull();
});

test('a ticket from before there were pings and staff threads gets neither', () => {
  const old = { ...nothingApplied, mentionMessageId: undefined, staffThreadId: undefined } as unknown as Applied;
  expect(onceOpen({ ...ticket({}), applied: old }, { ...usual, staffThread: true })).toBeNull();
});

test('the staff thread is made, then filled; a thread ticket has none', () => {
  const pinged = { mentionMessageId: 'none' };
  const on = { ...usual, staffThread: true };
  expect(onceOpen(ticket(pinged), on)).toBe('staff-thread');
  expect(onceOpen(ticket({ ...pinged, staffThreadId: '8' }), on)).toBe('staff-thread');
  expect(onceOpen(ticket({ ...pinged, staffThreadId: '8', staffThreadFilled: true }), on)).toBeNull();
  expect(onceOpen(ticket({ ...pinged, staffThreadId: 'none' }), on)).toBeNull();
  expect(onceOpen(ticket(pinged, { mode: 'thread' }), on)).toBeNull();
});

test('a name is written when it differs, at most twice in ten minutes, and given back to the scheme', () => {
  const named = { schemeName: 'ticket-1', name: 'ticket-1' };
  expect(renaming(ticket(named), 0)).toBeNull();
  expect(renaming(ticket(named, { name: 'Big Matter' }), 0)).toEqual({ step: 'name' });
  expect(renaming(ticket({ ...named, name: 'big-matter' }, { name: 'Big Matter' }), 0)).toBeNull();
  expect(renaming(ticket({ ...named, name: 'big-matter' }), 0)).toEqual({ step: 'name' });
  const now = 60 * minute;
  const spent = { ...named, renamedAt: [now - 9 * minute, now - minute] };
  expect(renaming(ticket(spent, { name: 'third' }), now)).toEqual({ waitUntil: now + minute });
  expect(renaming(ticket({ ...spent, renamedAt: [now - 11 * minute, now] }, { name: 'third' }), now)).toEqual({
    step: 'name',
  });
});
