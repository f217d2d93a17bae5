import type { APIMessage } from 'discord-api-types/v10';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { channelIn, command, messageOf } from '#demo/act.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { covers } from '#test/harness/covers.ts';
import { until } from '#test/harness/desk.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { setSettings } from '#tickets/actions/set-settings.ts';
import { readTicketByChannel } from '#tickets/store/ticket.ts';
import { menusOf } from './commands-of.ts';
import { interactions } from './registry.ts';
import { menuKey } from './target.ts';

const database = await testDatabase();
let bot: Bot;
let guildId: string;
let [owner, staff, member, other] = ['', '', '', ''];
let talk: string;

beforeAll(async () => {
  bot = await startBot({ database });
  const guild = bot.simulator.guilds[0];
  guildId = guild?.id ?? '';
  owner = guild?.ownerId ?? '';
  const others = (guild?.memberIds ?? []).filter((id) => id !== owner && id !== bot.simulator.applicationId);
  [staff = '', member = '', other = ''] = others.slice(-3);
  talk = (await bot.control.createChannel(guildId, { name: 'talk' })).id;
  await command(bot.control, { guildId, channelId: talk, userId: owner }, 'addsupport', [
    { name: 'user_or_role', value: staff },
  ]);
});
afterAll(() => bot?.stop());

/** Somebody right-clicks and chooses; answers what they read. */
async function choose(name: string, userId: string, targetId: string): Promise<APIMessage> {
  const { id } = await bot.control.runCommand({ guildId, channelId: talk, userId, name, targetId });
  const answer = await bot.control.interaction(id, { waitMs: 20_000, until: 'answer' });
  return messageOf(answer);
}
const opened = async (message: APIMessage) => {
  const channelId = channelIn({ messages: [message] } as never) ?? '';
  const ticket = await readTicketByChannel(bot.ctx.db, guildId, channelId);
  if (!ticket) throw new Error(`no ticket: ${message.content}`);
  return ticket;
};
const settle = (patch: object) => {
  const by = { id: owner, roleIds: [], isOwner: true, hasManageGuild: true };
  return setSettings(bot.ctx, guildId, { by, patch });
};

test('names are within 32 characters and lead back to their handler', () => {
  const menus = menusOf(interactions);
  expect(menus).toHaveLength(2);
  for (const menu of menus) {
    expect(menu.name.length).toBeLessThanOrEqual(32);
    expect(interactions.filter((one) => one.kind === 'menu' && one.name === menuKey(menu.name))).toHaveLength(1);
  }
});

test('a ticket is started from a message: its author is in it, the message is quoted and linked, its channel is told', async () => {
  covers('1.9-08');
  const said = await bot.control.sendMessage({ channelId: talk, userId: member, content: 'My *order* @everyone' });
  const ticket = await opened(await choose('Start Ticket', staff, said.id));
  expect(ticket).toMatchObject({ source: 'context_menu', openerId: staff, memberIds: [member] });
  const [welcome] = await bot.control.messages(ticket.channelId ?? '');
  const quote = welcome?.embeds.find((one) => one.url !== undefined);
  expect(quote?.url).toBe(`https://discord.com/channels/${guildId}/${talk}/${said.id}`);
  expect(quote?.description).toBe(`<@${member}> in <#${talk}>`);
  expect(quote?.fields?.[0]?.value).toContain('My \\*order\\*');
  expect(quote?.fields?.[0]?.value).not.toContain('@everyone');
  const overwrites = (await bot.control.channels(guildId)).find((one) => one.id === ticket.channelId)?.overwrites;
  expect(overwrites?.map((one) => one.id)).toContain(member);
  const told = await until(
    () => bot.control.messages(talk),
    (list) => list.some((one) => one.message_reference?.message_id === said.id),
  );
  const moved = told.find((one) => one.message_reference?.message_id === said.id);
  expect(moved?.embeds[0]?.description).toBe(`Conversation moved to <#${ticket.channelId}>`);
  expect(moved?.mentions.map((one) => one.id)).toEqual([member]);
});

test('with the author left out nobody is added and nothing is said in the channel', async () => {
  covers('1.3-40');
  await settle({ contextMenuAddsSender: false });
  const said = await bot.control.sendMessage({ channelId: talk, userId: member, content: 'Hm' });
  const ticket = await opened(await choose('Start Ticket', staff, said.id));
  await settle({ contextMenuAddsSender: true });
  expect(ticket.memberIds).toEqual([]);
  const settled = await until(
    () => readTicketByChannel(bot.ctx.db, guildId, ticket.channelId ?? ''),
    (one) => one?.applied.movedFrom === null,
  );
  expect(settled?.state).toBe('open');
  expect((await bot.control.messages(talk)).some((one) => one.message_reference?.message_id === said.id)).toBe(false);
});

test('the level that a server wants is asked of who clicks', async () => {
  covers('1.3-39');
  const said = await bot.control.sendMessage({ channelId: talk, userId: member, content: 'Hello' });
  expect((await choose('Start Ticket', other, said.id)).content).toContain('staff');
  await settle({ contextMenuLevel: 'member' });
  expect((await opened(await choose('Start Ticket', other, said.id))).openerId).toBe(other);
  await settle({ contextMenuLevel: 'admin' });
  const refused = await choose('Start Ticket', staff, said.id);
  await settle({ contextMenuLevel: 'support' });
  expect(refused.content).toContain('admin');
});

test('a ticket is opened for somebody, with that person’s limits; not for bots', async () => {
  covers('1.9-09');
  await settle({ openTicketsPerUser: 1 });
  const ticket = await opened(await choose('Open ticket for…', staff, member));
  expect(ticket).toMatchObject({ source: 'context_menu', openerId: member, openedBy: staff });
  expect((await choose('Open ticket for…', staff, member)).content).toContain('1');
  await settle({ openTicketsPerUser: null });
  expect((await choose('Open ticket for…', staff, bot.simulator.applicationId)).content).toBe('Bots open no tickets.');
  expect((await choose('Open ticket for…', other, member)).content).toContain('staff');
});

test('such tickets have the settings of a panel, while it exists', async () => {
  covers('1.3-41');
  const [panel] = await bot.ctx.db.query<{ id: number }>({
    text: `insert into panel (guild_id, name, button_label) values ($1, 'Moderation', 'Open') returning id`,
    values: [guildId],
  });
  await settle({ contextMenuPanel: panel?.id });
  const said = await bot.control.sendMessage({ channelId: talk, userId: member, content: 'Hello' });
  expect((await opened(await choose('Start Ticket', staff, said.id))).panelId).toBe(panel?.id);
  await bot.ctx.db.query({ text: 'update panel set deleted_at = now()', values: [] });
  expect((await opened(await choose('Start Ticket', staff, said.id))).panelId).toBeNull();
});
