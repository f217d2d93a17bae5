import { afterAll, beforeAll, expect, test } from 'vitest';
import { command, messageOf } from '#demo/act.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { claimSetup, endSetup } from '#tickets/store/guild.ts';

const database = await testDatabase();
let bot: Bot;
let guildId: string;
let owner: string;
let desk: string;

beforeAll(async () => {
  bot = await startBot({ database, hasWorker: false });
  const guild = bot.simulator.guilds[0];
  [guildId, owner] = [guild?.id ?? '', guild?.ownerId ?? ''];
  desk = (await bot.control.createChannel(guildId, { name: 'help-desk' })).id;
  await command(bot.control, { guildId, channelId: desk, userId: owner }, 'help');
});
afterAll(() => bot?.stop());

const roles = async () =>
  (await bot.control.guild(guildId)).roles.map((one) => one.name).filter((name) => name.startsWith('Tickets '));
const setUp = async () =>
  messageOf(
    await command(bot.control, { guildId, channelId: desk, userId: owner }, 'setup', [{ name: 'auto', type: 1 }]),
  ).content;

test('/setup auto is refused while another pod sets the server up, until that has ended or has died', async () => {
  const now = Date.now();
  const theirs = { now, until: now + 60_000 };
  expect(await claimSetup(bot.ctx.db, guildId, theirs)).toBe(true);
  expect(await claimSetup(bot.ctx.db, guildId, { now, until: now + 90_000 })).toBe(false);
  expect(await setUp()).toContain('being set up already');
  // Whoever was refused takes nothing away from who is at it.
  expect(await setUp()).toContain('being set up already');
  expect(await roles()).toEqual([]);
  await endSetup(bot.ctx.db, guildId, { until: theirs.until });
  const died = { now: now - 120_000, until: now - 60_000 };
  expect(await claimSetup(bot.ctx.db, guildId, died)).toBe(true);
  await setUp();
  await expect.poll(roles, { timeout: 10_000 }).toEqual(['Tickets Support', 'Tickets Admin']);
  await expect.poll(() => claimSetup(bot.ctx.db, guildId, theirs), { timeout: 10_000 }).toBe(true);
});
