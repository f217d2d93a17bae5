import { type APIMessage, ChannelType, PermissionFlagsBits } from 'discord-api-types/v10';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { channelIn, command, fillIn, messageOf, press, pressables } from '#demo/act.ts';
import type { CommandOption } from '#simulator/client.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { covers } from '#test/harness/covers.ts';
import { until } from '#test/harness/desk.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { startWeb, type Web } from '#test/harness/web.ts';

// Threads, the context menus and on-call as people meet them; what happens inside is tested beside the code.
const database = await testDatabase();
const clickhouse = await testClickhouse();
let bot: Bot;
let web: Web;
let guildId: string;
let [owner, staff, member, other] = ['', '', '', ''];
let [talk, told] = ['', ''];

beforeAll(async () => {
  bot = await startBot({ database, publicUrl: 'https://docket.example' });
  const guild = bot.simulator.guilds[0];
  guildId = guild?.id ?? '';
  owner = guild?.ownerId ?? '';
  const join = async (name: string) => (await bot.control.addMember(guildId, { name })).id;
  [staff, member, other] = [await join('Staff'), await join('Member'), await join('Other')];
  talk = (await bot.control.createChannel(guildId, { name: 'talk' })).id;
  told = (await bot.control.createChannel(guildId, { name: 'staff' })).id;
  await say(owner, 'addsupport', [{ name: 'user_or_role', value: staff }]);
  web = await startWeb(bot, { database, clickhouse, guildId, userId: owner });
  await settle({ openTicketsPerUser: null });
});
afterAll(async () => {
  await web?.stop();
  await bot?.stop();
});

const settle = (patch: object) => web.change('settings', patch);
const say = async (userId: string, name: string, options: CommandOption[] = [], channelId = talk) =>
  messageOf(await command(bot.control, { guildId, channelId, userId }, name, options));
const channel = async (id: string) => (await bot.control.channels(guildId)).find((one) => one.id === id);
const opened = (answer: APIMessage): string => {
  const id = channelIn({ messages: [answer] } as never);
  expect(id, answer.content).toBeDefined();
  return id ?? '';
};
const open = async (): Promise<string> => opened(await say(member, 'open'));
/** The message by which staff join a thread, once it is there. */
const joinMessage = async (threadId: string): Promise<APIMessage> => {
  const name = (await channel(threadId))?.name ?? '';
  const ofThread = async () =>
    (await bot.control.messages(told)).find((one) =>
      new RegExp(`${name.replace('Ticket ', '')}(?!\\d)`).test(one.embeds[0]?.title ?? ''),
    );
  return (await until(ofThread, (one) => one !== undefined)) as APIMessage;
};
const join = async (threadId: string): Promise<void> => {
  const message = await joinMessage(threadId);
  await press(bot.control, staff, message, pressables(message)[0]?.customId ?? '');
};

describe('thread mode', () => {
  test('a ticket is a private thread without staff, which each joins by a button', async () => {
    covers('1.9-01');
    covers('1.9-04');
    covers('1.3-43');
    const refused = await say(owner, 'setup', [
      { name: 'use-threads', options: [{ name: 'use_threads', value: true }] },
    ]);
    expect(refused.content).toContain('channel');
    await settle({ useThreads: true, threadNotificationChannel: told });
    const threadId = await open();
    expect(await channel(threadId)).toMatchObject({ type: ChannelType.PrivateThread, parentId: talk });
    expect((await channel(threadId))?.name).toMatch(/^Ticket \d+$/);
    const members = async () => (await channel(threadId))?.thread?.memberIds ?? [];
    expect(await members()).not.toContain(staff);
    const message = await joinMessage(threadId);
    const button = pressables(message)[0]?.customId ?? '';
    await press(bot.control, member, message, button);
    await press(bot.control, staff, message, button);
    expect(await members()).toContain(staff);
  });

  test('whoever is no staff any more is taken out of the threads that they joined', async () => {
    const threadId = await open();
    const members = async () => (await channel(threadId))?.thread?.memberIds ?? [];
    const former = (await bot.control.addMember(guildId, { name: 'Former' })).id;
    await say(owner, 'addsupport', [{ name: 'user_or_role', value: former }]);
    const message = await joinMessage(threadId);
    for (const id of [staff, former]) await press(bot.control, id, message, pressables(message)[0]?.customId ?? '');
    expect(await members()).toEqual(expect.arrayContaining([staff, former]));
    await say(owner, 'removesupport', [{ name: 'user_or_role', value: former }]);
    await until(members, (ids) => !ids.includes(former));
    expect(await members()).toEqual(expect.arrayContaining([staff, member]));
  });

  test('cannot be claimed or moved, and says why', async () => {
    covers('1.9-03');
    covers('1.6-01');
    const threadId = await open();
    await join(threadId);
    await web.make('panels', { channelId: talk, name: 'Elsewhere' });
    expect((await say(staff, 'claim', [], threadId)).content).toContain('Threads cannot be claimed');
    const moved = await say(staff, 'switchpanel', [{ name: 'to_panel', value: 'Elsewhere' }], threadId);
    expect(moved.content.toLowerCase()).toContain('thread');
  });

  test('closing archives and locks it, or deletes it; what is archived is reopened', async () => {
    covers('1.3-13');
    covers('1.9-02');
    covers('1.2-16');
    await settle({ threadCloseAction: 'archive' });
    const threadId = await open();
    const number = Number((await channel(threadId))?.name.replace('Ticket ', ''));
    await join(threadId);
    await say(staff, 'close', [{ name: 'reason', value: 'Done' }], threadId);
    await until(
      () => channel(threadId),
      (one) => one?.thread?.isArchived === true && one.thread.isLocked,
    );
    const reopened = await say(staff, 'reopen', [{ name: 'ticket_id', value: number }]);
    expect(reopened.content).toContain(`<#${threadId}>`);
    await until(
      () => channel(threadId),
      (one) => one?.thread?.isArchived === false,
    );
    await settle({ threadCloseAction: 'delete' });
    const gone = await open();
    await join(gone);
    await command(bot.control, { guildId, channelId: gone, userId: staff }, 'close');
    await until(
      () => channel(gone),
      (one) => one === undefined,
    );
    await settle({ reset: ['threadCloseAction'] });
  });

  test('channels and threads stand side by side, each as its setting says', async () => {
    covers('1.9-07');
    covers('1.3-12');
    const threadId = await open();
    await settle({ useThreads: false });
    expect(await channel(await open())).toMatchObject({ type: ChannelType.GuildText });
    await settle({ manualTicketStyle: 'thread' });
    expect(await channel(await open())).toMatchObject({ type: ChannelType.PrivateThread });
    await settle({ reset: ['manualTicketStyle'] });
    expect((await channel(threadId))?.thread?.isArchived).toBe(false);
  });

  test('a panel whose openers could not write in their threads is warned about', async () => {
    covers('1.9-06');
    await settle({ useThreads: true });
    const make = async (deny: bigint) => {
      const overwrites = [{ id: guildId, type: 0 as const, allow: '0', deny: String(deny) }];
      const channelId = (await bot.control.createChannel(guildId, { name: 'desk', overwrites })).id;
      const offered = await say(owner, 'panel', [], channelId);
      const begin = pressables(offered).find((one) => one.customId.startsWith('panel-new'));
      const form = await press(bot.control, owner, offered, begin?.customId ?? '');
      const draft = messageOf(await fillIn(bot.control, owner, form, ['Help', 'Text', 'Ask', '']));
      const chosen = messageOf(
        await press(bot.control, owner, draft, pressables(draft)[0]?.customId ?? '', [channelId]),
      );
      const publish = pressables(chosen).find((one) => one.customId.startsWith('panel-make'));
      await press(bot.control, owner, chosen, publish?.customId ?? '');
      type All = { panelMessages: { channelId: string; messageId: string | null; problem: string | null }[] };
      const there = async () =>
        (await web.get<All>('panel-messages')).panelMessages.find((one) => one.channelId === channelId);
      // It is posted all the same: whoever may write there can use it.
      return (await until(there, (one) => one?.messageId !== null && (deny === 0n || one?.problem !== null)))?.problem;
    };
    expect(await make(PermissionFlagsBits.SendMessagesInThreads)).toContain('threads');
    expect(await make(0n)).toBeNull();
  });

  test('whoever is on call is added to new threads, until they are not', async () => {
    covers('1.9-05');
    covers('1.2-13');
    const people = async () => {
      const threadId = await open();
      await joinMessage(threadId);
      return (await channel(threadId))?.thread?.memberIds ?? [];
    };
    expect(await people()).not.toContain(staff);
    expect((await say(staff, 'on-call')).content).toContain('You are on call for');
    expect(await people()).toContain(staff);
    expect((await say(staff, 'on-call')).content).toContain('no longer on call');
    expect(await people()).not.toContain(staff);
    await settle({ useThreads: false });
  });
});

describe('the context menus', () => {
  const choose = async (name: string, userId: string, targetId: string): Promise<APIMessage> => {
    const { id } = await bot.control.runCommand({ guildId, channelId: talk, userId, name, targetId });
    return messageOf(await bot.control.interaction(id, { waitMs: 20_000, until: 'answer' }));
  };
  const write = async (content: string) =>
    (await bot.control.sendMessage({ channelId: talk, userId: member, content })).id;
  const sees = async (channelId: string, userId: string) =>
    (await channel(channelId))?.overwrites.some(({ id }) => id === userId) ?? false;
  const movedFrom = async (messageId: string) =>
    (await bot.control.messages(talk)).filter((one) => one.message_reference?.message_id === messageId);

  test('a ticket is started from a message: quoted, linked, its author added, its channel told', async () => {
    covers('1.9-08');
    covers('1.3-40');
    const said = await write('My *order* @everyone');
    const channelId = opened(await choose('Start Ticket', staff, said));
    const [welcome] = await until(
      () => bot.control.messages(channelId),
      (list) => list.length > 0,
    );
    expect(JSON.stringify(welcome?.embeds)).toContain(`https://discord.com/channels/${guildId}/${talk}/${said}`);
    expect(JSON.stringify(welcome?.embeds)).toContain('order');
    expect(await sees(channelId, member)).toBe(true);
    const [moved] = await until(
      () => movedFrom(said),
      (list) => list.length > 0,
    );
    expect(moved?.embeds[0]?.description).toBe(`Conversation moved to <#${channelId}>`);
    await settle({ contextMenuAddsSender: false });
    const quiet = await write('Hm');
    const without = opened(await choose('Start Ticket', staff, quiet));
    expect(await sees(without, member)).toBe(false);
    await say(staff, 'claim', [], without);
    expect(await movedFrom(quiet)).toEqual([]);
    await settle({ contextMenuAddsSender: true });
  });

  test('for whom the server wants, with the settings of a panel', async () => {
    covers('1.3-39');
    covers('1.3-41');
    const said = await write('Hello');
    expect((await choose('Start Ticket', other, said)).content).toContain('staff');
    await settle({ contextMenuLevel: 'member' });
    opened(await choose('Start Ticket', other, said));
    await settle({ contextMenuLevel: 'support' });
    const { panel } = await web.make<{ panel: { id: number } }>('panels', { channelId: talk, naming: 'report-%id%' });
    await settle({ contextMenuPanel: panel.id });
    const channelId = opened(await choose('Start Ticket', staff, said));
    expect((await channel(channelId))?.name).toMatch(/^report-\d+$/);
    await settle({ contextMenuPanel: null });
  });

  test('a ticket is opened for somebody, with their limits', async () => {
    covers('1.9-09');
    const channelId = opened(await choose('Open ticket for…', staff, member));
    expect(await sees(channelId, member)).toBe(true);
    await settle({ openTicketsPerUser: 1 });
    expect(channelIn({ messages: [await choose('Open ticket for…', staff, member)] } as never)).toBeUndefined();
    await settle({ openTicketsPerUser: null });
    expect((await choose('Open ticket for…', other, member)).content).toContain('staff');
  });
});
