import { type APIMessage, ChannelType } from 'discord-api-types/v10';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { channelIn, command, fillIn, messageOf, press, pressables } from '#demo/act.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { covers } from '#test/harness/covers.ts';
import { until } from '#test/harness/desk.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { startWeb, type Web } from '#test/harness/web.ts';

const database = await testDatabase();
const clickhouse = await testClickhouse();
let bot: Bot;
let web: Web;
let guildId: string;
let desk: string;
let [owner, member, helper] = ['', '', ''];
let [main, spare] = ['', ''];
let helpers: string;

const by = (userId: string, channelId = desk) => ({ guildId, channelId, userId });
beforeAll(async () => {
  bot = await startBot({ database, publicUrl: 'https://docket.example' });
  const guild = bot.simulator.guilds[0];
  guildId = guild?.id ?? '';
  owner = guild?.ownerId ?? '';
  const join = async (name: string) => (await bot.control.addMember(guildId, { name })).id;
  [member, helper] = [await join('Member'), await join('Helper')];
  desk = (await bot.control.createChannel(guildId, { name: 'help-desk' })).id;
  const category = async (name: string) =>
    (await bot.control.createChannel(guildId, { name, type: ChannelType.GuildCategory })).id;
  [main, spare] = [await category('Main'), await category('Spare')];
  helpers = (await bot.control.createRole(guildId, { name: 'Helpers' })).id;
  await bot.control.updateMember(guildId, helper, { roleIds: [helpers] });
  await command(bot.control, by(owner), 'addsupport', [{ name: 'user_or_role', value: helpers }]);
  web = await startWeb(bot, { database, clickhouse, guildId, userId: owner });
  await web.change('settings', { openTicketsPerUser: null });
});
afterAll(async () => {
  await web?.stop();
  await bot?.stop();
});

const settle = (patch: object) => web.change('settings', patch);
const channels = () => bot.control.channels(guildId);
const channel = async (id: string) => (await channels()).find((one) => one.id === id);
async function open(subject?: string): Promise<string> {
  const given = subject === undefined ? [] : [{ name: 'subject', value: subject }];
  const answer = await command(bot.control, by(member), 'open', given);
  const id = channelIn(answer);
  expect(id, JSON.stringify(answer.messages)).toBeDefined();
  return id ?? '';
}
const welcomeIn = async (channelId: string): Promise<APIMessage> => {
  const [first] = await until(
    () => bot.control.messages(channelId),
    (list) => list.length > 0,
  );
  return first as APIMessage;
};

describe('/open', () => {
  test('makes a ticket whose welcome is titled with its subject, escaped, or says that there is none', async () => {
    covers('1.2-14');
    covers('1.3-37');
    const title = async (subject?: string) => (await welcomeIn(await open(subject))).embeds[0]?.title ?? '';
    expect(await title('Lost invoice')).toBe('Lost invoice');
    expect(await title('**@everyone** [x](https://evil.example)')).not.toMatch(/(?<!\\)\*|@everyone|(?<!\\)\[/);
    expect(await title()).toBe('No subject given');
    await settle({ openCommand: false });
    expect(channelIn(await command(bot.control, by(member), 'open', []))).toBeUndefined();
    await settle({ openCommand: true });
  });

  test('puts it into the category of /open, and into the next ones when that is full', async () => {
    covers('1.3-33');
    covers('1.3-34');
    await settle({ ticketCategory: main, overflowCategories: [spare] });
    await bot.control.limits({ channelsPerCategory: 1 });
    const parents = [];
    for (let i = 0; i < 2; i += 1) parents.push((await channel(await open()))?.parentId);
    expect(parents).toEqual([main, spare]);
    await bot.control.limits({ channelsPerCategory: 50 });
    await settle({ ticketCategory: null, overflowCategories: [] });
  });

  test('names it by its number or its opener, as the server wants', async () => {
    covers('1.3-35');
    expect((await channel(await open()))?.name).toMatch(/^ticket-\d+$/);
    await settle({ namingScheme: 'username' });
    expect((await channel(await open()))?.name).toMatch(/^ticket-member/);
    await settle({ reset: ['namingScheme'] });
  });

  test('pings the roles of staff, or nobody', async () => {
    covers('1.3-22');
    await settle({ deleteMention: false });
    const pinged = await open();
    await until(
      () => bot.control.messages(pinged),
      (list) => list.some((one) => one.mention_roles.includes(helpers)),
    );
    await settle({ pingStaffOnOpen: false });
    const quiet = await open();
    await welcomeIn(quiet);
    await command(bot.control, by(helper, quiet), 'claim');
    expect((await bot.control.messages(quiet)).some((one) => one.mention_roles.length > 0)).toBe(false);
    await settle({ deleteMention: true, pingStaffOnOpen: true });
  });

  test('makes a private thread for the staff of each ticket where the server wants one', async () => {
    covers('1.3-23');
    await settle({ staffThread: true });
    const channelId = await open();
    const threads = await until(
      async () => (await channels()).filter((one) => one.parentId === channelId),
      (list) => list.length > 0,
    );
    expect(threads).toMatchObject([{ type: ChannelType.PrivateThread }]);
    await settle({ staffThread: false });
  });
});

describe('numbers', () => {
  test('go through the server, or are each panel’s own', async () => {
    covers('1.3-14');
    const made = async (name: string) => {
      const { panelMessage } = await web.make<{ panelMessage: { id: number } }>('panels', { channelId: desk, name });
      type Shown = { messageId: string | null };
      const { messageId } = await until(
        () => web.get<Shown>(`panel-messages/${panelMessage.id}`),
        (one) => one.messageId !== null,
      );
      return (await bot.control.messages(desk)).find((one) => one.id === messageId) as APIMessage;
    };
    const numberBy = async (message: APIMessage): Promise<number> => {
      const pressed = await press(bot.control, member, message, pressables(message)[0]?.customId ?? '');
      return Number((await channel(channelIn(pressed) ?? ''))?.name.replace('ticket-', ''));
    };
    const [first, second] = [await made('First'), await made('Second')];
    const before = await numberBy(first);
    expect(before).toBeGreaterThan(0);
    expect(await numberBy(second)).toBe(before + 1);
    await settle({ continuousNumbering: false });
    expect([await numberBy(first), await numberBy(second), await numberBy(first)]).toEqual([1, 1, 2]);
    await settle({ continuousNumbering: true });
    expect(await numberBy(second)).toBe(before + 2);
  });
});

describe('settings over HTTP', () => {
  test('change what they name and nothing else, from the version that was read', async () => {
    covers('1.3-44');
    const read = () => web.get<{ settings: Record<string, unknown>; overrides: string[] }>('settings');
    const before = await read();
    await settle({ feedback: true });
    const after = await read();
    expect(after.settings).toEqual({ ...before.settings, feedback: true });
    const stale = await web.ask('PATCH', 'settings', { feedback: false }, '"0"');
    expect([stale.statusCode, stale.json().code]).toEqual([412, 'setting.stale']);
    await settle({ reset: ['feedback'] });
    expect((await read()).settings).toEqual(before.settings);
  });
});

describe('a panel inside Discord', () => {
  test('/panel answers with the link and makes one here, with a form', async () => {
    covers('1.2-22');
    covers('1.4-06');
    const offered = messageOf(await command(bot.control, by(owner), 'panel'));
    expect(JSON.stringify(offered)).toContain('https://docket.example');
    const make = pressables(offered).find((one) => one.customId.startsWith('panel-new'));
    const form = await press(bot.control, owner, offered, make?.customId ?? '');
    const draft = messageOf(
      await fillIn(bot.control, owner, form, ['Billing', 'About money.', 'Ask', 'Which invoice?']),
    );
    const [place] = pressables(draft);
    const chosen = messageOf(await press(bot.control, owner, draft, place?.customId ?? '', [desk]));
    const publish = pressables(chosen).find((one) => one.customId.startsWith('panel-make'));
    await press(bot.control, owner, chosen, publish?.customId ?? '');
    const posted = await until(
      () => bot.control.messages(desk),
      (list) => list.some((one) => one.embeds[0]?.title === 'Billing'),
    );
    const panel = posted.find((one) => one.embeds[0]?.title === 'Billing') as APIMessage;
    const asked = await press(bot.control, member, panel, pressables(panel)[0]?.customId ?? '');
    const channelId = channelIn(await fillIn(bot.control, member, asked, ['Number 7'])) ?? '';
    expect(JSON.stringify(await welcomeIn(channelId))).toContain('Number 7');
  });
});

describe('figures', () => {
  test('count who holds a ticket now', async () => {
    covers('1.6-07');
    const claimed = async () => {
      const answer = await web.ask('GET', 'analytics/overview');
      expect(answer.statusCode).toBe(200);
      return answer.body.match(/"claimed[^}]*?(\d+)/)?.[1];
    };
    const before = Number(await claimed());
    const channelId = await open();
    await command(bot.control, by(helper, channelId), 'claim');
    expect(Number(await claimed())).toBe(before + 1);
  });
});
