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

const ids = ['1', '2', '3', '4', '5', '6', '20', '21', '22', '23'];
const [users, roles] = [ids.slice(0, 6), ids.slice(6)];
const bits = fc.bigInt({ min: 0n, max: (1n << 53n) - 1n });
const audiences = fc.record(
  {
    guildId: fc.constant(guildId),
    botUserId: fc.constant('50'),
    openerId: fc.constantFrom(...users),
    memberIds: fc.uniqueArray(fc.constantFrom(...users)),
    claimedBy: fc.option(fc.constantFrom(...users)),
    staff: fc.array(
      fc.oneof(
        fc.record({
          subjectId: fc.constantFrom(...users),
          subjectKind: fc.constant('user' as const),
          isAdmin: fc.boolean(),
        }),
        fc.record({
          subjectId: fc.constantFrom(...roles, guildId),
          subjectKind: fc.constant('role' as const),
          isAdmin: fc.boolean(),
        }),
      ),
    ),
    claimingMode: fc.constantFrom('disabled', 'no-changes', 'readonly', 'private'),
    openerMay: fc.dictionary(
      fc.constantFrom('reactions', 'tts', 'embeds', 'files', 'emojis', 'stickers', 'voiceMessages'),
      fc.boolean(),
    ),
    botBits: bits,
  },
  { requiredKeys: ['guildId', 'botUserId', 'openerId', 'memberIds', 'claimedBy', 'staff'] },
) as fc.Arbitrary<TicketAudience>;
const everybodyMay = { ...base, roles: [{ id: guildId, permissions: String(bitsOf('ViewChannel', 'SendMessages')) }] };

test('whoever the audience is: nobody outside sees the ticket, admins and the claimer lose nothing, the bot gives what it has', () => {
  fc.assert(
    fc.property(audiences, fc.subarray(roles), (of, roleIds) => {
      const { botBits = ~0n, openerMay: _, ...rest } = of;
      const overwrites = ticketOverwrites(of);
      expect(new Set(overwrites.map(({ id }) => id)).size).toBe(overwrites.length);
      for (const { id, allow, deny } of overwrites) {
        const lacking = hasAll(botBits, Bits.Administrator) ? 0n : ~botBits;
        expect(BigInt(allow) & lacking, id).toBe(0n);
        if (id !== guildId) expect(BigInt(deny) & lacking, id).toBe(0n);
        expect(BigInt(allow) & BigInt(deny), id).toBe(0n);
      }
      // From here on the bot holds everything: what it lacks it takes from all alike.
      const full = ticketOverwrites(rest);
      const may = (userId: string, roleList: readonly string[] = []) =>
        channelPermissions({ ...everybodyMay, userId, roleIds: [...roleList], overwrites: full });
      const isStaff = (id: string) => of.staff.some((one) => one.subjectId === id && id !== guildId);
      for (const id of users) {
        const isIn = id === of.openerId || id === of.claimedBy || of.memberIds.includes(id) || isStaff(id);
        if (!isIn) expect(hasAll(may(id), Bits.ViewChannel), id).toBe(false);
        if (!isIn && !roleIds.some(isStaff)) expect(hasAll(may(id, roleIds), Bits.ViewChannel), id).toBe(false);
      }
      const inside = bitsOf('ViewChannel', 'SendMessages', 'ReadMessageHistory', 'AttachFiles');
      for (const one of of.staff.filter(({ isAdmin, subjectId }) => isAdmin && subjectId !== guildId)) {
        const [id, list] = one.subjectKind === 'user' ? [one.subjectId, []] : ['77', [one.subjectId]];
        expect(hasAll(may(id, list), inside), one.subjectId).toBe(true);
      }
      for (const id of of.memberIds) expect(hasAll(may(id), inside), id).toBe(true);
      if (of.claimedBy !== null) {
        const claimer = may(of.claimedBy, roleIds);
        expect(hasAll(claimer, inside)).toBe(true);
        for (const { subjectId, subjectKind } of of.staff)
          if (subjectKind === 'role' && subjectId !== guildId) expect(may('77', [subjectId]) & ~claimer).toBe(0n);
      }
    }),
  );
});

test('what an opener may do is allowed or taken away bit by bit, never from an opener who is staff or holds the ticket', () => {
  const own = (o: Partial<TicketAudience>) =>
    ticketOverwrites({ ...audience, ...o }).find((one) => one.id === audience.openerId);
  const files = bitsOf('AttachFiles', 'SendVoiceMessages');
  const openerMay = { files: false, voiceMessages: false };
  expect(BigInt(own({})?.allow ?? 0) & files).toBe(files);
  expect([BigInt(own({ openerMay })?.allow ?? 0) & files, BigInt(own({ openerMay })?.deny ?? 0)]).toEqual([0n, files]);
  expect(own({ openerMay, claimedBy: '1' })?.deny).toBe(String(bitsOf('SendVoiceMessages')));
  expect(own({ openerMay, memberIds: ['1'] })?.deny).toBe(String(files));
});

test('of more staff than a channel takes those who are named one by one are left out, never opener, admins and roles', () => {
  const many = Array.from({ length: 1_200 }, (_, i) => ({
    subjectId: String(1_000 + i),
    subjectKind: 'user' as const,
  }));
  const admin = { subjectId: '9', subjectKind: 'user' as const, isAdmin: true };
  const overwrites = ticketOverwrites({ ...audience, staff: [...many, admin, ...audience.staff] });
  expect(overwrites).toHaveLength(1_000);
  const kept = new Set(overwrites.map(({ id }) => id));
  expect(['1', '2', '9', '20', '50', guildId].every((id) => kept.has(id))).toBe(true);
});
