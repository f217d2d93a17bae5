import { type APIMessage, ChannelType, ComponentType } from 'discord-api-types/v10';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { channelIn, command, fillIn, inputsOf, press, pressables } from '#demo/act.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { covers } from '#test/harness/covers.ts';
import { until } from '#test/harness/desk.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { startWeb, type Web } from '#test/harness/web.ts';

// Made over HTTP as the dashboard does, used in Discord as members do.
const database = await testDatabase();
const clickhouse = await testClickhouse();
let bot: Bot;
let web: Web;
let guildId: string;
let desk: string;
let category: string;
let transcripts: string;
let accountants: string;
let [owner, member, helper, other] = ['', '', '', ''];

type Panel = { id: number; name: string; version: number; formId: number | null; teamIds: number[] };
type Message = { id: number; messageId: string | null; channelId: string; status: string };
type Made = { panel: Panel; panelMessage: Message };
type Field = Record<string, unknown>;

beforeAll(async () => {
  bot = await startBot({ database, publicUrl: 'https://docket.example' });
  const guild = bot.simulator.guilds[0];
  guildId = guild?.id ?? '';
  owner = guild?.ownerId ?? '';
  const join = async (name: string) => (await bot.control.addMember(guildId, { name })).id;
  [member, helper, other] = [await join('Member'), await join('Helper'), await join('Other')];
  desk = (await bot.control.createChannel(guildId, { name: 'help-desk' })).id;
  category = (await bot.control.createChannel(guildId, { name: 'Money', type: ChannelType.GuildCategory })).id;
  // Before the API looks at the server: it remembers what it saw for a while.
  transcripts = (await bot.control.createChannel(guildId, { name: 'transcripts' })).id;
  accountants = (await bot.control.createRole(guildId, { name: 'Accountants' })).id;
  await bot.control.updateMember(guildId, helper, { roleIds: [accountants] });
  await command(bot.control, { guildId, channelId: desk, userId: owner }, 'settings', [
    { name: 'limits', options: [{ name: 'none', value: 'openTicketsPerUser' }] },
  ]);
  web = await startWeb(bot, { database, clickhouse, guildId, userId: owner });
});
afterAll(async () => {
  await web?.stop();
  await bot?.stop();
});

const make = (body: object = {}) => web.make<Made>('panels', { channelId: desk, ...body });
/** A panel message as it stands in Discord, once it does. */
async function posted({ id }: { id: number }, isRight: (message: APIMessage) => boolean = () => true) {
  const shown = async () => {
    const { messageId, channelId } = await web.get<Message>(`panel-messages/${id}`);
    return messageId === null ? undefined : (await bot.control.messages(channelId)).find((one) => one.id === messageId);
  };
  const message = await until(shown, (one) => one !== undefined && isRight(one));
  if (!message) throw new Error('unreachable');
  return message;
}
/** Somebody uses a panel; answers the channel of their ticket. */
async function open(userId: string, message: APIMessage, answers: string[] = [], value?: string): Promise<string> {
  const [first] = pressables(message);
  const pressed = await press(
    bot.control,
    userId,
    message,
    first?.customId ?? '',
    value === undefined ? undefined : [value],
  );
  const answered = inputsOf(pressed).length > 0 ? await fillIn(bot.control, userId, pressed, answers) : pressed;
  const channelId = channelIn(answered);
  expect(channelId, JSON.stringify(answered.messages)).toBeDefined();
  return channelId ?? '';
}
const messagesIn = (channelId: string) =>
  until(
    () => bot.control.messages(channelId),
    (list) => list.length > 0,
  );
const channel = async (id: string) => (await bot.control.channels(guildId)).find((one) => one.id === id);
const field = (label: string, more: Field = {}): Field => ({
  label,
  style: 'short',
  isRequired: true,
  placeholder: null,
  minLength: null,
  maxLength: null,
  ...more,
});

describe('a panel', () => {
  test('made from a channel alone has its defaults, and members can use it', async () => {
    covers('1.4-13');
    covers('1.4-01');
    covers('1.4-02');
    const { panelMessage } = await make({ title: '', content: '' });
    const message = await posted(panelMessage);
    expect(message.embeds[0]).toMatchObject({ title: 'Open a ticket!' });
    expect(message.embeds[0]?.description).not.toBe('');
    await open(member, message);
    const long = await web.ask('POST', 'panels', { channelId: desk, title: 'x'.repeat(256) });
    expect([long.statusCode, long.json().errors[0].field]).toEqual([400, 'title']);
  });

  test('is shown as it was written: title, text, colour, button, pictures, footer, and words above', async () => {
    covers('1.4-01');
    covers('1.4-02');
    covers('1.4-03');
    covers('1.4-07');
    covers('1.4-16');
    const { panelMessage } = await make({
      title: 'Money',
      content: 'Ask about **invoices**.',
      colour: '#12AB34',
      text: 'Read this first',
      footer: 'We answer within a day',
      imageUrl: 'https://example.com/a.png',
      thumbnailUrl: 'https://example.com/b.png',
      buttonLabel: 'Ask',
      buttonEmoji: 'envelope_with_arrow',
      buttonStyle: 'danger',
    });
    const message = await posted(panelMessage);
    expect(message.content).toBe('Read this first');
    expect(message.embeds[0]).toMatchObject({
      title: 'Money',
      description: 'Ask about **invoices**.',
      color: 0x12ab34,
      footer: { text: 'We answer within a day' },
      image: { url: 'https://example.com/a.png' },
      thumbnail: { url: 'https://example.com/b.png' },
    });
    expect(JSON.stringify(message.components)).toContain('📩');
    expect(pressables(message)).toMatchObject([{ label: 'Ask' }]);
    expect(JSON.stringify(message.components)).toContain('"style":4');
  });

  test('is never put where transcripts go', async () => {
    covers('1.4-04');
    await web.change('settings', { transcriptsChannel: transcripts });
    const refused = await web.ask('POST', 'panels', { channelId: transcripts });

    expect([refused.statusCode, refused.json().errors[0].field]).toEqual([422, 'channelId']);
    await web.change('settings', { transcriptsChannel: null });
  });

  test('decides its category, welcome and name, over what the server says', async () => {
    covers('1.4-05');
    covers('1.4-08');
    covers('1.4-09');
    covers('1.4-12');
    covers('1.4-18');
    const { panelMessage } = await make({
      categoryId: category,
      welcome: 'Hello %username%, this is %channel%.',
      welcomeTitle: 'Billing',
      welcomeImageUrl: 'https://example.com/large.png',
      welcomeThumbnailUrl: 'https://example.com/small.png',
      naming: 'bill-%id_padded%',
    });
    const channelId = await open(member, await posted(panelMessage));
    const [welcome] = await messagesIn(channelId);
    expect(welcome?.embeds[0]).toMatchObject({
      title: 'Billing',
      description: `Hello member, this is <#${channelId}>.`,
      image: { url: 'https://example.com/large.png' },
      thumbnail: { url: 'https://example.com/small.png' },
    });
    expect(await channel(channelId)).toMatchObject({ parentId: category, name: expect.stringMatching(/^bill-\d{4}$/) });
    const refused = await web.ask('POST', 'panels', { channelId: desk, welcomeImageUrl: 'https://example.com/a.gif' });
    expect([refused.statusCode, refused.json().errors[0].field]).toEqual([422, 'welcomeImageUrl']);
  });

  test('mentions whom it names, and takes the ping away at once or leaves it', async () => {
    covers('1.4-10');
    covers('1.3-22');
    const { panelMessage } = await make({ mentions: [{ id: other, kind: 'user' }] });
    const message = await posted(panelMessage);
    await web.change('settings', { deleteMention: false });
    const first = await open(member, message);
    const kept = await until(
      () => bot.control.messages(first),
      (list) => list.some((one) => one.content.includes(`<@${other}>`)),
    );
    expect(kept.some((one) => one.mentions.some(({ id }) => id === other))).toBe(true);
    await web.change('settings', { deleteMention: true });
    const sent: string[] = [];
    const watching = new AbortController();
    const seen = (async () => {
      for await (const one of bot.control.stream(watching.signal))
        if (one.type === 'MESSAGE_CREATE' || one.type === 'MESSAGE_DELETE')
          sent.push(`${one.type} ${JSON.stringify(one.data)}`);
    })().catch(() => undefined);
    const channelId = await open(member, message);
    await until(
      async () => sent,
      (list) => list.some((one) => one.startsWith('MESSAGE_DELETE') && one.includes(channelId)),
    );
    watching.abort();
    await seen;
    expect(sent.some((one) => one.startsWith('MESSAGE_CREATE') && one.includes(`<@${other}>`))).toBe(true);
    expect((await bot.control.messages(channelId)).some((one) => one.content.includes(`<@${other}>`))).toBe(false);
  });

  test('is edited, sent again after its message was deleted, and deleted with its message', async () => {
    covers('1.4-14');
    covers('1.4-15');
    const { panel, panelMessage } = await make({ title: 'Before' });
    const first = await posted(panelMessage);
    await web.change(`panel-messages/${panelMessage.id}`, { title: 'After' });
    await posted(panelMessage, (one) => one.embeds[0]?.title === 'After');
    await web.change(`panels/${panel.id}`, { buttonLabel: 'Other label' });
    await posted(panelMessage, (one) => pressables(one)[0]?.label === 'Other label');
    await bot.control.deleteMessage(desk, first.id);
    await web.make(`panels/${panel.id}/send`, {});
    const again = await posted(panelMessage, (one) => one.id !== first.id);
    expect(again.embeds[0]?.title).toBe('After');
    const { panels } = await web.get<{ panels: (Panel & Message)[] }>('panels');
    expect(panels.find((one) => one.id === panel.id)).toMatchObject({
      channelId: desk,
      messageId: again.id,
      status: 'published',
    });
    const { version } = await web.get<Panel>(`panels/${panel.id}`);
    expect((await web.ask('DELETE', `panels/${panel.id}`, undefined, `"${version}"`)).statusCode).toBe(200);
    await until(
      () => bot.control.messages(desk),
      (list) => list.every((one) => one.id !== again.id),
    );
  });

  test('kinds to begin with come with their questions', async () => {
    covers('1.16-02');
    const { panelMessage } = await make({ preset: 'billing' });
    const message = await posted(panelMessage);
    const form = await press(bot.control, member, message, pressables(message)[0]?.customId ?? '');
    expect(form.modal?.title).toBe('Billing inquiries');
    expect(inputsOf(form).length).toBeGreaterThan(0);
  });
});

describe('several panels in one message', () => {
  test('as buttons, then as a menu, each with its own form; edited, sent again, deleted', async () => {
    covers('1.4-20');
    covers('1.4-17');
    covers('1.4-21');
    covers('1.4-22');
    covers('1.4-23');
    const form = { name: 'Which?', fields: [field('Invoice')] };
    const [one, two] = [
      await make({ name: 'Money', buttonLabel: 'Money', form }),
      await make({ name: 'Bugs', buttonLabel: 'Bugs' }),
    ];
    const panelIds = [one.panel.id, two.panel.id];
    const made = await web.make<Message>('panel-messages', { channelId: desk, panelIds });
    const shown = await posted(made);
    expect(shown.embeds[0]?.title).toBe('Open a ticket!');
    expect(pressables(shown).map(({ label }) => label)).toEqual(['Money', 'Bugs']);
    await web.change(`panel-messages/${made.id}`, { layout: 'select', placeholder: 'What about?' });
    const menu = await posted(made, (message) => pressables(message)[0]?.type === ComponentType.StringSelect);
    expect(JSON.stringify(menu.components)).toContain('What about?');
    const [select] = pressables(menu);
    const values = [...JSON.stringify(menu.components).matchAll(/"value":"([^"]+)"/g)].map(([, value]) => value ?? '');
    expect(values).toHaveLength(2);
    const asked = await press(bot.control, member, menu, select?.customId ?? '', [values[0] ?? '']);
    expect(asked.modal?.title).toBe('Money');
    const channelId = channelIn(await fillIn(bot.control, member, asked, ['Number 7'])) ?? '';
    expect(JSON.stringify(await messagesIn(channelId))).toContain('Number 7');

    await bot.control.deleteMessage(desk, menu.id);
    await web.make(`panel-messages/${made.id}/send`, {});
    const again = await posted(made, (message) => message.id !== menu.id);
    const { version } = await web.get<Panel>(`panel-messages/${made.id}`);
    await web.ask('DELETE', `panel-messages/${made.id}`, undefined, `"${version}"`);
    await until(
      () => bot.control.messages(desk),
      (list) => list.every((message) => message.id !== again.id),
    );
    expect((await web.get<Panel>(`panels/${one.panel.id}`)).name).toBe('Money');
  });
});

describe('a form', () => {
  test('is asked by several panels: its questions in order, required or not, with their lengths; the answers stand in the ticket', async () => {
    covers('1.5-01');
    covers('1.5-02');
    covers('1.5-03');
    covers('1.5-04');
    covers('1.4-06');
    const fields = [
      field('Invoice', { minLength: 2, maxLength: 10, placeholder: '2026-…' }),
      field('Story', { style: 'paragraph', isRequired: false }),
    ];
    const form = await web.make<{ id: number }>('forms', { name: 'Invoices', fields });
    const panels = [await make({ formId: form.id }), await make({ formId: form.id })];
    for (const { panelMessage } of panels) {
      const message = await posted(panelMessage);
      const asked = await press(bot.control, member, message, pressables(message)[0]?.customId ?? '');
      const modal = JSON.stringify(asked.modal);
      expect(modal.indexOf('Invoice')).toBeLessThan(modal.indexOf('Story'));
      expect(modal).toMatch(/"min_length":2/);
      expect(modal).toMatch(/"max_length":10/);
      expect(modal).toMatch(/"required":false/);
      const channelId = channelIn(await fillIn(bot.control, member, asked, ['4711', 'Lost **it** @everyone'])) ?? '';
      const said = JSON.stringify(await messagesIn(channelId));
      expect(said).toContain('4711');
      expect(said).toContain('Invoice');
    }
    const six = await web.ask('POST', 'forms', { name: 'x', fields: [1, 2, 3, 4, 5, 6].map((n) => field(`Q${n}`)) });
    expect(six.statusCode).toBe(422);
    await web.change(`forms/${form.id}`, { fields: [field('Only this')] });
    const later = await posted((await make({ formId: form.id })).panelMessage);
    const asked = await press(bot.control, member, later, pressables(later)[0]?.customId ?? '');
    expect(inputsOf(asked)).toHaveLength(1);
  });
});

describe('a team', () => {
  test('sees and works on tickets of its panels, and on no others', async () => {
    covers('1.5-05');
    covers('1.5-07');
    covers('1.5-08');
    covers('1.4-11');
    const team = await web.make<{ id: number }>('teams', { name: 'Accounts' });
    const put = await web.ask('PUT', `teams/${team.id}/members/${accountants}`, { level: 'support' });
    expect([put.statusCode, put.body]).toEqual([200, expect.stringContaining(accountants)]);
    const [theirs, others] = [await make({ teamIds: [team.id] }), await make()];
    const inside = await open(member, await posted(theirs.panelMessage));
    const outside = await open(member, await posted(others.panelMessage));
    const place = { guildId, channelId: inside, userId: helper };
    expect((await command(bot.control, place, 'claim')).messages[0]?.content).toBe('You hold this ticket now.');
    const sees = async (channelId: string) =>
      (await channel(channelId))?.overwrites.some(({ id }) => id === accountants);
    expect([await sees(inside), await sees(outside)]).toEqual([true, false]);
  });

  test('is deleted when nothing needs it; the Default team never is', async () => {
    covers('1.5-06');
    const { teams } = await web.get<{ teams: { id: number; isDefault: boolean; version: number }[] }>('teams');
    const standard = teams.find((one) => one.isDefault);
    const refused = await web.ask('DELETE', `teams/${standard?.id}`, undefined, `"${standard?.version}"`);
    expect([refused.statusCode, refused.json().code]).toEqual([409, 'team.default']);
    const team = await web.make<{ id: number; version: number }>('teams', { name: 'Short-lived' });
    const gone = await web.ask('DELETE', `teams/${team.id}`, undefined, `"${team.version}"`);
    expect(gone.statusCode).toBe(200);
  });
});
