import type { APIMessage } from 'discord-api-types/v10';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { command, messageOf, press, pressables } from '#demo/act.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { covers } from '#test/harness/covers.ts';
import { testDatabase } from '#test/harness/postgres.ts';

const database = await testDatabase();
let bot: Bot;
let guildId: string;
let owner: string;
let member: string;
let desk: string;

beforeAll(async () => {
  bot = await startBot({ database, hasWorker: false });
  const [guild] = (await bot.control.state()).guilds;
  if (!guild) throw new Error('the simulator has no server');
  guildId = guild.id;
  owner = guild.ownerId;
  member = guild.members.findLast((one) => one.id !== owner && !one.bot)?.id ?? '';
  desk = (await bot.control.createChannel(guildId, { name: 'help-desk' })).id;
});
afterAll(() => bot?.stop());

const set = async (group: string, values: Readonly<Record<string, string | number | boolean>> = {}, userId = owner) =>
  messageOf(
    await command(bot.control, { guildId, channelId: desk, userId }, 'settings', [
      { name: group, type: 1, options: Object.entries(values).map(([name, value]) => ({ name, value })) },
    ]),
  );
const valueOf = (message: APIMessage, title: string): string | undefined =>
  message.embeds[0]?.fields?.find((field) => field.name === title)?.value;
const undo = async (message: APIMessage, userId = owner) => {
  const button = pressables(message).find((one) => one.label === 'Undo');
  return messageOf(await press(bot.control, userId, message, button?.customId ?? ''));
};

describe('/settings', () => {
  test('a time is written as people write it; what is none names the setting and what it takes', async () => {
    const title = 'Inactive';
    const saved = await set('autoclose', { autoclose_inactive: '2d 12h' });
    expect(valueOf(saved, title)).toBe('2d 12h');
    for (const wrong of ['soon', '2', '1m', '91d', '2d2d', '@everyone']) {
      const refused = await set('autoclose', { autoclose_inactive: wrong });
      expect(refused.content, wrong).toBe(`${title}: give it a time from 5m to 90d, such as 2d 12h, or none.`);
    }
    expect(valueOf(await set('autoclose', { none: 'autocloseInactive' }), title)).toBe('None');
  });

  test('a list takes mentions and ids of this server, and nothing that is neither', async () => {
    covers('1.3-31');
    const [one, two] = [
      await bot.control.createRole(guildId, { name: 'One' }),
      await bot.control.createRole(guildId, { name: 'Two' }),
    ];
    const saved = await set('access', { blocked_roles: `<@&${one.id}><@&${two.id}>, ${one.id}` });
    expect(valueOf(saved, 'Blocked roles')).toBe(`<@&${one.id}> <@&${two.id}>`);
    const elsewhere = '123456789012345678';
    for (const wrong of ['moderators', `<@${member}>`, `${one.id} and`, elsewhere, `<@&${guildId}>`, '🙂', '​']) {
      const refused = await set('access', { blocked_roles: wrong });
      expect(refused.content, wrong).toContain('Blocked roles: give it up to 100 roles of this server');
    }
    expect((await set('access', { blocked_users: elsewhere })).content).toContain('members of this server');
    expect(valueOf(await set('access', { blocked_users: `<@${member}>` }), 'Blocked members')).toBe(`<@${member}>`);
    expect((await set('places', { overflow_categories: `<#${desk}>` })).content).toContain('categories of this server');
    const shown = await set('access');
    expect(valueOf(shown, 'Blocked roles')).toBe(`<@&${one.id}> <@&${two.id}>`);
    await set('access', { reset: 'blockedUsers' });
  });

  test('what was deleted in Discord is shown by its id, and hinders no other change', async () => {
    const role = await bot.control.createRole(guildId, { name: 'Short-lived' });
    const channel = await bot.control.createChannel(guildId, { name: 'short-lived' });
    await set('access', { support_roles: role.id });
    await set('logs', { log_channel: channel.id });
    await bot.control.deleteRole(guildId, role.id);
    await bot.control.deleteChannel(channel.id);
    expect(valueOf(await set('access', { trust_manage_guild: true }), 'Support roles')).toBe(
      `\`${role.id}\` (deleted)`,
    );
    expect(valueOf(await set('logs'), 'Log channel')).toBe(`\`${channel.id}\` (deleted)`);
  });

  test('what nobody made cannot be named, and a language is one of the list', async () => {
    const refused = await set('context', { context_menu_panel: 'Billing' });
    expect(refused.content).toContain('the name or ID of a panel of this server, or none');
    expect((await set('hours', { schedule: '1042' })).content).toContain('a schedule of this server');
    expect((await set('general', { language: 'xx' })).content).toMatch(/^Language: give it one of: ar, bg/);
    expect(valueOf(await set('general', { language: 'en' }), 'Language')).toBe('English');
    const options = [{ name: 'general', type: 1, options: [{ name: 'language', value: 'de', focused: true }] }];
    const { id } = await bot.control.runCommand({ channelId: desk, userId: owner, name: 'settings', options });
    const typed = await bot.control.interaction(id, { waitMs: 10_000, until: 'answer' });
    expect(typed.choices).toEqual([{ name: 'de Deutsch', value: 'de' }]);
  });

  test('what is written in a text mentions and formats nobody, at its limit too', async () => {
    covers('1.3-36');
    const text = '@everyone <@1> **b** ‮right to left​ 🙂\n';
    for (const value of [text, text.repeat(60).slice(0, 4_096)]) {
      const saved = await set('welcome', { welcome_message: value });
      const shown = valueOf(saved, 'Welcome message') ?? '';
      expect(saved.content).toBe('Saved.');
      expect([saved.mention_everyone, saved.mentions]).toEqual([false, []]);
      expect(shown).not.toMatch(/@everyone|(?<!\\)\*\*|(?<!\\)<@1>/);
      expect(shown.length).toBeLessThanOrEqual(1_024);
    }
    expect((await set('closing', { default_close_reason: '​ ‮' })).content).toContain('characters that can be seen');
    const prefix = await set('general', { command_prefix: '🙂🙂🙂🙂🙂' });
    expect(valueOf(prefix, 'Prefix of custom commands')).toBe('🙂🙂🙂🙂🙂');
    await set('general', { reset: 'commandPrefix' });
  });

  test('a change is undone once, and that again; not when somebody was faster, and not by anybody', async () => {
    const title = 'Open tickets per member';
    const first = await set('limits', { open_tickets_per_user: 2 });
    const undone = await undo(first);
    expect([undone.content, valueOf(undone, title)]).toEqual(['Undone.', '5']);
    expect(valueOf(await undo(undone), title)).toBe('2');

    const second = await set('limits', { open_tickets_per_user: 3 });
    await set('limits', { open_tickets_per_user: 4 });
    expect((await undo(second)).content).toContain(`${title} was changed again meanwhile`);
    expect(valueOf(await set('limits'), title)).toBe('4');

    const say = (name: string) =>
      command(bot.control, { guildId, channelId: desk, userId: owner }, name, [
        { name: 'user_or_role', value: member },
      ]);
    await say('addadmin');
    const third = await set('limits', { open_tickets_per_user: 6 }, member);
    await say('removeadmin');
    expect((await undo(third, member)).content).toContain('Only admins');
    expect(valueOf(await set('limits'), title)).toBe('6');
  });

  test('a setting whose effect comes later is kept and can be undone', async () => {
    const saved = await set('access', { transcripts_by_role: true });
    expect(valueOf(saved, 'Transcripts by role')).toBe('On');
    expect(valueOf(await undo(saved), 'Transcripts by role')).toBe('Off');
    covers('1.3-32', 'setting');
  });
});
