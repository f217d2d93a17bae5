import type { JobHelpers } from 'graphile-worker';
import { OverwriteType, PermissionFlagsBits } from 'discord-api-types/v10';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { addMember } from '#tickets/actions/add-member.ts';
import { addStaff } from '#tickets/actions/add-staff.ts';
import { claimTicket } from '#tickets/actions/claim.ts';
import { createPanel } from '#tickets/actions/create-panel.ts';
import { openTicket } from '#tickets/actions/open.ts';
import { retryProblems } from '#tickets/actions/retry-problems.ts';
import { setSettings } from '#tickets/actions/set-settings.ts';
import { switchPanel } from '#tickets/actions/switch-panel.ts';
import type { Actor } from '#tickets/permission.ts';
import { person, snowflakeAt } from '#tickets/scene.ts';
import { recordApplied } from '#tickets/store/applied.ts';
import { upsertGuild } from '#tickets/store/guild.ts';
import { readTicket } from '#tickets/store/ticket.ts';

const database = await testDatabase();
let bot: Bot;
let guildId: string;
let [owner, member, staff, boss] = [person(''), person(''), person(''), person('')];
let serial = 0;

beforeAll(async () => {
  bot = await startBot({ database, hasWorker: false });
  const guild = await bot.control.guild(bot.simulator.guilds[0]?.id ?? '');
  guildId = guild.id;
  const people = guild.members.filter((one) => !one.bot && one.id !== guild.ownerId).map((one) => one.id);
  owner = { ...person(guild.ownerId), isOwner: true };
  [member, staff, boss] = [person(people[0] ?? ''), person(people[1] ?? ''), person(people[2] ?? '')];
  const profile = { name: guild.name, ownerId: owner.id, iconHash: null, memberCount: 5, locale: 'en-US' };
  await upsertGuild(bot.ctx.db, guildId, profile);
  const hire = (one: Actor, level: 'support' | 'admin') =>
    addStaff(bot.ctx, guildId, { by: owner, subjectId: one.id, subjectKind: 'user', level });
  await hire(staff, 'support');
  await hire(boss, 'admin');
  const patch = { openTicketsPerUser: null, pingOpenerOnClaim: true };
  await setSettings(bot.ctx, guildId, { by: owner, patch });
});
afterAll(() => bot?.stop());
beforeEach(() => bot.control.clearFaults());

/** Runs a ticket's job once, as its `attempt`; answers when it wants to come back. */
async function run(ticketId: number, attempt = 1): Promise<Date | undefined> {
  let runAt: Date | undefined;
  const addJob = async (_: string, __: unknown, spec: { runAt?: Date }) => void (runAt = spec.runAt);
  await bot.tasks.ticket?.({ guildId, ticketId }, { job: { attempts: attempt }, addJob } as unknown as JobHelpers);
  return runAt;
}
const read = async (ticketId: number) => {
  const ticket = await readTicket(bot.ctx.db, guildId, ticketId);
  if (!ticket?.channelId) throw new Error('no such ticket');
  return { ...ticket, channelId: ticket.channelId };
};
async function open(): Promise<{ ticketId: number; channelId: string }> {
  serial += 1;
  const at = Date.now();
  const input = { opener: member, openedBy: member, panelId: null, subject: null, answers: [], at };
  const interactionId = snowflakeAt(Date.UTC(2021, 0, 1), serial);
  const { ticket } = await openTicket(bot.ctx, guildId, { ...input, interactionId, source: 'command' });
  await run(ticket.id);
  return { ticketId: ticket.id, channelId: (await read(ticket.id)).channelId };
}
const channelOf = async (channelId: string) =>
  (await bot.control.channels(guildId)).find((one) => one.id === channelId);
async function writes(channelId: string, id: string): Promise<boolean> {
  const found = (await channelOf(channelId))?.overwrites.find(
    (one) => one.id === id && one.type === OverwriteType.Member,
  );
  return (BigInt(found?.allow ?? 0) & PermissionFlagsBits.SendMessages) !== 0n;
}
const pingsIn = async (channelId: string) =>
  (await bot.control.messages(channelId)).filter((one) => JSON.stringify(one.embeds).includes('looks after'));
const claim = (ticketId: number) => claimTicket(bot.ctx, guildId, { ticketId, by: boss, at: Date.now() });

test('a claim whose overwrites meet a failure is finished by the next run, with one ping', async () => {
  const { ticketId, channelId } = await open();
  await claim(ticketId);
  const path = `/channels/${channelId}`;
  await bot.control.fault({ kind: 'status', status: 500, method: 'PATCH', path, count: 10 });
  await expect(run(ticketId)).rejects.toThrow();
  expect([await writes(channelId, staff.id), await pingsIn(channelId)]).toEqual([true, []]);
  await bot.control.clearFaults();
  await bot.control.fault({ kind: 'status', status: 429, retryAfterS: 60, method: 'PATCH', path, count: 1 });
  expect((await run(ticketId, 2))?.getTime()).toBeGreaterThan(Date.now() + 30_000);
  await bot.control.clearFaults();
  await run(ticketId, 1);
  await run(ticketId, 1);
  expect(await writes(channelId, staff.id)).toBe(false);
  expect(await pingsIn(channelId)).toMatchObject([{ content: `<@${member.id}>` }]);
});

test('a ping whose answer was lost is not sent again, and one that is refused hinders nothing', async () => {
  const { ticketId, channelId } = await open();
  await claim(ticketId);
  const path = `/channels/${channelId}/messages`;
  await bot.control.fault({ kind: 'lose-answer', method: 'POST', path, count: 10 });
  await expect(run(ticketId)).rejects.toThrow();
  await bot.control.clearFaults();
  await run(ticketId, 2);
  expect(await pingsIn(channelId)).toHaveLength(1);

  const second = await open();
  await claim(second.ticketId);
  const refused = { kind: 'status', status: 403, code: 50_013, method: 'POST', count: 1 } as const;
  await bot.control.fault({ ...refused, path: `/channels/${second.channelId}/messages` });
  await run(second.ticketId);
  await run(second.ticketId);
  expect(await pingsIn(second.channelId)).toEqual([]);
  expect((await read(second.ticketId)).applied.problem).toBeNull();
});

test('refused overwrites are a problem that names what is missing, the claim stays, and once mended they are written', async () => {
  const { ticketId, channelId } = await open();
  const { roles } = await bot.control.guild(guildId);
  const role = roles.find((one) => one.name === 'Bot');
  await bot.control.updateRole(guildId, role?.id ?? '', {
    permissions: String(BigInt(role?.permissions ?? 0) & ~PermissionFlagsBits.ManageRoles),
  });
  await claim(ticketId);
  await run(ticketId);
  const hindered = await read(ticketId);
  expect(hindered).toMatchObject({ claimedBy: boss.id, applied: { problem: { code: 'discord.permission' } } });
  expect(hindered.applied.problem?.context.permissions).toContain('ManageRoles');
  await bot.control.updateRole(guildId, role?.id ?? '', { permissions: role?.permissions ?? '' });
  // Another change brings it up again.
  await addMember(bot.ctx, guildId, { ticketId, by: boss, userId: owner.id });
  await run(ticketId);
  expect((await read(ticketId)).applied.problem).toBeNull();
  expect(await writes(channelId, staff.id)).toBe(false);
});

test('what was refused is mended by trying the problems again, and by itself after an hour', async () => {
  const { roles } = await bot.control.guild(guildId);
  const role = roles.find((one) => one.name === 'Bot');
  const mayManage = (may: boolean) =>
    bot.control.updateRole(guildId, role?.id ?? '', {
      permissions: may
        ? (role?.permissions ?? '')
        : String(BigInt(role?.permissions ?? 0) & ~PermissionFlagsBits.ManageRoles),
    });
  const refused = async () => {
    const { ticketId, channelId } = await open();
    await mayManage(false);
    await claim(ticketId);
    const backAt = await run(ticketId);
    await mayManage(true);
    const { problem } = (await read(ticketId)).applied;
    expect(problem?.code).toBe('discord.permission');
    expect(backAt?.getTime()).toBe((problem?.at ?? 0) + 3_600_000);
    // Nothing is asked of Discord before that.
    await run(ticketId);
    expect(await writes(channelId, staff.id)).toBe(true);
    return { ticketId, channelId };
  };
  const first = await refused();
  await retryProblems(bot.ctx, guildId, { by: boss });
  await run(first.ticketId);
  expect((await read(first.ticketId)).applied.problem).toBeNull();
  expect(await writes(first.channelId, staff.id)).toBe(false);

  const second = await refused();
  const { problem } = (await read(second.ticketId)).applied;
  const anHourAgo = problem && { ...problem, at: problem.at - 3_600_000 };
  await recordApplied(bot.ctx.db, guildId, second.ticketId, { problem: anHourAgo });
  expect(await run(second.ticketId)).toBeUndefined();
  expect((await read(second.ticketId)).applied.problem).toBeNull();
  expect(await writes(second.channelId, staff.id)).toBe(false);
});

async function panelIn(categoryId: string | null): Promise<number> {
  const desk = (await bot.control.createChannel(guildId, { name: 'desk' })).id;
  const look = { title: 'T', content: 'C', colour: 1, buttonLabel: 'B', buttonEmoji: null, form: null, welcome: null };
  const made = await createPanel(bot.ctx, guildId, { by: owner, name: 'P', ...look, channelId: desk, categoryId });
  return made.panel.id;
}

test('a ticket that goes to another panel goes to its category, or the next with room; where none has room it stays and that is said', async () => {
  const [first, second] = [
    await bot.control.createChannel(guildId, { name: 'First', type: 4 }),
    await bot.control.createChannel(guildId, { name: 'Second', type: 4 }),
  ];
  const panelId = await panelIn(first.id);
  await setSettings(bot.ctx, guildId, { by: owner, patch: { overflowCategories: [second.id] } });
  const move = async () => {
    const { ticketId, channelId } = await open();
    await switchPanel(bot.ctx, guildId, { ticketId, by: boss, panelId, at: Date.now() });
    return { ticketId, channelId };
  };
  const fits = await move();
  await run(fits.ticketId);
  expect((await channelOf(fits.channelId))?.parentId).toBe(first.id);

  await bot.control.deleteChannel(first.id);
  const next = await move();
  await run(next.ticketId);
  expect((await channelOf(next.channelId))?.parentId).toBe(second.id);
  expect((await read(next.ticketId)).applied.problem).toBeNull();

  await bot.control.deleteChannel(second.id);
  const stays = await move();
  await run(stays.ticketId);
  expect((await read(stays.ticketId)).applied.problem).toMatchObject({ code: 'discord.category-full' });
  expect(await run(stays.ticketId)).toBeUndefined();
});

test('a channel that is gone while its ticket moves closes the ticket', async () => {
  const category = await bot.control.createChannel(guildId, { name: 'Third', type: 4 });
  const panelId = await panelIn(category.id);
  const { ticketId, channelId } = await open();
  await switchPanel(bot.ctx, guildId, { ticketId, by: boss, panelId, at: Date.now() });
  await bot.control.deleteChannel(channelId);
  await run(ticketId);
  expect(await read(ticketId)).toMatchObject({ state: 'closed', closeReason: 'The channel was deleted' });
});
