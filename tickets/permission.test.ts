import { expect, test } from 'vitest';
import { type Access, type Action, type Actor, authorKindOf, levelOf, refusalOf, type Staff } from './permission.ts';

const person = (id: string, o: Partial<Actor> = {}): Actor => ({
  id,
  roleIds: [],
  isOwner: false,
  hasManageGuild: false,
  ...o,
});
const row = (subjectId: string, o: Partial<Staff> = {}): Staff => ({
  teamId: 1,
  subjectId,
  subjectKind: 'user',
  level: 'support',
  ...o,
});
const access = (o: Partial<Access['settings']> = {}): Access => ({
  staff: [row('20'), row('90', { subjectKind: 'role', teamId: 2 }), row('30', { level: 'admin' })],
  settings: { trustManageGuild: true, usersCanClose: true, ...o },
});
const ticket = { openerId: '10', claimedBy: null, teamIds: [1], memberIds: ['40'] };

test('owner, bot admin and, unless switched off, whoever may manage the server are admins', () => {
  expect(levelOf(person('1', { isOwner: true }), access())).toBe('admin');
  expect(levelOf(person('30'), access())).toBe('admin');
  expect(levelOf(person('2', { hasManageGuild: true }), access())).toBe('admin');
  expect(levelOf(person('2', { hasManageGuild: true }), access({ trustManageGuild: false }))).toBe('member');
  expect(levelOf(person('3', { roleIds: ['90'] }), access())).toBe('support');
});

test('an author is opener before staff, staff by team, role, admin or claim, then participant, observer, bot', () => {
  const kind = (id: string, o: { roleIds?: string[]; isBot?: boolean } = {}, t = {}): string =>
    authorKindOf({ id, roleIds: [], isBot: false, ...o }, { ...ticket, ...t }, access().staff);
  expect(kind('10')).toBe('opener');
  expect(kind('20', {}, { openerId: '20' })).toBe('opener');
  expect(kind('20')).toBe('staff');
  expect(kind('30', {}, { teamIds: [5] })).toBe('staff');
  expect(kind('3', { roleIds: ['90'] })).toBe('observer');
  expect(kind('3', { roleIds: ['90'] }, { teamIds: [2] })).toBe('staff');
  expect(kind('3', {}, { claimedBy: '3' })).toBe('staff');
  expect(kind('40')).toBe('participant');
  expect(kind('41')).toBe('observer');
  expect(kind('20', { isBot: true })).toBe('bot');
});

test.each<[Action, string, string | undefined]>([
  ['ticket.view', '10', undefined],
  ['ticket.view', '40', undefined],
  ['ticket.view', '20', undefined],
  ['ticket.view', '41', 'ticket.unknown'],
  ['ticket.claim', '20', undefined],
  ['ticket.claim', '10', 'permission.support'],
  ['ticket.close', '10', undefined],
  ['ticket.close', '40', 'permission.staff-or-opener'],
  ['ticket.add', '10', undefined],
  ['ticket.add', '41', 'permission.staff-or-opener'],
  ['ticket.rate', '10', undefined],
  ['ticket.rate', '30', 'rate.not-opener'],
  ['guild.analytics', '20', 'permission.admin'],
  ['guild.analytics', '30', undefined],
  ['tickets.list', '20', undefined],
  ['tickets.list', '10', 'permission.support'],
])('%s by %s: %s', (action, id, expected) => {
  expect(refusalOf(person(id), action, access(), ticket)).toBe(expected);
});

test('support of another team may not work on a ticket', () => {
  const other = person('3', { roleIds: ['90'] });
  expect(refusalOf(other, 'ticket.claim', access(), ticket)).toBe('permission.team');
  expect(refusalOf(other, 'ticket.view', access(), ticket)).toBe('ticket.unknown');
});

test('members may close only when the server lets them', () => {
  expect(refusalOf(person('10'), 'ticket.close', access({ usersCanClose: false }), ticket)).toBe('close.not-allowed');
});
