import { describe, expect, test } from 'vitest';
import type { ErrorCode } from './errors.ts';
import {
  type Access,
  type Action,
  actions,
  type Actor,
  isBlocked,
  levelOf,
  refusalOf,
  type Staff,
} from './permission.ts';

/**
 * Every action by every kind of person under every setting that bears on it, against a table that was written from the feature list and not
 * from the code. A new action is red here until somebody has decided, column by column, who may do it.
 */
const [mine, other] = [1, 2]; // teams: the ticket's, and one that has nothing to do with it
const someone = (id: string, o: Partial<Actor> = {}): Actor => ({
  id,
  roleIds: [],
  isOwner: false,
  hasManageGuild: false,
  ...o,
});

const people = {
  owner: someone('100', { isOwner: true }),
  /** /addadmin by name (1.1-03). */
  admin: someone('101'),
  /** /addadmin of a role. */
  adminRole: someone('102', { roleIds: ['900'] }),
  /** Discord's Manage Server (C6), which counts while the server trusts it. */
  manager: someone('103', { hasManageGuild: true }),
  /** In the ticket's team, by name (1.1-04, 1.5-08). */
  support: someone('104'),
  /** In it by role. */
  supportRole: someone('105', { roleIds: ['901'] }),
  /** In another team. */
  elsewhere: someone('106'),
  /** Holds the ticket, and is in no team any more. */
  claimer: someone('107'),
  opener: someone('108'),
  /** /add: added to the ticket (1.2-05). */
  added: someone('109'),
  stranger: someone('110'),
};
type Kind = keyof typeof people;
const kinds = Object.keys(people) as Kind[];

const row = (subjectId: string, teamId: number, o: Partial<Staff> = {}): Staff => ({
  subjectId,
  teamId,
  subjectKind: 'user',
  level: 'support',
  ...o,
});
const staff: Staff[] = [
  row('101', other, { level: 'admin' }),
  row('900', other, { level: 'admin', subjectKind: 'role' }),
  row('104', mine),
  row('901', mine, { subjectKind: 'role' }),
  row('106', other),
];
const access = (o: Partial<Access['settings']> = {}): Access => ({
  staff,
  settings: { trustManageGuild: true, usersCanClose: true, ...o },
});
const ticket = { openerId: '108', claimedBy: '107', teamIds: [mine], memberIds: ['109'], closedBy: null };

const codes: Readonly<Record<string, ErrorCode>> = {
  hidden: 'ticket.unknown',
  admin: 'permission.admin',
  staff: 'permission.support',
  team: 'permission.team',
  party: 'permission.staff-or-opener',
  shut: 'close.not-allowed',
  rater: 'rate.not-opener',
  asked: 'close-request.not-opener',
  wording: 'reason.not-allowed',
};
/** What each line says, in the order of `people`; `manager` is trusted here. `ok` may. */
//                                  owner admin adminRole manager  support supportRole elsewhere claimer  opener added stranger
const table: Record<Action, string> = {
  // 1.1-03, 1.1-04, 1.5-08: admins see all tickets, teams their own; who was added sees it; others do not learn that it is there.
  'ticket.view': '                ok ok ok ok  ok ok hidden ok  ok ok hidden',
  // 1.5-08, 1.2-07 … 1.2-17: the work of staff on tickets of their teams.
  'ticket.claim': '               ok ok ok ok  ok ok team ok  staff staff staff',
  'ticket.join': '                ok ok ok ok  ok ok team ok  staff staff staff',
  'ticket.reopen': '              ok ok ok ok  ok ok team ok  staff staff staff',
  'ticket.release': '             ok ok ok ok  ok ok team ok  staff staff staff',
  'ticket.assign': '              ok ok ok ok  ok ok team ok  staff staff staff',
  'ticket.switch-panel': '        ok ok ok ok  ok ok team ok  staff staff staff',
  'ticket.rename': '              ok ok ok ok  ok ok team ok  staff staff staff',
  'ticket.edit': '                ok ok ok ok  ok ok team ok  staff staff staff',
  'ticket.request-close': '       ok ok ok ok  ok ok team ok  staff staff staff',
  'ticket.exclude': '             ok ok ok ok  ok ok team ok  staff staff staff',
  // 1.2-05, 1.2-06: the opener may bring somebody along.
  'ticket.add': '                 ok ok ok ok  ok ok party ok  ok party party',
  'ticket.remove': '              ok ok ok ok  ok ok party ok  ok party party',
  // 1.3-08, C16: the opener while users may close.
  'ticket.close': '               ok ok ok ok  ok ok party ok  ok party party',
  // 1.7-04: the opener is asked, and nobody answers for them; staff may take their question back.
  'ticket.accept-close': '        asked asked asked asked  asked asked asked asked  ok asked asked',
  'ticket.deny-close': '          ok ok ok ok  ok ok party ok  ok party party',
  // 1.7-03: whoever closed it, and staff.
  'ticket.amend': '               ok ok ok ok  ok ok wording ok  wording wording wording',
  // 1.8-01: stars are the opener's, an admin's are none.
  'ticket.rate': '                rater rater rater rater  rater rater rater rater  ok rater rater',
  // 1.1-04: the dashboard shows support tickets, and admins everything. A claimer without a team is no staff of the server.
  'tickets.list': '               ok ok ok ok  ok ok ok staff  staff staff staff',
  'guild.view': '                 ok ok ok ok  ok ok ok staff  staff staff staff',
  // 1.1-03, 1.1-10, 1.14-01, 1.2-31: what concerns the whole server.
  'tickets.close-many': '         ok ok ok ok  admin admin admin admin  admin admin admin',
  'guild.analytics': '            ok ok ok ok  admin admin admin admin  admin admin admin',
  'guild.settings': '             ok ok ok ok  admin admin admin admin  admin admin admin',
  'guild.staff': '                ok ok ok ok  admin admin admin admin  admin admin admin',
  'guild.panels': '               ok ok ok ok  admin admin admin admin  admin admin admin',
  'guild.labels': '               ok ok ok ok  admin admin admin admin  admin admin admin',
};

/** What the table says; undefined: allowed. */
function expected(action: Action, kind: Kind): ErrorCode | undefined {
  const words = (table[action] ?? '').trim().split(/\s+/);
  expect(words, `permission-matrix.test.ts says nothing of ${action}`).toHaveLength(kinds.length);
  const word = words[kinds.indexOf(kind)] ?? '';
  if (word === 'ok') return undefined;
  expect(codes[word], `${action}: ${word}`).toBeDefined();
  return codes[word];
}
const refusal = (action: Action, kind: Kind, settings: Partial<Access['settings']> = {}, part = {}) =>
  refusalOf(people[kind], action, access(settings), { ...ticket, ...part });
const cells = actions.flatMap((action) => kinds.map((kind) => [action, kind] as const));

test('the table decides every action, and no other', () => {
  expect(Object.keys(table).toSorted()).toEqual([...actions].toSorted());
});

describe('by the defaults', () => {
  test.each(cells)('%s by %s', (action, kind) => {
    expect(refusal(action, kind)).toBe(expected(action, kind));
  });
});

describe('where Manage Server is not trusted', () => {
  test.each(cells)('%s by %s', (action, kind) => {
    // Whoever manages the server is nobody in particular then, and for all others nothing changes.
    expect(refusal(action, kind, { trustManageGuild: false })).toBe(
      expected(action, kind === 'manager' ? 'stranger' : kind),
    );
  });
});

describe('where users may not close', () => {
  test.each(cells)('%s by %s', (action, kind) => {
    const isOpeners = action === 'ticket.close' && kind === 'opener';
    expect(refusal(action, kind, { usersCanClose: false })).toBe(isOpeners ? codes['shut'] : expected(action, kind));
  });
});

describe('on a ticket that nobody holds', () => {
  test.each(cells)('%s by %s', (action, kind) => {
    // Who held it and is in no team is a stranger to it.
    expect(refusal(action, kind, {}, { claimedBy: null })).toBe(
      expected(action, kind === 'claimer' ? 'stranger' : kind),
    );
  });
});

describe('on a ticket that its opener closed', () => {
  test.each(cells)('%s by %s', (action, kind) => {
    const isOwnReason = action === 'ticket.amend' && kind === 'opener';
    expect(refusal(action, kind, {}, { closedBy: '108' })).toBe(isOwnReason ? undefined : expected(action, kind));
  });
});

describe('on a ticket that a member of its team opened for themselves', () => {
  // They answer for it as its opener, and work on it as staff.
  const own: Partial<Record<Action, undefined>> = { 'ticket.rate': undefined, 'ticket.accept-close': undefined };
  test.each(actions.map((action) => [action] as const))('%s', (action) => {
    const said = refusal(action, 'support', { usersCanClose: false }, { openerId: people.support.id });
    expect(said).toBe(action in own ? undefined : expected(action, 'support'));
  });
});

describe('without any ticket', () => {
  test.each(cells.filter(([action]) => !action.startsWith('ticket.')))('%s by %s', (action, kind) => {
    expect(refusalOf(people[kind], action, access())).toBe(expected(action, kind));
  });
});

describe('the blocklist (C21)', () => {
  const levels: Record<Kind, string> = {
    owner: 'admin',
    admin: 'admin',
    adminRole: 'admin',
    manager: 'admin',
    support: 'support',
    supportRole: 'support',
    elsewhere: 'support',
    claimer: 'member',
    opener: 'member',
    added: 'member',
    stranger: 'member',
  };
  const lists = (blockedUsers: string[], blockedRoles: string[]) => ({
    ...access(),
    settings: { ...access().settings, blockedUsers, blockedRoles },
  });

  test.each(kinds)('%s is blocked by name or by role unless an admin, and by no other’s', (kind) => {
    const who = { ...people[kind], roleIds: [...people[kind].roleIds, '950'] };
    expect(levelOf(who, access())).toBe(levels[kind]);
    const isBlockable = levels[kind] !== 'admin';
    expect(isBlocked(who, lists([who.id], []))).toBe(isBlockable);
    expect(isBlocked(who, lists([], ['950']))).toBe(isBlockable);
    expect(isBlocked(who, lists(['999'], ['998']))).toBe(false);
  });

  test.each(cells)('%s by %s of a ticket that is there goes on', (action, kind) => {
    const blocked = lists([people[kind].id], []);
    expect(refusalOf(people[kind], action, blocked, ticket)).toBe(expected(action, kind));
  });
});
