import { afterAll, beforeAll, expect, test } from 'vitest';
import { command, messageOf } from '#demo/act.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { testDatabase } from '#test/harness/postgres.ts';

const database = await testDatabase();
const voteUrl = 'https://vote.example/docket';
let bot: Bot;

beforeAll(async () => {
  bot = await startBot({ database, premium: 'entitled', voteUrl, hasWorker: false });
});
afterAll(() => bot?.stop());

test('where premium is granted, a server without it is told what it cannot choose; /vote leads to the place', async () => {
  const [guild] = (await bot.control.state()).guilds;
  const channelId = guild?.channels.find((one) => one.type === 0)?.id ?? '';
  const say = async (name: string, group?: string, values: Readonly<Record<string, string>> = {}) => {
    const list = Object.entries(values).map(([key, value]) => ({ name: key, value }));
    const options = group ? [{ name: group, type: 1, options: list }] : [];
    const place = { guildId: guild?.id ?? '', channelId, userId: guild?.ownerId ?? '' };
    return messageOf(await command(bot.control, place, name, options));
  };
  expect((await say('settings', 'general', { primary_colour: '#123456' })).content).toBe(
    "A colour of one's own is part of premium, which this server does not have.",
  );
  expect((await say('settings', 'autoclose', { autoclose_inactive: '1d' })).content).toContain('part of premium');
  expect((await say('setup', 'prefix', { prefix: '!' })).content).toContain('part of premium');
  expect((await say('setup', 'prefix', { prefix: '?' })).content).toContain('Saved.');
  expect(JSON.stringify((await say('vote')).components)).toContain(voteUrl);
});
