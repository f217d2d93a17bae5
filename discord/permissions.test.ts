import { PermissionFlagsBits as Bits } from 'discord-api-types/v10';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  bitsOf,
  channelPermissions,
  guildPermissions,
  hasAll,
  missing,
  namesOf,
  overwritesHash,
  type TicketAudience,
  ticketOverwrites,
} from './permissions.ts';

const guildId = '10';
const base = {
  guildId,
  ownerId: '99',
  roles: [
    { id: guildId, permissions: String(bitsOf('ViewChannel', 'SendMessages', 'ReadMessageHistory')) },
    { id: '20', permissions: '0' },
    { id: '21', permissions: String(Bits.Administrator) },
  ],
};
const audience: TicketAudience = {
  guildId,
  botUserId: '50',
  openerId: '1',
  memberIds: ['2'],
  claimedBy: null,
  staff: [
    { subjectId: '20', subjectKind: 'role' },
    { subjectId: '3', subjectKind: 'user' },
  ],
};
const canIn = (of: TicketAudience, userId: string, roleIds: string[] = []) => {
  const bits = channelPermissions({ ...base, userId, roleIds, overwrites: ticketOverwrites(of) });
  return { view: hasAll(bits, Bits.ViewChannel), send: hasAll(bits, Bits.SendMessages) };
};
const both = { view: true, send: true };

test('bits and names are each other’s inverse', () => {
  const some = ['ViewChannel', 'ManageChannels', 'SendMessages'] as const;
  expect(new Set(namesOf(bitsOf(...some)))).toEqual(new Set(some));
  expect(missing(bitsOf('ViewChannel'), bitsOf('ViewChannel', 'ManageRoles'))).toEqual(['ManageRoles']);
  expect(missing(Bits.Administrator, bitsOf('ManageRoles'))).toEqual([]);
});

test('a ticket is seen by its opener, added people, staff and the bot, and by nobody else', () => {
  for (const [id, roles] of [
    ['1', []],
    ['2', []],
    ['3', []],
    ['4', ['20']],
    ['50', []],
  ] as const) {
    expect(canIn(audience, id, [...roles])).toEqual(both);
  }
  expect(canIn(audience, '4').view).toBe(false);
  expect(canIn(audience, '4', ['21'])).toEqual(both); // an administrator
  expect(canIn(audience, '99')).toEqual(both); // the owner
});

test('a claim leaves the other staff what the mode says, and the opener everything', () => {
  const claimed = (claimingMode: TicketAudience['claimingMode']) => ({ ...audience, claimedBy: '3', claimingMode });
  const others = (mode: TicketAudience['claimingMode']) => canIn(claimed(mode), '4', ['20']);
  expect(others('no-changes')).toEqual(both);
  expect(others('disabled')).toEqual(both);
  expect(others('readonly')).toEqual({ view: true, send: false });
  expect(others('private').view).toBe(false);
  for (const mode of ['no-changes', 'readonly', 'private'] as const) {
    expect(canIn(claimed(mode), '3')).toEqual(both);
    expect(canIn(claimed(mode), '1', ['20'])).toEqual(both); // an opener who is staff
  }
});

test('the bot neither allows nor denies what it lacks, but always hides the channel', () => {
  const botBits = bitsOf('ViewChannel', 'SendMessages', 'ManageChannels', 'ManageRoles');
  for (const one of ticketOverwrites({ ...audience, botBits })) expect(BigInt(one.allow) & ~botBits).toBe(0n);
  expect(canIn({ ...audience, botBits }, '4').view).toBe(false);
});

test('the hash says whether overwrites are equal, not how they are ordered', () => {
  const overwrites = ticketOverwrites(audience);
  fc.assert(
    fc.property(fc.shuffledSubarray(overwrites, { minLength: overwrites.length }), (shuffled) => {
      expect(overwritesHash(shuffled)).toBe(overwritesHash(overwrites));
    }),
  );
  expect(ticketOverwrites({ ...audience, staff: audience.staff.toReversed() })).toEqual(overwrites);
  expect(overwritesHash(ticketOverwrites({ ...audience, memberIds: [] }))).not.toBe(overwritesHash(overwrites));
});

test('denials of @everyone give way to roles, those of roles to the member’s own', () => {
  const view = String(Bits.ViewChannel);
  const overwrites = [
    { id: guildId, type: 0, allow: '0', deny: view },
    { id: '20', type: 0, allow: view, deny: '0' },
    { id: '7', type: 1, allow: '0', deny: view },
  ] as const;
  const sees = (userId: string, roleIds: string[]) =>
    hasAll(channelPermissions({ ...base, userId, roleIds, overwrites: [...overwrites] }), Bits.ViewChannel);
  expect([sees('6', []), sees('6', ['20']), sees('7', ['20'])]).toEqual([false, true, false]);
  expect(hasAll(guildPermissions({ ...base, userId: '6', roleIds: ['21'] }), Bits.ManageGuild)).toBe(true);
});
