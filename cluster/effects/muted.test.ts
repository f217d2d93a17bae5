import { afterAll, beforeAll, expect, test } from 'vitest';
import { command, fillIn, messageOf, press, pressables } from '#demo/act.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { covers } from '#test/harness/covers.ts';
import { until } from '#test/harness/desk.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { setSettings } from '#tickets/actions/set-settings.ts';
import { listPanelMessages } from '#tickets/store/panel-message.ts';

const database = await testDatabase();
let bot: Bot;
let guildId: string;
let owner: string;

beforeAll(async () => {
  bot = await startBot({ database });
  guildId = bot.simulator.guilds[0]?.id ?? '';
  owner = bot.simulator.guilds[0]?.ownerId ?? '';
});
afterAll(() => bot?.stop());

const sendInThreads = String(1n << 38n);
/** Makes a panel by /panel in a new channel; answers what is read, and what is noted. */
async function make(deny: string) {
  const overwrites = [{ id: guildId, type: 0 as const, allow: '0', deny }];
  const desk = (await bot.control.createChannel(guildId, { name: 'desk', overwrites })).id;
  const offered = messageOf(await command(bot.control, { guildId, channelId: desk, userId: owner }, 'panel'));
  const form = await press(bot.control, owner, offered, pressables(offered)[0]?.customId ?? '');
  const draft = messageOf(await fillIn(bot.control, owner, form, ['Help', 'Text', 'Ask', '']));
  const chosen = messageOf(await press(bot.control, owner, draft, pressables(draft)[0]?.customId ?? '', [desk]));
  const publish = pressables(chosen).find((one) => one.customId.startsWith('panel-make'));
  const made = messageOf(await press(bot.control, owner, chosen, publish?.customId ?? ''));
  await until(
    () => bot.control.messages(desk),
    (list) => list.some((one) => one.embeds[0]?.title === 'Help'),
  );
  const noted = await until(
    async () => (await listPanelMessages(bot.ctx.db, guildId)).find((one) => one.channelId === desk),
    (one) => one?.appliedHash !== null,
  );
  return { desk, said: made.content, problem: noted?.problem };
}

test('whoever makes a panel is warned where openers could not write in their threads; so is the dashboard', async () => {
  covers('1.9-06');
  expect(await make(sendInThreads)).toMatchObject({ problem: null });
  const told = (await bot.control.createChannel(guildId, { name: 'staff' })).id;
  await setSettings(bot.ctx, guildId, {
    by: { id: owner, roleIds: [], isOwner: true, hasManageGuild: true },
    patch: { useThreads: true, threadNotificationChannel: told },
  });
  const muted = await make(sendInThreads);
  expect(muted.problem).toBe('thread.muted');
  expect(muted.said).toContain(`Not everybody may send messages in threads in <#${muted.desk}>`);
  const fine = await make('0');
  expect(fine.problem).toBeNull();
  expect(fine.said).not.toContain('threads');
});
