import type { APIMessage } from 'discord-api-types/v10';
import type { JobHelpers } from 'graphile-worker';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { covers } from '#test/harness/covers.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { addMember } from '#tickets/actions/add-member.ts';
import { addStaff } from '#tickets/actions/add-staff.ts';
import { closeTicket } from '#tickets/actions/close.ts';
import { createPanel } from '#tickets/actions/create-panel.ts';
import { type OpenInput, openTicket } from '#tickets/actions/open.ts';
import { removeMember } from '#tickets/actions/remove-member.ts';
import { removeStaff } from '#tickets/actions/remove-staff.ts';
import { renameTicket } from '#tickets/actions/rename.ts';
import { reopenTicket } from '#tickets/actions/reopen.ts';
import { setSettings } from '#tickets/actions/set-settings.ts';
import type { Actor } from '#tickets/permission.ts';
import { upsertGuild } from '#tickets/store/guild.ts';
import { listProblems } from '#tickets/store/problem.ts';
import { recordJoined } from '#tickets/store/thread.ts';
import { readTicket } from '#tickets/store/ticket.ts';

const database = await testDatabase();
let bot: Bot;
let guildId: string;
let desk: string;
let told: string;
const actor = (id: string, isOwner = false): Actor => ({ id, roleIds: [], isOwner, hasManageGuild: false });
let [owner, member, staff, other] = [actor(''), actor(''), actor(''), actor('')];

beforeAll(async () => {
  bot = await startBot({ database, hasWorker: false });
  const guild = await bot.control.guild(bot.simulator.guilds[0]?.id ?? '');
  guildId = guild.id;
  const people = guild.members.filter((one) => !one.bot && one.id !== guild.ownerId).map((one) => one.id);
  owner = actor(guild.ownerId, true);
  [member, staff, other] = [actor(people[0] ?? ''), actor(people[1] ?? ''), actor(people[2] ?? '')];
  await upsertGuild(bot.ctx.db, guildId, {
    name: guild.name,
    ownerId: owner.id,
    iconHash: null,
    memberCount: 5,
    locale: 'en-US',
  });
  await bot.control.limits({ routeBuckets: false });
  desk = (await bot.control.createChannel(guildId, { name: 'desk' })).id;
  told = (await bot.control.createChannel(guildId, { name: 'staff' })).id;
  await addStaff(bot.ctx, guildId, { by: owner, subjectId: staff.id, subjectKind: 'user', level: 'support' });
  await setSettings(bot.ctx, guildId, {
    by: owner,
    patch: {
      openTicketsPerUser: null,
      dmOnClose: false,
      useThreads: true,
      threadNotificationChannel: told,
      threadCloseAction: 'archive',
    },
  });
});
afterAll(() => bot?.stop());
beforeEach(() => bot.control.clearFaults());

let interactions = 0;
async function reserve(more: Partial<OpenInput> = {}): Promise<number> {
  interactions += 1;
  const { ticket } = await openTicket(bot.ctx, guildId, {
    interactionId: String(interactions),
    opener: member,
    openedBy: member,
    panelId: null,
    source: 'command',
    subject: null,
    answers: [],
    at: Date.now(),
    channelId: desk,
    ...more,
  });
  return ticket.id;
}
/** Runs a ticket's job once, as its `attempt`. */
async function run(ticketId: number, attempt = 1): Promise<void> {
  const helpers = { job: { attempts: attempt }, addJob: async () => {} };
  await bot.tasks.ticket?.({ guildId, ticketId }, helpers as unknown as JobHelpers);
}
const read = async (ticketId: number) => {
  const ticket = await readTicket(bot.ctx.db, guildId, ticketId);
  if (!ticket) throw new Error('no such ticket');
  return ticket;
};
const threads = async () => (await bot.control.channels(guildId)).filter((one) => one.type === 12);
const threadOf = async (ticketId: number) => {
  const { channelId } = await read(ticketId);
  return (await threads()).find((one) => one.id === channelId);
};
const threadsNamed = async (ticketId: number) => {
  const { displayNo } = await read(ticketId);
  return (await threads()).filter((one) => one.name === `Ticket ${displayNo}`);
};
const open = async (more: Partial<OpenInput> = {}): Promise<number> => {
  const ticketId = await reserve(more);
  await run(ticketId);
  return ticketId;
};
const close = (ticketId: number) =>
  closeTicket(bot.ctx, guildId, { ticketId, by: staff, reason: 'Done', at: Date.now() });
const joinMessage = async (ticketId: number): Promise<APIMessage | undefined> => {
  const { applied } = await read(ticketId);
  return (await bot.control.messages(told)).find((one) => one.id === applied.joinMessageId);
};

describe('opening', () => {
  test('a thread of its own where it was asked for, with the opener in it and without staff; a message with a button tells them', async () => {
    covers('1.9-01');
    covers('1.9-04');
    covers('1.3-43');
    const ticketId = await open();
    const { displayNo, ...ticket } = await read(ticketId);
    const thread = await threadOf(ticketId);
    expect(ticket).toMatchObject({ state: 'open', mode: 'thread', parentId: desk, applied: { problem: null } });
    expect(thread).toMatchObject({ name: `Ticket ${displayNo}`, parentId: desk, type: 12 });
    expect(thread?.thread?.memberIds.toSorted()).toEqual([bot.simulator.applicationId, member.id].toSorted());
    const [welcome, ...more] = await bot.control.messages(thread?.id ?? '');
    expect(more).toEqual([]);
    expect(welcome?.content).toContain(`<@${member.id}>`);
    expect(JSON.stringify(welcome?.components)).not.toContain('"claim');
    const message = await joinMessage(ticketId);
    expect(message?.embeds[0]?.title).toBe(`Ticket ${displayNo}`);
    expect(JSON.stringify(message?.components)).toContain(`join:${ticketId}`);
  });

  test('its name follows the panel’s template, else the server’s, spaces and capitals kept; what staff call it comes first', async () => {
    covers('1.4-09');
    covers('1.2-15');
    const nameOf = async (ticketId: number) => (await threadOf(ticketId))?.name;
    const { panel } = await createPanel(bot.ctx, guildId, {
      by: owner,
      name: 'Help',
      title: 'Help',
      content: 'Press.',
      colour: 0,
      buttonLabel: 'Help',
      buttonEmoji: null,
      channelId: desk,
      categoryId: null,
      form: null,
      welcome: null,
      naming: 'Help  %id_padded% for %username%',
    });
    const { username } = (await bot.rest.get(`/users/${member.id}`)) as { username: string };
    // Its answer is lost: the next run finds the thread by the name that it was given.
    await bot.control.fault({ kind: 'lose-answer', method: 'POST', path: `/channels/${desk}/threads` });
    const ticketId = await reserve({ panelId: panel.id });
    await expect(run(ticketId)).rejects.toThrow();
    await run(ticketId, 2);
    const { displayNo } = await read(ticketId);
    const scheme = `Help ${String(displayNo).padStart(4, '0')} for ${username}`;
    expect(await nameOf(ticketId)).toBe(scheme);
    expect((await threads()).filter((one) => one.name === scheme)).toHaveLength(1);
    const rename = (name: string | null) =>
      renameTicket(bot.ctx, guildId, { ticketId, by: staff, name, at: Date.now() });
    await rename('Refund: Ada!');
    await bot.control.updateThread((await read(ticketId)).channelId ?? '', { isArchived: true });
    await run(ticketId);
    expect(await nameOf(ticketId)).toBe('Refund: Ada!');
    await rename(null);
    await run(ticketId);
    expect(await nameOf(ticketId)).toBe(scheme);
    await setSettings(bot.ctx, guildId, { by: owner, patch: { namingScheme: 'username' } });
    expect(await nameOf(await open())).toBe(`Ticket ${username}`);
    await setSettings(bot.ctx, guildId, { by: owner, patch: { namingScheme: 'number' } });
  });

  test('where it was asked for can hold no thread: where staff are told can', async () => {
    const voice = await bot.control.createChannel(guildId, { name: 'Voice', type: 2 });
    const ticketId = await open({ channelId: voice.id });
    expect(await read(ticketId)).toMatchObject({ state: 'open', parentId: told });
  });

  test('a ticket’s own channel is no place for another’s thread', async () => {
    const first = await open();
    const { channelId } = await read(first);
    expect(await read(await open({ channelId }))).toMatchObject({ state: 'open', parentId: told });
  });

  test('somebody who cannot see the channel cannot be in its thread: the reason is told, nothing is left behind', async () => {
    const hidden = await bot.control.createChannel(guildId, {
      name: 'hidden',
      overwrites: [
        { id: guildId, type: 0, allow: '0', deny: '1024' },
        { id: bot.simulator.applicationId, type: 1, allow: String(1024n | (1n << 36n) | (1n << 38n)), deny: '0' },
      ],
    });
    const before = (await threads()).length;
    const ticketId = await open({ channelId: hidden.id });
    expect(await read(ticketId)).toMatchObject({
      state: 'abandoned',
      applied: { problem: { code: 'thread.unseen', context: { user: member.id, place: hidden.id } } },
    });
    expect((await threads()).length).toBe(before);
  });

  test('a channel whose members may not write in threads any more is a problem to mend, gone when it is mended', async () => {
    covers('1.9-06');
    const sendInThreads = String(1n << 38n);
    const own = { id: bot.simulator.applicationId, type: 1 as const, allow: sendInThreads, deny: '0' };
    const overwrites = (deny: string) => [{ id: guildId, type: 0 as const, allow: '0', deny }, own];
    const { id } = await bot.control.createChannel(guildId, { name: 'quiet', overwrites: overwrites('0') });
    const codes = async () =>
      (await listProblems(bot.ctx.db, guildId, { now: Date.now(), limit: 50 }))
        .filter((one) => one.context.place === id)
        .map((one) => one.code);
    await open({ channelId: id });
    expect(await codes()).toEqual([]);
    await bot.rest.patch(`/channels/${id}`, { body: { permission_overwrites: overwrites(sendInThreads) } });
    const ticketId = await open({ channelId: id });
    expect((await read(ticketId)).state).toBe('open');
    expect(await codes()).toEqual(['thread.muted']);
    await bot.rest.patch(`/channels/${id}`, { body: { permission_overwrites: overwrites('0') } });
    await addMember(bot.ctx, guildId, { ticketId, by: staff, userId: other.id, at: Date.now() });
    await run(ticketId);
    expect(await codes()).toEqual([]);
  });

  test('added people are put into the thread, removed ones taken out, whoever joined stays', async () => {
    const ticketId = await open();
    const inIt = async () => (await threadOf(ticketId))?.thread?.memberIds ?? [];
    await addMember(bot.ctx, guildId, { ticketId, by: staff, userId: other.id, at: Date.now() });
    await run(ticketId);
    expect(await inIt()).toContain(other.id);
    await bot.rest.put(`/channels/${(await read(ticketId)).channelId}/thread-members/${staff.id}`);
    // Discord archives what is silent; that is no closing, and nothing that hinders.
    await bot.control.updateThread((await read(ticketId)).channelId ?? '', { isArchived: true });
    await removeMember(bot.ctx, guildId, { ticketId, by: staff, userId: other.id, at: Date.now() });
    await run(ticketId);
    expect(await inIt()).not.toContain(other.id);
    expect(await inIt()).toEqual(expect.arrayContaining([staff.id, member.id]));
    expect((await read(ticketId)).state).toBe('open');
  });

  test('staff who joined leave when they are staff no more: by name, by a role that the team or they lost; who may manage the server stays', async () => {
    const inIt = async (ticketId: number) => (await threadOf(ticketId))?.thread?.memberIds ?? [];
    const join = async (ticketId: number, userId: string) => {
      await recordJoined(bot.ctx.db, guildId, { ticketId, userId });
      await bot.rest.put(`/channels/${(await read(ticketId)).channelId}/thread-members/${userId}`);
    };
    const [helpers, others, managers] = await Promise.all([
      bot.control.createRole(guildId, { name: 'Helpers' }),
      bot.control.createRole(guildId, { name: 'Others' }),
      bot.control.createRole(guildId, { name: 'Managers', permissions: String(1n << 5n) }),
    ]);
    const person = async (roleIds: string[]) => (await bot.control.addMember(guildId, { roleIds })).id;
    const [named, helper, loser, manager] = await Promise.all([
      person([]),
      person([others.id]),
      person([helpers.id]),
      person([managers.id]),
    ]);
    const add = (subjectId: string, subjectKind: 'user' | 'role') =>
      addStaff(bot.ctx, guildId, { by: owner, subjectId, subjectKind, level: 'support' });
    await Promise.all([add(helpers.id, 'role'), add(others.id, 'role'), add(named, 'user')]);
    const ticketId = await open();
    const all = [named, helper, loser, manager];
    for (const userId of all) await join(ticketId, userId);
    await run(ticketId);
    expect(await inIt(ticketId)).toEqual(expect.arrayContaining(all));
    await bot.control.updateMember(guildId, loser, { roleIds: [] });
    await run(ticketId);
    expect(await inIt(ticketId), 'Docket has just looked').toContain(loser);
    await recordJoined(bot.ctx.db, guildId, { ticketId, userId: manager }); // it looks again
    await run(ticketId);
    expect(await inIt(ticketId)).not.toContain(loser);
    await removeStaff(bot.ctx, guildId, { by: owner, subjectId: named });
    await removeStaff(bot.ctx, guildId, { by: owner, subjectId: others.id });
    await addMember(bot.ctx, guildId, { ticketId, by: staff, userId: helper, at: Date.now() });
    await run(ticketId);
    expect(await inIt(ticketId)).not.toContain(named);
    expect(await inIt(ticketId), 'added by hand').toContain(helper);
    expect(await inIt(ticketId)).toEqual(expect.arrayContaining([member.id, manager]));
    expect((await read(ticketId)).applied.joinedIds.toSorted()).toEqual([helper, manager].toSorted());
  });

  test('1,000 active threads: the oldest of closed tickets make room; with none the number is told', async () => {
    await setSettings(bot.ctx, guildId, { by: owner, patch: { waitingQueue: false } });
    const old = await open();
    await close(old);
    await run(old);
    const oldThread = (await threadOf(old))?.id ?? '';
    expect((await threadOf(old))?.thread).toMatchObject({ isArchived: true, isLocked: true });
    await bot.control.updateThread(oldThread, { isArchived: false });
    const active = (await threads()).filter((one) => !one.thread?.isArchived).length;
    await bot.control.limits({ activeThreadsPerGuild: active });
    try {
      expect((await read(await open())).state).toBe('open');
      expect((await threadOf(old))?.thread?.isArchived).toBe(true);
      expect(await read(await open())).toMatchObject({
        state: 'abandoned',
        applied: { problem: { code: 'discord.threads-full', context: { active, limit: 1_000 } } },
      });
    } finally {
      await bot.control.limits({ activeThreadsPerGuild: 1_000 });
    }
  });
});

describe('closing', () => {
  test('archived and locked, its Join button gone; archived by Discord first is the same', async () => {
    covers('1.3-13');
    const ticketId = await open();
    await bot.control.updateThread((await read(ticketId)).channelId ?? '', { isArchived: true });
    await run(ticketId);
    expect((await read(ticketId)).state).toBe('open');
    await close(ticketId);
    await run(ticketId);
    expect((await threadOf(ticketId))?.thread).toMatchObject({ isArchived: true, isLocked: true });
    const message = await joinMessage(ticketId);
    expect(message?.components).toEqual([]);
    expect(message?.embeds[0]?.title).toContain('(closed)');
    const { applied } = await read(ticketId);
    expect(applied.archivedAt).not.toBeNull();
    expect(applied.channelDeletedAt).toBeNull();
  });

  test('the usual: archived, but deleted when it was opened by /open', async () => {
    await setSettings(bot.ctx, guildId, { by: owner, patch: { threadCloseAction: 'usual' } });
    const [manual, menu] = [await open(), await open({ source: 'dashboard' })];
    for (const ticketId of [manual, menu]) {
      await close(ticketId);
      await run(ticketId);
    }
    await setSettings(bot.ctx, guildId, { by: owner, patch: { threadCloseAction: 'archive' } });
    expect(await threadOf(manual)).toBeUndefined();
    expect((await threadOf(menu))?.thread?.isArchived).toBe(true);
  });

  test('a thread that was deleted meanwhile is an outcome', async () => {
    const ticketId = await open();
    await close(ticketId);
    await bot.control.deleteChannel((await read(ticketId)).channelId ?? '');
    await run(ticketId);
    const { applied } = await read(ticketId);
    expect(applied.channelDeletedAt).not.toBeNull();
    expect(applied.joinShows).toBe('closed');
  });
});

describe('reopening', () => {
  const reopen = (ticketId: number, by = staff) =>
    reopenTicket(bot.ctx, guildId, { ticketId, by, opener: null, at: Date.now() });

  test('the thread comes back, with a word in it, and the Join button too; the second closing is told like the first', async () => {
    covers('1.9-02');
    await setSettings(bot.ctx, guildId, { by: owner, patch: { transcriptsChannel: told } });
    const ticketId = await open();
    await close(ticketId);
    await run(ticketId);
    await reopen(ticketId);
    await run(ticketId);
    expect(await read(ticketId)).toMatchObject({ state: 'open', closedAt: null, closeReason: null });
    expect((await threadOf(ticketId))?.thread).toMatchObject({ isArchived: false, isLocked: false });
    expect(JSON.stringify(await joinMessage(ticketId))).toContain(`join:${ticketId}`);
    const said = await bot.control.messages((await read(ticketId)).channelId ?? '');
    expect(said.map((one) => one.embeds[0]?.description)).toContain('This ticket is open again.');
    const { displayNo, applied } = await read(ticketId);
    expect(applied.transcriptMessageId).toBeNull();
    // Seconds later, so that Discord's nonce does not take the second closing for the first.
    await closeTicket(bot.ctx, guildId, { ticketId, by: staff, reason: 'Again', at: Date.now() + 3_000 });
    await run(ticketId);
    const summaries = (await bot.control.messages(told)).filter(
      (one) => one.embeds[0]?.title === `Ticket ${displayNo} was closed`,
    );
    expect(summaries).toHaveLength(2);
    expect((await threadOf(ticketId))?.thread).toMatchObject({ isArchived: true, isLocked: true });
    await setSettings(bot.ctx, guildId, { by: owner, patch: { transcriptsChannel: null } });
  });

  test('the opener’s limit holds, and is not passed by two at once', async () => {
    const ids = [await open({ opener: other, openedBy: other }), await open({ opener: other, openedBy: other })];
    for (const id of ids) await close(id);
    await setSettings(bot.ctx, guildId, { by: owner, patch: { openTicketsPerUser: 1 } });
    const results = await Promise.allSettled(ids.map((id) => reopen(id)));
    await setSettings(bot.ctx, guildId, { by: owner, patch: { openTicketsPerUser: null } });
    expect(results.map((one) => one.status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const [refused] = results.filter((one) => one.status === 'rejected');
    expect(refused?.reason).toMatchObject({ code: 'limit.user', context: { limit: 1 } });
  });

  test('a channel ticket, a deleted thread, an open ticket and an outsider are refused; a click replayed changes nothing', async () => {
    const ticketId = await open();
    await expect(reopen(ticketId)).rejects.toMatchObject({ code: 'ticket.open' });
    await close(ticketId);
    await expect(reopen(ticketId, member)).rejects.toMatchObject({ code: 'permission.support' });
    const input = { ticketId, by: staff, opener: null, at: Date.now() };
    const once = await reopenTicket(bot.ctx, guildId, input);
    expect((await reopenTicket(bot.ctx, guildId, input)).version).toBe(once.version);
    await close(ticketId);
    await run(ticketId);
    await reopen(ticketId);
    await bot.control.deleteChannel((await read(ticketId)).channelId ?? '');
    await run(ticketId);
    expect((await read(ticketId)).state).toBe('closed');
    await run(ticketId);
    await expect(reopen(ticketId)).rejects.toMatchObject({ code: 'reopen.gone' });
    await setSettings(bot.ctx, guildId, { by: owner, patch: { useThreads: false } });
    const channel = await open();
    await close(channel);
    await setSettings(bot.ctx, guildId, { by: owner, patch: { useThreads: true } });
    await expect(reopen(channel)).rejects.toMatchObject({ code: 'reopen.channel' });
  });
});

describe('interrupted', () => {
  test('a thread whose answer was lost is found, not made a second time', async () => {
    const ticketId = await reserve();
    await bot.control.fault({ kind: 'lose-answer', method: 'POST', path: `/channels/${desk}/threads` });
    await expect(run(ticketId)).rejects.toThrow();
    expect(await read(ticketId)).toMatchObject({ state: 'reserved', channelId: null });
    await run(ticketId, 2);
    expect(await threadsNamed(ticketId)).toHaveLength(1);
    expect(await read(ticketId)).toMatchObject({ state: 'open', parentId: desk });
  });

  test('two of the same name in the same moment: each gets a thread of its own', async () => {
    const [a, b] = [await reserve(), await reserve()];
    await bot.ctx.db.query({ text: 'update ticket set name = $1 where id = any($2)', values: ['Same', [a, b]] });
    for (const ticketId of [a, b]) {
      await bot.control.fault({ kind: 'lose-answer', method: 'POST', path: `/channels/${desk}/threads` });
      await expect(run(ticketId)).rejects.toThrow();
    }
    await run(b, 2);
    await run(a, 2);
    const [first, second] = [await read(a), await read(b)];
    expect([first.state, second.state]).toEqual(['open', 'open']);
    expect(first.channelId).not.toBe(second.channelId);
    expect((await threads()).filter((one) => one.name === 'Same')).toHaveLength(2);
  });

  test.each([
    ['PUT', 'thread-members'],
    ['POST', 'messages'],
  ])('an answer lost at %s …/%s: the next run goes on, nothing is there twice', async (method) => {
    const ticketId = await reserve();
    await bot.control.fault({ kind: 'status', status: 500, code: 0, method, path: '/channels/', count: 1 });
    await run(ticketId).catch(() => undefined);
    await bot.control.clearFaults();
    await run(ticketId, 2);
    const { state, channelId } = await read(ticketId);
    expect(state).toBe('open');
    expect(await threadsNamed(ticketId)).toHaveLength(1);
    expect(await bot.control.messages(channelId ?? '')).toHaveLength(1);
    const joins = (await bot.control.messages(told)).filter((one) => JSON.stringify(one).includes(`join:${ticketId}`));
    expect(joins).toHaveLength(1);
  });

  test.each([403, 404, 429, 500])(
    '%i at each request of an opening: it opens later, or says why it cannot',
    async (status) => {
      const code = { 403: 50_013, 404: 10_003, 429: 0, 500: 0 }[status] ?? 0;
      const steps = [
        { method: 'POST', path: `/channels/${desk}/threads` },
        { method: 'PUT', path: '/channels/' },
        { method: 'POST', path: `/channels/${told}/messages` },
      ];
      for (const step of steps) {
        const ticketId = await reserve();
        await bot.control.fault({ kind: 'status', status, code, retryAfterS: 60, count: 10, ...step });
        await run(ticketId).catch(() => undefined);
        await bot.control.clearFaults();
        await run(ticketId, 2).catch(() => undefined);
        const { state, applied } = await read(ticketId);
        const isToldWhy = state === 'abandoned' && applied.problem !== null;
        expect(state === 'open' || isToldWhy, `${status} ${step.method} ${step.path}: ${state}`).toBe(true);
        expect((await threadsNamed(ticketId)).length).toBe(state === 'open' ? 1 : 0);
      }
    },
  );
});
