import { type APIMessage, ChannelType } from 'discord-api-types/v10';
import type { JobHelpers } from 'graphile-worker';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseTopic } from '#discord/topic.ts';
import { pressables } from '#demo/act.ts';
import { abandonTicket } from '#tickets/actions/abandon.ts';
import { addMember } from '#tickets/actions/add-member.ts';
import { addStaff } from '#tickets/actions/add-staff.ts';
import { createPanel, type PanelInput } from '#tickets/actions/create-panel.ts';
import { closeTicket } from '#tickets/actions/close.ts';
import { renameTicket } from '#tickets/actions/rename.ts';
import { type OpenInput, openTicket } from '#tickets/actions/open.ts';
import { setSettings } from '#tickets/actions/set-settings.ts';
import type { Actor } from '#tickets/permission.ts';
import type { Settings } from '#tickets/settings/registry.ts';
import { listWaiting } from '#tickets/store/room.ts';
import { insertSchedule, writeScheduleVersion } from '#tickets/store/schedule.ts';
import { upsertGuild } from '#tickets/store/guild.ts';
import { readTicket } from '#tickets/store/ticket.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { covers } from '#test/harness/covers.ts';
import { testDatabase } from '#test/harness/postgres.ts';

// Docket's part of an opening, job by job, against the simulator: where the channel goes, what stands in it, what Discord refuses.
const database = await testDatabase();
let bot: Bot;
let guildId: string;
let role: string;
const actor = (id: string, more: Partial<Actor> = {}): Actor => ({
  id,
  roleIds: [],
  isOwner: false,
  hasManageGuild: false,
  ...more,
});
let [owner, member, other] = [actor(''), actor(''), actor('')];

beforeAll(async () => {
  bot = await startBot({ database, hasWorker: false });
  const guild = await bot.control.guild(bot.simulator.guilds[0]?.id ?? '');
  guildId = guild.id;
  const people = guild.members.filter((one) => !one.bot && one.id !== guild.ownerId).map((one) => one.id);
  owner = actor(guild.ownerId, { isOwner: true });
  [member, other] = [actor(people[0] ?? ''), actor(people[1] ?? '')];
  await upsertGuild(bot.ctx.db, guildId, {
    name: guild.name,
    ownerId: owner.id,
    iconHash: null,
    memberCount: 5,
    locale: 'en-US',
  });
  role = (await bot.control.createRole(guildId, { name: 'Helpers' })).id;
  await addStaff(bot.ctx, guildId, { by: owner, subjectId: role, subjectKind: 'role', level: 'support' });
  await bot.control.limits({ routeBuckets: false });
});
afterAll(() => bot?.stop());
const settle = (patch: Partial<Settings>) =>
  setSettings(bot.ctx, guildId, { by: owner, patch: { openTicketsPerUser: null, dmOnClose: false, ...patch } });
beforeEach(async () => {
  await bot.control.clearFaults();
  await bot.control.limits({ channelsPerGuild: 2_000, channelsPerCategory: 50, overwritesPerChannel: 1_000 });
  for (const ticketId of await listWaiting(bot.ctx.db, guildId, { limit: 100 }))
    await abandonTicket(bot.ctx, guildId, { ticketId });
  const { overrides } = await settle({});
  const patch = { openTicketsPerUser: null, dmOnClose: false };
  const reset = Object.keys(overrides).filter((name) => !(name in patch));
  await setSettings(bot.ctx, guildId, { by: owner, patch, reset });
});

let serial = 0;
async function reserve(more: Partial<OpenInput> = {}): Promise<number> {
  const asked = { interactionId: String((serial += 1)), opener: member, openedBy: member, panelId: null };
  const input = { ...asked, source: 'command' as const, subject: null, answers: [], at: Date.now(), ...more };
  return (await openTicket(bot.ctx, guildId, input)).ticket.id;
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
const open = async (more: Partial<OpenInput> = {}) => {
  const ticketId = await reserve(more);
  await run(ticketId);
  return read(ticketId);
};
const panel = async (more: Partial<PanelInput> = {}) => {
  const channelId = (await bot.control.createChannel(guildId, { name: 'panels' })).id;
  const made = await createPanel(bot.ctx, guildId, {
    by: owner,
    name: 'Billing',
    title: 'Open a ticket!',
    content: 'Press.',
    colour: 0,
    buttonLabel: 'Ask',
    buttonEmoji: null,
    channelId,
    categoryId: null,
    form: null,
    welcome: null,
    ...more,
  });
  return made.panel.id;
};
const channels = () => bot.control.channels(guildId);
const channelOf = async (ticketId: number) => (await channels()).find((one) => parseTopic(one.topic) === ticketId);
const messagesOf = async (ticketId: number) => bot.control.messages((await read(ticketId)).channelId ?? '');
const category = (name: string) => bot.control.createChannel(guildId, { name, type: ChannelType.GuildCategory });
/** Its channel goes, by whatever hand. */
const free = async (ticketId: number) => bot.control.deleteChannel((await read(ticketId)).channelId ?? '');
/** Fills a category so that `room` channels fit in it. */
async function fill(categoryId: string, room: number): Promise<void> {
  const { channelsPerCategory } = await bot.control.limits({});
  const inside = (await channels()).filter((one) => one.parentId === categoryId).length;
  for (let i = inside; i < channelsPerCategory - room; i += 1)
    await bot.control.createChannel(guildId, { name: `full-${i}`, parentId: categoryId });
}

describe('the welcome', () => {
  test('has the panel’s title, text with placeholders, colour, pictures and footer, and no claim button where the panel wants none', async () => {
    covers('1.4-08');
    covers('1.4-12');
    covers('1.3-36');
    const welcome =
      '%user% %username% %ticket_id% %channel% %open_tickets% %total_tickets% %user_open_tickets% %ticket_limit% %datetime% %discord_account_age% %roblox_username%';
    const panelId = await panel({
      welcome,
      welcomeTitle: 'Number %ticket_id%',
      welcomeColour: 0x00ff00,
      welcomeImageUrl: 'https://example.com/a.png',
      welcomeThumbnailUrl: 'https://example.com/b.png',
      welcomeFooter: 'Small',
      claimButton: false,
    });
    const ticket = await open({ panelId, source: 'panel' });
    const [first] = await messagesOf(ticket.id);
    expect(first?.embeds[0]).toMatchObject({
      title: `Number ${ticket.displayNo}`,
      color: 0x00ff00,
      image: { url: 'https://example.com/a.png' },
      thumbnail: { url: 'https://example.com/b.png' },
      footer: { text: 'Small' },
    });
    const words = (first?.embeds[0]?.description ?? '').split(' ');
    expect(words[0]).toBe(`<@${member.id}>`);
    expect(words[2]).toBe(String(ticket.displayNo));
    expect(words[3]).toBe(`<#${ticket.channelId}>`);
    expect([words[4], words[5], words[6], words[7]]).toEqual(['1', '1', '1', '∞']);
    expect(words[8]).toMatch(/^<t:\d+:f>$/);
    expect(words[9]).toMatch(/^<t:\d+:R>$/);
    expect(words[10]).toBe('%roblox_username%');
    expect(pressables(first as APIMessage).map((one) => one.customId.split(':')[0])).toEqual(['close', 'close-reason']);
  });

  test('answers that make it longer than Discord allows follow in messages of their own, and nothing of them is lost', async () => {
    covers('1.5-03');
    await settle({ welcomeMessage: 'w'.repeat(4_096) });
    const answers = [1, 2, 3, 4, 5].map((i) => ({ label: `Question ${i}`, value: String(i).repeat(1_024) }));
    const ticket = await open({ answers });
    const [first, second, ...others] = await messagesOf(ticket.id);
    expect(others).toEqual([]);
    expect(first?.embeds[0]?.description).toHaveLength(4_096);
    expect(second?.embeds[0]?.fields?.map((one) => one.value)).toEqual(answers.map((one) => one.value));
  });

  test('a subject is its title, escaped; without one it says so', async () => {
    covers('1.3-37');
    const subject = '**@everyone** [x](https://evil.example)';
    const titles = [];
    for (const one of [subject, null])
      titles.push((await messagesOf((await open({ subject: one })).id))[0]?.embeds[0]?.title);
    expect(titles[0]).not.toMatch(/(?<!\\)\*|@everyone|(?<!\\)\[/);
    expect(titles[1]).toBe('No subject given');
  });
});

describe('the ping', () => {
  test('reaches the roles of staff and whom the panel names, and is gone at once', async () => {
    covers('1.3-22');
    covers('1.4-10');
    const panelId = await panel({ mentions: [{ id: other.id, kind: 'user' }] });
    const sent: string[] = [];
    const watching = new AbortController();
    const seen = (async () => {
      for await (const one of bot.control.stream(watching.signal))
        if (one.type === 'MESSAGE_CREATE') sent.push(JSON.stringify(one.data));
    })().catch(() => undefined);
    const ticket = await open({ panelId, source: 'panel' });
    expect(ticket.applied.mentionMessageId).toMatch(/^\d+$/);
    expect(ticket.applied.mentionDeletedAt).not.toBeNull();
    expect(await messagesOf(ticket.id)).toHaveLength(1);
    watching.abort();
    await seen;
    await settle({ deleteMention: false });
    const kept = await messagesOf((await open({ panelId, source: 'panel' })).id);
    expect(kept.at(-1)).toMatchObject({ content: `<@&${role}> <@${other.id}>`, mention_roles: [role] });
  });

  test('nobody is pinged where nobody shall be', async () => {
    await settle({ pingStaffOnOpen: false });
    const ticket = await open();
    expect(ticket.applied.mentionMessageId).toBe('none');
    expect(await messagesOf(ticket.id)).toHaveLength(1);
  });
});

describe('the name', () => {
  test('follows the scheme, or the panel’s template, and is never more than Discord allows', async () => {
    covers('1.3-35');
    covers('1.4-09');
    const first = await open();
    expect((await channelOf(first.id))?.name).toBe(`ticket-${first.displayNo}`);
    await settle({ namingScheme: 'username' });
    const name = (await bot.control.guild(guildId)).members.find((one) => one.id === member.id)?.name ?? '';
    expect((await channelOf((await open()).id))?.name).toContain('ticket-');
    const panelId = await panel({ naming: 'Bill %id_padded% %nickname% @everyone %unknown%' });
    const ticket = await open({ panelId, source: 'panel' });
    const given = (await channelOf(ticket.id))?.name ?? '';
    expect(given.startsWith(`bill-${String(ticket.displayNo).padStart(4, '0')}-`)).toBe(true);
    expect(given).not.toMatch(/[@%<>]/);
    expect(name).not.toBe('');
  });
});

describe('renames', () => {
  test('two in ten minutes; the third comes later, the last name counts, and none keeps a ticket from closing', async () => {
    const { id: ticketId } = await open();
    const rename = (name: string) =>
      renameTicket(bot.ctx, guildId, { ticketId, by: owner, name, at: Date.now() + (serial += 1) });
    for (const name of ['One', 'Two']) {
      await rename(name);
      expect(await run(ticketId)).toEqual([]);
      expect((await channelOf(ticketId))?.name).toBe(name.toLowerCase());
    }
    await rename('Three');
    await rename('Four');
    const [later] = await run(ticketId);
    expect(later?.runAt?.getTime()).toBeGreaterThan(Date.now() + 9 * 60_000);
    expect((await channelOf(ticketId))?.name).toBe('two');
    await closeTicket(bot.ctx, guildId, { ticketId, by: owner, reason: null, at: Date.now() + 100 });
    for (let i = 0; i < 3; i += 1) await run(ticketId);
    expect(await read(ticketId)).toMatchObject({ state: 'closed', applied: { name: 'two' } });
    expect((await read(ticketId)).applied.transcriptMessageId).toBe('none');
  });
});

describe('numbers', () => {
  test('go through all panels, or are each panel’s own, and the channel is called by them', async () => {
    covers('1.3-14');
    const [a, b] = [await panel({ name: 'A' }), await panel({ name: 'B' })];
    const numberOf = async (panelId: number) => {
      const ticket = await open({ panelId, source: 'panel' });
      expect((await channelOf(ticket.id))?.name).toBe(`ticket-${ticket.displayNo}`);
      return ticket.displayNo;
    };
    const first = await numberOf(a);
    expect(await numberOf(b)).toBe(first + 1);
    await settle({ continuousNumbering: false });
    expect([await numberOf(a), await numberOf(b), await numberOf(a)]).toEqual([1, 1, 2]);
  });
});

describe('at the door', () => {
  test('outside office hours: a notice in the ticket, or no opening but for staff', async () => {
    const { db } = bot.ctx;
    const schedule = await insertSchedule(db, guildId, { name: 'Never' });
    const hours = { timeZone: 'Europe/Berlin', hours: [], holidays: [], validFrom: 0 };
    await writeScheduleVersion(db, guildId, { scheduleId: schedule ?? 0, ...hours });
    await settle({ schedule, outsideHours: 'notice' });
    const ticket = await open();
    expect(ticket.scheduleId).toBe(schedule);
    expect(JSON.stringify((await messagesOf(ticket.id))[0]?.embeds)).toContain('The staff are not at work now');
    const quiet = await panel({ outsideHours: 'open' });
    expect(JSON.stringify(await messagesOf((await open({ panelId: quiet, source: 'panel' })).id))).not.toContain(
      'not at work',
    );
    await settle({ outsideHours: 'refuse' });
    await expect(reserve()).rejects.toMatchObject({ code: 'open.closed-hours', context: { opensAt: null } });
    expect((await open({ opener: owner, openedBy: owner })).state).toBe('open');
  });

  test('a panel for certain roles opens for those who have one, and for staff', async () => {
    covers('1.4-18');
    const panelId = await panel({ requiredRoleIds: [role] });
    const asked = { panelId, source: 'panel' as const };
    await expect(reserve(asked)).rejects.toMatchObject({ code: 'open.role-required', context: { roles: role } });
    const fitting = actor(member.id, { roleIds: [role] });
    expect((await open({ ...asked, opener: fitting, openedBy: fitting })).state).toBe('open');
  });

  test('what is too long or too much is refused with the field and the fix', async () => {
    await expect(reserve({ subject: 'x'.repeat(257) })).rejects.toMatchObject({
      code: 'input.invalid',
      context: { field: 'subject', fix: 'at most 256 characters' },
    });
    const answers = Array.from({ length: 26 }, () => ({ label: 'a', value: 'b' }));
    await expect(reserve({ answers })).rejects.toMatchObject({ context: { field: 'answers' } });
  });
});

describe('the staff thread', () => {
  test('is private, has the staff in it, and is made once', async () => {
    covers('1.3-23');
    await settle({ staffThread: true });
    const ticket = await open();
    await run(ticket.id);
    const threads = (await channels()).filter((one) => one.parentId === ticket.channelId);
    expect(threads).toMatchObject([{ type: ChannelType.PrivateThread, name: 'Staff' }]);
    const [message] = await bot.control.messages(threads[0]?.id ?? '');
    expect(message?.content).toContain(`<@&${role}>`);
    expect(ticket.applied.problem).toBeNull();
  });
});

describe('room', () => {
  test('a full category: the overflow ones in order, the panel’s before the server’s', async () => {
    covers('1.3-33');
    covers('1.3-34');
    covers('1.4-05');
    await bot.control.limits({ channelsPerCategory: 2 });
    const [main, a, b, own] = [await category('Main'), await category('A'), await category('B'), await category('Own')];
    await settle({ ticketCategory: main.id, overflowCategories: [a.id, b.id], waitingQueue: false });
    const parents = [];
    for (let i = 0; i < 6; i += 1) parents.push((await channelOf((await open()).id))?.parentId);
    expect(parents).toEqual([main.id, main.id, a.id, a.id, b.id, b.id]);
    const panelId = await panel({ overflowCategoryIds: [own.id] });
    expect((await channelOf((await open({ panelId, source: 'panel' })).id))?.parentId).toBe(own.id);
    const refused = await open();
    expect(refused).toMatchObject({ state: 'abandoned', applied: { problem: { code: 'discord.no-room' } } });
  });

  test('50 at once find every category full: one further is made, like the first, and used by all', async () => {
    await bot.control.limits({ channelsPerCategory: 50 });
    const main = await category('Tickets');
    await fill(main.id, 0);
    await settle({ ticketCategory: main.id, createCategories: true });
    const ids = await Promise.all(Array.from({ length: 50 }, () => reserve()));
    for (let left = ids, turn = 0; left.length > 0 && turn < 20; turn += 1) {
      await Promise.all(left.map((id) => run(id)));
      const states = await Promise.all(left.map(async (id) => [id, (await read(id)).state] as const));
      left = states.flatMap(([id, state]) => (state === 'reserved' ? [id] : []));
    }
    const made = (await channels()).filter((one) => one.type === ChannelType.GuildCategory && one.name === 'Tickets 2');
    expect(made).toHaveLength(1);
    const tickets = await Promise.all(ids.map(read));
    expect(new Set(tickets.map((one) => one.state))).toEqual(new Set(['open']));
    const inside = (await channels()).filter((one) => one.parentId === made[0]?.id);
    expect(inside).toHaveLength(50);
    for (const id of ids.slice(0, 3)) expect((await channelOf(id))?.parentId).toBe(made[0]?.id);
  });

  test('no room anywhere: they wait in order, are not given up, and come in one by one', async () => {
    await bot.control.limits({ channelsPerCategory: 1 });
    const only = await category('Only');
    await settle({ ticketCategory: only.id });
    const first = await open();
    expect(first.state).toBe('open');
    const [second, third] = [await reserve(), await reserve()];
    for (const id of [second, third, second, third]) await run(id);
    expect(await read(second)).toMatchObject({
      state: 'reserved',
      nextActionAt: null,
      applied: { queuePosition: 1, problem: { code: 'discord.no-room' } },
    });
    expect((await read(third)).applied.queuePosition).toBe(2);
    // Whoever comes now does not pass those who wait, though there is room.
    await free(first.id);
    const late = await reserve();
    await run(late);
    expect((await read(late)).state).toBe('reserved');
    await run(third);
    expect((await read(third)).state).toBe('reserved');
    await run(second);
    expect(await read(second)).toMatchObject({ state: 'open', queuedAt: null, applied: { problem: null } });
    await run(third);
    expect((await read(third)).applied.queuePosition).toBe(1);
    await free(second);
    await run(third);
    expect((await read(third)).state).toBe('open');
    await free(third);
    await run(late);
    expect((await read(late)).state).toBe('open');
  });

  test('threads where the server wants them when nothing has room', async () => {
    await bot.control.limits({ channelsPerCategory: 1 });
    const only = await category('Only');
    const told = await bot.control.createChannel(guildId, { name: 'told' });
    await settle({ ticketCategory: only.id, overflowToThreads: true, threadNotificationChannel: told.id });
    await fill(only.id, 0);
    const ticket = await open();
    expect(ticket).toMatchObject({ state: 'open', mode: 'thread', parentId: told.id });
  });

  test('500 channels are the end of all categories: the queue, and the sweep of a minute', async () => {
    const count = (await channels()).filter((one) => one.type !== ChannelType.PrivateThread).length;
    await bot.control.limits({ channelsPerCategory: 50, channelsPerGuild: count });
    const ticketId = await reserve();
    await run(ticketId);
    const [later] = await run(ticketId);
    expect(later?.runAt?.getTime()).toBeGreaterThan(Date.now() + 30_000);
    expect((await read(ticketId)).applied.problem?.code).toBe('discord.channels-full');
    await bot.control.limits({ channelsPerGuild: 500 });
    await run(ticketId);
    expect((await read(ticketId)).state).toBe('open');
  });

  test('a category that was deleted: the ticket opens all the same, and staff are told', async () => {
    const lost = await category('Lost');
    await settle({ ticketCategory: lost.id });
    await bot.control.deleteChannel(lost.id);
    const ticket = await open();
    expect(ticket).toMatchObject({
      state: 'open',
      applied: { problem: { code: 'discord.category-gone', context: { place: lost.id } } },
    });
  });

  test('more staff than a channel takes: roles before people, and staff are told', async () => {
    await addStaff(bot.ctx, guildId, { by: owner, subjectId: other.id, subjectKind: 'user', level: 'support' });
    await bot.control.limits({ overwritesPerChannel: 4 });
    const ticket = await open();
    await bot.control.limits({ overwritesPerChannel: 1_000 });
    expect(ticket).toMatchObject({ state: 'open', applied: { problem: { code: 'discord.overwrites-full' } } });
    const ids = (await channelOf(ticket.id))?.overwrites.map((one) => one.id);
    expect(ids).toContain(role);
    expect(ids).not.toContain(other.id);
    await bot.control.limits({ overwritesPerChannel: 5 });
    await addMember(bot.ctx, guildId, { ticketId: ticket.id, by: owner, userId: owner.id, at: Date.now() });
    await run(ticket.id);
    const after = (await channelOf(ticket.id))?.overwrites.map((one) => one.id);
    expect(after).toEqual(expect.arrayContaining([role, owner.id]));
    expect((await read(ticket.id)).applied.problem?.code).toBe('discord.overwrites-full');
    await bot.control.limits({ overwritesPerChannel: 1_000 });
  });
});

describe('interrupted', () => {
  const faults = [
    ['403', { kind: 'status', status: 403, code: 50_013 }],
    ['404', { kind: 'status', status: 404, code: 10_003 }],
    ['429', { kind: 'status', status: 429, retryAfterS: 60 }],
    ['500', { kind: 'status', status: 500 }],
    ['a lost answer', { kind: 'lose-answer' }],
  ] as const;
  test.each(faults)('%s at each request of an opening: it opens later, or says why it cannot', async (_, fault) => {
    await settle({ staffThread: true, namingScheme: 'username' });
    const panelId = await panel({ mentions: [{ id: other.id, kind: 'user' }] });
    const requests = [
      { method: 'GET', path: `/guilds/${guildId}/members` },
      { method: 'POST', path: `/guilds/${guildId}/channels` },
      { method: 'POST', path: '/channels/' },
      { method: 'DELETE', path: '/channels/' },
    ];
    for (const request of requests) {
      const ticketId = await reserve({ panelId, source: 'panel' });
      await bot.control.fault({ ...fault, ...request, count: 10 });
      for (let attempt = 1; attempt <= 2; attempt += 1) await run(ticketId, attempt).catch(() => undefined);
      await bot.control.clearFaults();
      for (let attempt = 3; attempt <= 4; attempt += 1) await run(ticketId, attempt);
      const where = `${request.method} ${request.path}`;
      const { state, applied, channelId } = await read(ticketId);
      expect(state === 'open' || (state === 'abandoned' && applied.problem !== null), `${where}: ${state}`).toBe(true);
      const mine = (await channels()).filter((one) => parseTopic(one.topic) === ticketId);
      expect(mine.length, where).toBe(state === 'open' ? 1 : 0);
      if (state !== 'open' || applied.welcomeMessageId === 'none') continue;
      const all = await bot.control.messages(channelId ?? '');
      expect(all.filter((one) => pressables(one).length > 0).length, where).toBe(1);
      expect((await channels()).filter((one) => one.parentId === channelId).length, where).toBeLessThanOrEqual(1);
    }
  });
});
