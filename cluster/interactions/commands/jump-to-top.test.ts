import { afterAll, beforeAll, expect, test } from 'vitest';
import { channelIn, command, messageOf } from '#demo/act.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { until } from '#test/harness/desk.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { recordMessages } from '#tickets/actions/record-messages.ts';
import { recordApplied } from '#tickets/store/applied.ts';
import { readTicketByChannel } from '#tickets/store/ticket.ts';

const database = await testDatabase();
let bot: Bot;
beforeAll(async () => {
  bot = await startBot({ database });
});
afterAll(() => bot?.stop());

test('without a welcome /jumptotop leads to the first message that is kept, or says that there is none', async () => {
  const { id: guildId = '', ownerId: userId = '' } = bot.simulator.guilds[0] ?? {};
  const desk = (await bot.control.createChannel(guildId, { name: 'help-desk' })).id;
  const channelId = channelIn(await command(bot.control, { guildId, channelId: desk, userId }, 'open', [])) ?? '';
  const ticket = await until(
    () => readTicketByChannel(bot.ctx.db, guildId, channelId),
    (one) => one?.state === 'open',
  );
  const ticketId = ticket?.id ?? 0;
  await recordApplied(bot.ctx.db, guildId, ticketId, { welcomeMessageId: 'none' });
  const jump = async () => messageOf(await command(bot.control, { guildId, channelId, userId }, 'jumptotop'));
  const none = await jump();
  expect([none.content, none.components]).toEqual(['Nothing has been said in this ticket yet.', []]);
  const written = await bot.control.sendMessage({ channelId, userId, content: 'Help' });
  const message = { guildId, channelId, ticketId, id: written.id, authorId: userId, isBot: false, roleIds: [] };
  await recordMessages(bot.ctx, [{ ...message, content: 'Help', attachments: [], nonce: null, at: Date.now() }]);
  expect(JSON.stringify((await jump()).components)).toContain(`/channels/${guildId}/${channelId}/${written.id}`);
});
