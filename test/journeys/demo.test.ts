import { afterAll, beforeAll, expect, test } from 'vitest';
import { channelIn, press, type } from '#demo/act.ts';
import { furnish, menuIn, type Places } from '#demo/furnish.ts';
import { live } from '#demo/life.ts';
import { type DemoGuild, type DemoPerson, preparePeople } from '#demo/people.ts';
import type { Scene } from '#demo/scene.ts';
import { anyStaff, serve } from '#demo/serve.ts';
import { panelsIn, setUp } from '#demo/setup.ts';
import { noteForStaff } from '#demo/threads.ts';
import { createLog } from '#runtime/log.ts';
import { listAudit } from '#tickets/store/audit.ts';
import { readHistory } from '#tickets/store/history.ts';
import { listLabels } from '#tickets/store/label.ts';
import { listPanels } from '#tickets/store/panel.ts';
import { listSchedules } from '#tickets/store/schedule.ts';
import { listTickets } from '#tickets/store/ticket.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { until } from '#test/harness/desk.ts';
import { testDatabase } from '#test/harness/postgres.ts';

// The demo's people use the desk as it is: what they can do no more ends their stories early, and only here does anybody see it.
const database = await testDatabase();
const log = createLog({ role: 'test', level: 'silent' });
const { signal } = new AbortController();
let bot: Bot;
let [first, second] = [] as unknown as [DemoGuild, DemoGuild];
const places = new Map<DemoGuild, Places>();

async function begin(guild: DemoGuild): Promise<void> {
  await setUp(bot.control, guild, log, signal);
  places.set(guild, await furnish(bot.control, guild, { isFirst: guild === first, log, signal }));
}
const sceneOf = (guild: DemoGuild, chance: () => number): Scene => ({
  control: bot.control,
  guild,
  places: places.get(guild) as Places,
  pace: 0,
  chance,
  signal,
});
const everything = () => 0;
const nothing = () => 0.999;
const memberOf = (guild: DemoGuild, nth: number): DemoPerson =>
  guild.people.filter((one) => one.role === 'member')[nth] as DemoPerson;

beforeAll(async () => {
  bot = await startBot({ database });
  await bot.control.limits({ routeBuckets: false });
  await bot.control.createGuild({ name: 'Second Server', members: 3 });
  [first, second] = (await preparePeople(bot.control)) as [DemoGuild, DemoGuild];
  await begin(first);
  await begin(second);
}, 60_000);
afterAll(() => bot?.stop());

/** What happened to the newest ticket, in order. */
async function newest(guild: DemoGuild) {
  const { db } = bot.ctx;
  const [ticket] = await listTickets(db, guild.id, {
    status: 'all',
    teamIds: null,
    viewerId: null,
    limit: 1,
    before: null,
  });
  if (!ticket) throw new Error('nobody opened a ticket');
  return { ticket, names: (await readHistory(db, guild.id, ticket.id)).map(({ name }) => name) };
}

test('a server gets teams, forms, threads, a menu and hours, and a second start changes nothing', async () => {
  const { db } = bot.ctx;
  const panels = await listPanels(db, first.id);
  expect(panels.map(({ name, teamIds, mode, form }) => [name, teamIds.length, mode, form?.fields.length ?? 0])).toEqual(
    [
      ['Technical help', 1, null, 0],
      ['Billing', 2, null, 1],
      ['Account recovery', 1, 'thread', 0],
      ['Report a player', 1, null, 3],
    ],
  );
  expect((await menuIn(bot.control, places.get(second)?.menuChannelId ?? ''))?.values).toHaveLength(4);
  expect([(await listSchedules(db, first.id)).length, (await listSchedules(db, second.id)).length]).toEqual([0, 1]);
  expect((await listLabels(db, first.id)).map(({ name }) => name)).toContain('Known problem');
  const audits = async () => (await listAudit(db, second.id, { before: null, limit: 100 })).length;
  const before = await audits();
  // More answers than a page of messages has: the panels are found behind them.
  const place = { guildId: second.id, channelId: second.deskChannelId, userId: second.people[0]?.id ?? '' };
  await Promise.all(Array.from({ length: 100 }, () => type(bot.control, place, 'about')));
  await begin(second);
  expect(await audits()).toBe(before);
  expect(await panelsIn(bot.control, second.deskChannelId)).toHaveLength(4);
});

/** Opens a ticket by one of the panels' menu, without a form. */
async function openBy(guild: DemoGuild, member: DemoPerson, nth: number): Promise<string> {
  const menu = await menuIn(bot.control, places.get(guild)?.menuChannelId ?? '');
  if (!menu) throw new Error('there is no menu');
  const message = { id: menu.messageId, channel_id: menu.channelId, components: [] };
  const pressed = await press(bot.control, member.id, message, menu.customId, [menu.values[nth] ?? '']);
  return channelIn(pressed) ?? '';
}

test('everything that may happen in a channel happens in one', async () => {
  const member = memberOf(first, 0);
  const channelId = await openBy(first, member, 0);
  const scene = sceneOf(first, everything);
  await serve(scene, channelId, { asker: member, isOpener: true, staff: anyStaff(scene) });
  const { ticket, names } = await newest(first);
  expect(ticket.state).toBe('closed');
  const always = ['assigned', 'priority_set', 'labels_set', 'topic_set', 'member_added', 'close_requested', 'closed'];
  expect(names).toEqual(expect.arrayContaining(always));
});

test('staff leaves a note in the thread that a channel has for them', async () => {
  const scene = sceneOf(first, nothing);
  const staff = anyStaff(scene);
  const channelId = await openBy(first, memberOf(first, 2), 0);
  const threadOf = async () => (await bot.control.channels(first.id)).find((one) => one.parentId === channelId);
  const thread = await until(threadOf, (one) => one?.thread?.memberIds.includes(staff.id) === true);
  await noteForStaff(scene, channelId, staff, 'A second opinion, please.');
  expect((await bot.control.messages(thread?.id ?? '')).at(-1)?.content).toBe('A second opinion, please.');
});

test('a thread is joined, closed, opened again and closed for good', async () => {
  const member = memberOf(second, 0);
  const channelId = await openBy(second, member, 2);
  const scene = sceneOf(second, everything);
  await serve(scene, channelId, { asker: member, isOpener: true, staff: anyStaff(scene) });
  const { ticket, names } = await newest(second);
  expect(ticket).toMatchObject({ state: 'closed', mode: 'thread' });
  expect(names.filter((name) => name === 'closed' || name === 'reopened')).toEqual(['closed', 'reopened', 'closed']);
});

test('staff makes a ticket of a message; and a plain ticket is opened, answered and closed', async () => {
  await live(sceneOf(first, everything), memberOf(first, 1));
  expect((await newest(first)).ticket).toMatchObject({ state: 'closed', source: 'context_menu' });
  await live(sceneOf(second, nothing), memberOf(second, 1));
  expect((await newest(second)).ticket).toMatchObject({ state: 'closed', source: 'panel' });
});
