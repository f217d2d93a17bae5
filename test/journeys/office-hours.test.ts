import type { APIMessage } from 'discord-api-types/v10';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { channelIn, command, messageOf } from '#demo/act.ts';
import type { CommandOption } from '#simulator/client.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { covers } from '#test/harness/covers.ts';
import { until } from '#test/harness/desk.ts';
import { testDatabase } from '#test/harness/postgres.ts';

const database = await testDatabase();
let bot: Bot;
let guildId: string;
let owner: string;
let member: string;
let desk: string;

beforeAll(async () => {
  bot = await startBot({ database });
  const guild = bot.simulator.guilds[0];
  guildId = guild?.id ?? '';
  owner = guild?.ownerId ?? '';
  member = (await bot.control.addMember(guildId, { name: 'Member' })).id;
  desk = (await bot.control.createChannel(guildId, { name: 'help-desk' })).id;
});
afterAll(() => bot?.stop());

type Given = Record<string, string | boolean>;
const list = (given: Given): CommandOption[] => Object.entries(given).map(([name, value]) => ({ name, value }));
const run = (userId: string, name: string, options: CommandOption[]) =>
  command(bot.control, { guildId, channelId: desk, userId }, name, options);
const schedule = async (sub: string, given: Given = {}, userId = owner): Promise<APIMessage> =>
  messageOf(await run(userId, 'schedule', [{ name: sub, options: list(given) }]));
const textOf = ({ content, embeds }: APIMessage): string =>
  [
    content,
    ...embeds.flatMap((one) => [one.title, one.description, ...(one.fields ?? []).map((f) => `${f.name}: ${f.value}`)]),
  ].join('\n');
const settings = (given: Given) => run(owner, 'settings', [{ name: 'hours', options: list(given) }]);
/** Yesterday's day of the week in UTC, when it is not open today. */
const yesterday = (): string =>
  new Intl.DateTimeFormat('en', { weekday: 'short', timeZone: 'UTC' }).format(Date.now() - 86_400_000);

test('office hours are made, shown and changed by commands; what was before stays', async () => {
  covers('1.3-45');
  expect(textOf(await schedule('show'))).toContain('always open');
  const made = textOf(await schedule('set', { hours: 'mon-fri 9-17, sat 10:00-12:00', timezone: 'Europe/Berlin' }));
  expect(made).toContain('mon-fri 09:00-17:00, sat 10:00-12:00 (Europe/Berlin)');
  expect(made).toContain('office hours of the server');
  expect(textOf(messageOf(await settings({})))).toContain('Office hours');

  const changed = textOf(await schedule('set', { hours: 'daily 24h' }));
  expect(changed).toMatch(/It holds from <t:\d+:f> on/);
  // The old hours hold for another minute or two, and the new ones are planned.
  expect(changed).toContain('mon-fri 09:00-17:00, sat 10:00-12:00 (Europe/Berlin)');
  expect(changed).toContain('mon-sun 00:00-24:00 (Europe/Berlin)');
  const zone = textOf(await schedule('timezone', { timezone: 'Asia/Tokyo' }));
  expect(zone).toContain('mon-sun 00:00-24:00 (Asia/Tokyo)');
});

test('holidays are added, shown and taken away', async () => {
  covers('1.3-45');
  await schedule('set', { hours: 'daily 24h', schedule: 'Festive' });
  const year = new Date().getUTCFullYear() + 1;
  const given = { schedule: 'festive', date: `${year}-12-24`, name: '*Eve* @everyone', hours: '10:00-12:00' };
  await schedule('holiday', given);
  const shown = await schedule('holiday', { schedule: 'festive', date: `${year}-12-25`, name: 'Christmas' });
  expect(shown.content).toContain('It holds from');
  const again = await schedule('holiday', { schedule: 'festive', date: `${year}-12-25`, name: 'Christmas' });
  expect(again.content).toContain('already');
  await schedule('holiday', { schedule: 'festive', date: `${year}-12-25`, remove: true });
  const gone = await schedule('holiday', { schedule: 'festive', date: `${year}-12-25`, remove: true });
  expect(gone.content).toContain('the date of a holiday');
});

test('what cannot be understood is answered with what would fit', async () => {
  const said = async (sub: string, given: Given) => (await schedule(sub, given)).content;
  expect(await said('set', { hours: 'funday 9-17' })).toContain('mon-fri 09:00-17:00');
  expect(await said('set', { hours: 'mon 9-25' })).toContain('times such as 09:00-17:00');
  expect(await said('timezone', { timezone: 'Mars/Olympus' })).toContain('Europe/Berlin');
  expect(await said('timezone', { timezone: 'UTC', schedule: 'Nobody’s' })).toContain('no such office hours');
  expect(await said('holiday', { date: '2026-02-30' })).toContain('2026-12-25');
  expect((await schedule('set', { hours: 'daily 24h' }, member)).content).toContain('Only admins');
});

test('outside office hours tickets are refused or opened, as the server says; hours in use are not deleted', async () => {
  covers('1.3-45');
  await schedule('set', { hours: `${yesterday()} 10:00-10:01`, schedule: 'Closed' });
  await settings({ schedule: 'Closed', outside_hours: 'refuse' });
  const refused = await run(member, 'open', []);
  expect(channelIn(refused)).toBeUndefined();
  expect(messageOf(refused).content).toMatch(/<t:\d+:R>/);

  await settings({ outside_hours: 'open' });
  const channelId = channelIn(await run(member, 'open', [])) ?? '';
  await until(
    () => bot.control.messages(channelId),
    (messages) => messages.length > 0,
  );
  expect((await schedule('delete', { schedule: 'Closed' })).content).toContain('/settings hours');
  await settings({ none: 'schedule' });
  expect((await schedule('delete', { schedule: 'Closed' })).content).toContain('are gone');
  expect((await schedule('delete', { schedule: 'Closed' })).content).toContain('no such office hours');
});
