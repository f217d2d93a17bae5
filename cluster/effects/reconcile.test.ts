import type { JobHelpers } from 'graphile-worker';
import { OverwriteType, PermissionFlagsBits } from 'discord-api-types/v10';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { parseTopic } from '#discord/topic.ts';
import { abandonTicket } from '#tickets/actions/abandon.ts';
import { addMember } from '#tickets/actions/add-member.ts';
import { addStaff } from '#tickets/actions/add-staff.ts';
import { claimTicket } from '#tickets/actions/claim.ts';
import { closeTicket } from '#tickets/actions/close.ts';
import { openTicket } from '#tickets/actions/open.ts';
import { releaseTicket } from '#tickets/actions/release.ts';
import { setSettings } from '#tickets/actions/set-settings.ts';
import type { Actor } from '#tickets/permission.ts';
import { upsertGuild } from '#tickets/store/guild.ts';
import { readTicket } from '#tickets/store/ticket.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { channelTries } from './tasks.ts';

const database = await testDatabase();
let bot: Bot;
let guildId: string;
const actor = (id: string, isOwner = false): Actor => ({ id, roleIds: [], isOwner, hasManageGuild: false });
let [owner, member, staff, boss] = [actor(''), actor(''), actor(''), actor('')];

beforeAll(async () => {
  bot = await startBot({ database, hasWorker: false });
  const guild = await bot.control.guild(bot.simulator.guilds[0]?.id ?? '');
  guildId = guild.id;
  const people = guild.members.filter((one) => !one.bot && one.id !== guild.ownerId).map((one) => one.id);
  owner = actor(guild.ownerId, true);
  [member, staff, boss] = [actor(people[0] ?? ''), actor(people[1] ?? ''), actor(people[2] ?? '')];
  await upsertGuild(bot.ctx.db, guildId, {
    name: guild.name,
    ownerId: owner.id,
    iconHash: null,
    memberCount: 5,
    locale: 'en-US',
  });
  await addStaff(bot.ctx, guildId, { by: owner, subjectId: staff.id, subjectKind: 'user', level: 'support' });
  await addStaff(bot.ctx, guildId, { by: owner, subjectId: boss.id, subjectKind: 'user', level: 'admin' });
  await setSettings(bot.ctx, guildId, { by: owner, patch: { openTicketsPerUser: null, dmOnClose: false } });
});
afterAll(() => bot?.stop());
beforeEach(() => bot.control.clearFaults());

let interactions = 0;
async function reserve(): Promise<number> {
  interactions += 1;
  const at = Date.now();
  const input = {
    interactionId: String(interactions),
    opener: member,
    openedBy: member,
    panelId: null,
    subject: null,
    answers: [],
    at,
  };
  return (await openTicket(bot.ctx, guildId, { ...input, source: 'command' })).ticket.id;
}

/** Runs a ticket's job once, as its `attempt`; answers what it was rescheduled with. */
async function run(ticketId: number, attempt = 1): Promise<{ runAt?: Date }[]> {
  const added: { runAt?: Date }[] = [];
  const helpers = {
    job: { attempts: attempt },
    addJob: async (_: string, __: unknown, spec: { runAt?: Date }) => added.push(spec),
  };
  await bot.tasks.ticket?.({ guildId, ticketId }, helpers as unknown as JobHelpers);
  return added;
}
const read = async (ticketId: number) => {
  const ticket = await readTicket(bot.ctx.db, guildId, ticketId);
  if (!ticket) throw new Error('no such ticket');
  return ticket;
};
const channelsOf = async (ticketId: number) =>
  (await bot.control.channels(guildId)).filter((one) => parseTopic(one.topic) === ticketId);
const open = async (): Promise<number> => {
  const ticketId = await reserve();
  await run(ticketId);
  return ticketId;
};

test('a job that runs again, and again, makes one channel and one welcome', async () => {
  const ticketId = await reserve();
  await run(ticketId);
  await run(ticketId);
  await run(ticketId, 2);
  const [channel, ...others] = await channelsOf(ticketId);
  expect(others).toEqual([]);
  expect(await bot.control.messages(channel?.id ?? '')).toHaveLength(1);
  expect(await read(ticketId)).toMatchObject({ state: 'open', channelId: channel?.id });
});

test('a channel whose answer was lost is found, not made a second time', async () => {
  const ticketId = await reserve();
  await bot.control.fault({ kind: 'lose-answer', method: 'POST', path: `/guilds/${guildId}/channels` });
  await expect(run(ticketId)).rejects.toThrow();
  expect(await read(ticketId)).toMatchObject({ state: 'reserved', channelId: null });
  expect(await channelsOf(ticketId)).toHaveLength(1);
  await run(ticketId, 2);
  expect(await channelsOf(ticketId)).toHaveLength(1);
  expect((await read(ticketId)).state).toBe('open');
});

test('a welcome whose answer was lost is found, not sent a second time', async () => {
  const ticketId = await reserve();
  await bot.control.fault({ kind: 'lose-answer', method: 'POST', path: '/channels/', count: 4 });
  await expect(run(ticketId)).rejects.toThrow();
  const { state, applied, channelId } = await read(ticketId);
  expect([state, applied.welcomeMessageId]).toEqual(['channel', null]);
  await bot.control.clearFaults();
  await run(ticketId, 2);
  const [welcome, ...others] = await bot.control.messages(channelId ?? '');
  expect(others).toEqual([]);
  expect((await read(ticketId)).applied.welcomeMessageId).toBe(welcome?.id);
});

test('"not now" for longer than 3 s is a later time, not a sleeping worker', async () => {
  const ticketId = await reserve();
  await bot.control.fault({
    kind: 'status',
    status: 429,
    retryAfterS: 60,
    method: 'POST',
    path: `/guilds/${guildId}/channels`,
  });
  const before = Date.now();
  const [later] = await run(ticketId);
  expect(later?.runAt?.getTime()).toBeGreaterThan(before + 3_000);
  expect((await read(ticketId)).state).toBe('reserved');
  await abandonTicket(bot.ctx, guildId, { ticketId });
});

test('after the last try the reservation is given up, with the reason', async () => {
  const ticketId = await reserve();
  await bot.control.fault({
    kind: 'status',
    status: 502,
    method: 'POST',
    path: `/guilds/${guildId}/channels`,
    count: 1,
  });
  await run(ticketId, channelTries);
  expect(await read(ticketId)).toMatchObject({
    state: 'abandoned',
    applied: { problem: { code: 'discord.unavailable' } },
  });
});

test('a channel that appears after its reservation was given up is taken away', async () => {
  const ticketId = await reserve();
  await bot.control.fault({ kind: 'lose-answer', method: 'POST', path: `/guilds/${guildId}/channels` });
  await expect(run(ticketId)).rejects.toThrow();
  await abandonTicket(bot.ctx, guildId, { ticketId });
  await run(ticketId);
  expect(await channelsOf(ticketId)).toEqual([]);
});

test('a claim leaves other support staff reading, and never touches opener, claimer, bot admins and added people', async () => {
  const ticketId = await open();
  const may = async (id: string, bit: bigint): Promise<boolean> => {
    const [channel] = await channelsOf(ticketId);
    const own = channel?.overwrites.find((one) => one.id === id && one.type === OverwriteType.Member);
    return own !== undefined && (BigInt(own.allow) & bit) !== 0n && (BigInt(own.deny) & bit) === 0n;
  };
  const { SendMessages, ViewChannel } = PermissionFlagsBits;
  expect(await may(staff.id, SendMessages)).toBe(true);
  await claimTicket(bot.ctx, guildId, { ticketId, by: boss, at: Date.now() });
  await addMember(bot.ctx, guildId, { ticketId, by: boss, userId: owner.id, at: Date.now() });
  await run(ticketId);
  expect([await may(staff.id, ViewChannel), await may(staff.id, SendMessages)]).toEqual([true, false]);
  for (const { id } of [member, boss, owner]) expect(await may(id, SendMessages)).toBe(true);
  await releaseTicket(bot.ctx, guildId, { ticketId, by: boss, at: Date.now() });
  await claimTicket(bot.ctx, guildId, { ticketId, by: staff, at: Date.now() });
  await setSettings(bot.ctx, guildId, { by: owner, patch: { claimingMode: 'private' } });
  await run(ticketId);
  for (const { id } of [member, boss, staff]) expect(await may(id, SendMessages)).toBe(true);
});

test('a channel that was deleted by hand closes its ticket', async () => {
  const ticketId = await open();
  await bot.control.deleteChannel((await read(ticketId)).channelId ?? '');
  await claimTicket(bot.ctx, guildId, { ticketId, by: boss, at: Date.now() });
  await run(ticketId);
  expect(await read(ticketId)).toMatchObject({
    state: 'closed',
    closeReason: 'The channel was deleted',
    closedBy: null,
  });
});

test('the summary goes to the transcripts channel; one that is gone is said and does not keep the ticket', async () => {
  const log = await bot.control.createChannel(guildId, { name: 'ticket-log' });
  await setSettings(bot.ctx, guildId, { by: owner, patch: { transcriptsChannel: log.id } });
  const [first, second] = [await open(), await open()];
  await closeTicket(bot.ctx, guildId, { ticketId: first, by: boss, reason: 'It *works*', at: Date.now() });
  await run(first);
  const [summary, ...others] = await bot.control.messages(log.id);
  expect(others).toEqual([]);
  expect(JSON.stringify(summary?.embeds)).toContain('It \\\\*works\\\\*');
  await bot.control.deleteChannel(log.id);
  await closeTicket(bot.ctx, guildId, { ticketId: second, by: boss, reason: null, at: Date.now() });
  await run(second);
  expect(await channelsOf(second)).toEqual([]);
  expect(await read(second)).toMatchObject({
    applied: { transcriptMessageId: 'none', problem: { code: 'discord.channel-gone' } },
  });
});

test('a channel that may not be deleted is said, tried again, and gone once that is mended', async () => {
  const ticketId = await open();
  const role = (await bot.control.guild(guildId)).roles.find((one) => one.name === 'Bot');
  const [channel] = await channelsOf(ticketId);
  const withoutRights = (channel?.overwrites ?? []).filter((one) => one.id !== bot.simulator.applicationId);
  await bot.control.updateChannel(channel?.id ?? '', { overwrites: withoutRights });
  await bot.control.updateRole(guildId, role?.id ?? '', { permissions: String(PermissionFlagsBits.SendMessages) });
  await closeTicket(bot.ctx, guildId, { ticketId, by: boss, reason: null, at: Date.now() });
  await expect(run(ticketId)).rejects.toMatchObject({ code: 'discord.permission' });
  const { problem } = (await read(ticketId)).applied;
  expect(problem).toMatchObject({ code: 'discord.permission', context: { step: 'delete' } });
  await bot.control.updateRole(guildId, role?.id ?? '', { permissions: role?.permissions ?? '' });
  await bot.control.updateChannel(channel?.id ?? '', { overwrites: channel?.overwrites ?? [] });
  await run(ticketId, 2);
  expect(await channelsOf(ticketId)).toEqual([]);
  expect((await read(ticketId)).applied.problem).toBeNull();
});
