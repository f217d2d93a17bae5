import { afterAll, beforeAll, expect, test } from 'vitest';
import { command, messageOf } from '#demo/act.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { testDatabase } from '#test/harness/postgres.ts';

const database = await testDatabase();
const { client } = await testClickhouse();
let bot: Bot;
beforeAll(async () => {
  bot = await startBot({ database, clickhouse: client });
});
afterAll(() => bot?.stop());

const place = (userId: string, channelId: string) => ({
  guildId: bot.simulator.guilds[0]?.id ?? '',
  channelId,
  userId,
});

test('a server without tickets: figures are zero or "–", and the picture says so', async () => {
  const { ownerId = '' } = bot.simulator.guilds[0] ?? {};
  const desk = await bot.control.createChannel(bot.simulator.guilds[0]?.id ?? '', { name: 'desk' });
  const options = [{ name: 'server', options: [{ name: 'days', value: 7 }] }];
  const message = messageOf(await command(bot.control, place(ownerId, desk.id), 'stats', options));
  const fields = Object.fromEntries((message.embeds[0]?.fields ?? []).map((field) => [field.name, field.value]));
  expect(fields).toMatchObject({
    'Tickets ever': '0',
    Open: '0',
    'First response, last 7 days': '–',
    'Rating, all time': '–',
  });
  const [picture] = message.attachments;
  expect(picture?.description).toContain('last 7 days: none');
  const png = Buffer.from(await (await fetch(picture?.url ?? '')).arrayBuffer());
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1_800, 900]);
});

test('nobody to show figures of, and nobody who may see them', async () => {
  const { ownerId = '', memberIds = [] } = bot.simulator.guilds[0] ?? {};
  const member = memberIds.filter((id) => id !== ownerId && id !== bot.simulator.applicationId).at(-1) ?? '';
  const desk = await bot.control.createChannel(bot.simulator.guilds[0]?.id ?? '', { name: 'desk-2' });
  const options = [{ name: 'user', options: [{ name: 'user', value: member }] }];
  const asked = await command(bot.control, place(ownerId, desk.id), 'stats', options);
  expect(messageOf(asked).content).toContain('Nobody with this ID');
  const refused = await command(bot.control, place(member, desk.id), 'stats', options);
  expect(messageOf(refused).content).toContain('Only admins');
});
