import { type APIMessage, type ComponentType, PermissionFlagsBits } from 'discord-api-types/v10';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { command, messageOf, press, pressables } from '#demo/act.ts';
import { botPermissions, bitsOf } from '#discord/permissions.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { openDesk, openTicket, until } from '#test/harness/desk.ts';
import { covers } from '#test/harness/covers.ts';
import { testDatabase } from '#test/harness/postgres.ts';

const database = await testDatabase();
let bot: Bot;
let guildId: string;
let owner: string;
let botRole: string;
let admin: string;
let support: string;
let member: string;
let desk: string;

beforeAll(async () => {
  bot = await startBot({ database, publicUrl: 'https://docket.example', hasWorker: false });
  const [guild] = (await bot.control.state()).guilds;
  if (!guild) throw new Error('the simulator has no server');
  guildId = guild.id;
  owner = guild.ownerId;
  const others = guild.members.filter((one) => one.id !== owner && !one.bot).map((one) => one.id);
  [admin = '', support = '', member = ''] = others.slice(-3);
  botRole = guild.members.find((one) => one.id === bot.simulator.applicationId)?.roleIds[0] ?? '';
  desk = (await bot.control.createChannel(guildId, { name: 'help-desk' })).id;
});
beforeEach(() => bot.control.clearFaults());
afterAll(() => bot?.stop());

type Values = Readonly<Record<string, string | number | boolean>>;
const listOf = (values: Values) => Object.entries(values).map(([name, value]) => ({ name, value }));
const say = async (userId: string, name: string, values: Values = {}): Promise<APIMessage> =>
  messageOf(await command(bot.control, { guildId, channelId: desk, userId }, name, listOf(values)));
/** A subcommand. */
const sub = async (userId: string, name: string, inner: string, values: Values = {}): Promise<APIMessage> =>
  messageOf(
    await command(bot.control, { guildId, channelId: desk, userId }, name, [
      { name: inner, type: 1, options: listOf(values) },
    ]),
  );
const undo = async (message: APIMessage, userId = owner): Promise<APIMessage> => {
  const button = pressables(message).find((one) => one.label === 'Undo');
  return messageOf(await press(bot.control, userId, message, button?.customId ?? ''));
};
const textOf = (message: APIMessage): string => JSON.stringify(message);
const guild = async () => {
  const found = (await bot.control.state()).guilds.find((one) => one.id === guildId);
  if (!found) throw new Error('the server is gone');
  return found;
};
const fieldsOf = (message: APIMessage): Record<string, string> =>
  Object.fromEntries((message.embeds[0]?.fields ?? []).map((field) => [field.name, field.value]));
const links = (message: APIMessage): URL[] =>
  (message.components ?? [])
    .flatMap((row) => ('components' in row ? (row.components as { type: ComponentType; url?: string }[]) : []))
    .flatMap(({ url }) => (url ? [new URL(url)] : []));

describe('staff', () => {
  test('nobody but the owner and those they name may name others', async () => {
    covers('1.1-03');
    covers('1.1-07');
    expect((await say(member, 'addadmin', { user_or_role: member })).content).toContain('/addadmin');
    expect((await say(owner, 'addadmin', { user_or_role: admin })).content).toBe(
      `✅ <@${admin}> can now use the dashboard and see every ticket.`,
    );
    expect((await say(admin, 'addsupport', { user_or_role: support })).content).toContain('✅');
    expect((await say(support, 'addsupport', { user_or_role: member })).content).toContain('Only admins');
  });

  test('people and roles are listed by level, deleted roles too, and taken out', async () => {
    covers('1.1-04');
    covers('1.1-05');
    covers('1.1-06');
    const [keep, gone] = [
      await bot.control.createRole(guildId, { name: 'Helpers' }),
      await bot.control.createRole(guildId, { name: 'Once' }),
    ];
    await say(owner, 'addsupport', { user_or_role: keep.id });
    await say(owner, 'addsupport', { user_or_role: gone.id });
    await bot.control.deleteRole(guildId, gone.id);
    const seen = await say(owner, 'viewstaff');
    expect(fieldsOf(seen)).toMatchObject({ Admins: `<@${admin}>` });
    expect(fieldsOf(seen).Support).toContain(`<@${support}>`);
    expect(fieldsOf(seen).Support).toContain(`<@&${keep.id}>`);
    expect(fieldsOf(seen).Support).toContain(`\`${gone.id}\` (deleted)`);
    expect(pressables(await say(support, 'viewstaff'))).toEqual([]);
    const tidied = messageOf(await press(bot.control, owner, seen, pressables(seen)[0]?.customId ?? ''));
    expect(textOf(tidied)).not.toContain(gone.id);
    expect(textOf(tidied)).toContain(keep.id);

    expect((await say(owner, 'removeadmin', { user_or_role: support })).content).toContain('is not staff');
    expect((await say(owner, 'removesupport', { user_or_role: keep.id })).content).toContain('✅');
    expect((await say(owner, 'removeadmin', { user_or_role: admin })).content).toContain('✅');
    expect(fieldsOf(await say(owner, 'viewstaff'))).toEqual({ Admins: 'Nobody yet', Support: `<@${support}>` });
    expect((await sub(admin, 'settings', 'logs')).content).toContain('Only admins');
  });

  test('a role of the setting Support roles is staff, until either way takes it out', async () => {
    covers('1.3-21');
    const role = await bot.control.createRole(guildId, { name: 'Second line' });
    await bot.control.updateMember(guildId, member, { roleIds: [role.id] });
    expect((await say(member, 'viewstaff')).content).toContain('Only staff');
    const saved = await sub(owner, 'settings', 'access', { support_roles: `<@&${role.id}>` });
    expect(saved.content).toBe('Saved.');
    expect(fieldsOf(await say(member, 'viewstaff')).Support).toContain(`<@&${role.id}>`);
    await say(owner, 'removesupport', { user_or_role: role.id });
    expect((await say(member, 'viewstaff')).content).toContain('Only staff');
    await bot.control.updateMember(guildId, member, { roleIds: [] });
  });
});

describe('/setup auto', () => {
  const names = async () => {
    const { roles, channels } = await guild();
    return {
      roles: roles.map((one) => one.name).filter((name) => name.startsWith('Tickets ')),
      channels: channels.filter((one) => one.name === 'ticket-transcripts').length,
      categories: channels.filter((one) => one.name === 'Tickets' && one.type === 4 && one.overwrites.length > 0)
        .length,
    };
  };
  /** Runs it to its end: what is edited meanwhile is progress. */
  const setUp = async (): Promise<APIMessage> => {
    const asked = { guildId, channelId: desk, userId: owner, name: 'setup', options: [{ name: 'auto', type: 1 }] };
    const { id } = await bot.control.runCommand(asked);
    const ended = await until(
      () => bot.control.interaction(id, { waitMs: 10_000, until: 'answer' }),
      (answer) => !/^[^]*▫️ [^]*$/.test(answer.messages.at(-1)?.content ?? '▫️ '),
    );
    return messageOf(ended);
  };
  const all = { roles: ['Tickets Support', 'Tickets Admin'], channels: 1, categories: 1 };

  test('is for admins only', async () => {
    expect((await sub(support, 'setup', 'auto')).content).toContain('Only admins');
    expect(await names()).toEqual({ roles: [], channels: 0, categories: 0 });
  });

  test('says which permissions are missing, and makes nothing', async () => {
    const held = (await guild()).roles.find((one) => one.id === botRole)?.permissions ?? '0';
    const less = BigInt(held) & ~(PermissionFlagsBits.ManageRoles | PermissionFlagsBits.EmbedLinks);
    await bot.control.updateRole(guildId, botRole, { permissions: String(less) });
    const everyone = (await guild()).roles.find((one) => one.id === guildId)?.permissions ?? '0';
    await bot.control.updateRole(guildId, guildId, { permissions: '0' });
    const refused = await setUp();
    expect(refused.content).toContain('it lacks');
    expect(refused.content).toContain('Manage Permissions');
    expect(refused.content).toContain('Embed Links');
    expect(refused.content).not.toContain('Manage Channels');
    expect(await names()).toEqual({ roles: [], channels: 0, categories: 0 });
    await bot.control.updateRole(guildId, botRole, { permissions: held });
    await bot.control.updateRole(guildId, guildId, { permissions: everyone });
  });

  test('that failed in the middle is run again and makes nothing twice', async () => {
    covers('1.1-10');
    await bot.control.fault({ kind: 'lose-answer', method: 'POST', path: `/guilds/${guildId}/roles` });
    await bot.control.fault({
      kind: 'status',
      status: 400,
      code: 30_013,
      method: 'POST',
      path: `/guilds/${guildId}/channels`,
    });
    const failed = await setUp();
    expect(failed.content).toContain('500 channels');
    expect(await names()).toEqual({ roles: all.roles, channels: 0, categories: 0 });
    const done = await setUp();
    expect(done.content.match(/✅/g)).toHaveLength(6);
    expect(await names()).toEqual(all);
    const { roles, channels } = await guild();
    const [supportRole, adminRole] = all.roles.map((name) => roles.find((one) => one.name === name));
    expect([supportRole?.permissions, adminRole?.permissions]).toEqual(['0', '0']);
    const transcripts = channels.find((one) => one.name === 'ticket-transcripts');
    expect(transcripts?.overwrites.find((one) => one.id === guildId)?.deny).toBe(String(bitsOf('ViewChannel')));
    expect(fieldsOf(await say(owner, 'viewstaff'))).toEqual({
      Admins: `<@&${adminRole?.id}>`,
      Support: `<@${support}>\n<@&${supportRole?.id}>`,
    });
    expect(fieldsOf(await sub(owner, 'settings', 'logs'))).toMatchObject({
      'Transcripts channel': `<#${transcripts?.id}>`,
    });
    expect((await bot.control.messages(desk)).filter((one) => !one.flags && pressables(one).length > 0)).toEqual([]);

    const again = await setUp();
    expect(again.content.match(/✅/g)).toHaveLength(6);
    expect(await names()).toEqual(all);
  });
});

describe('/setup', () => {
  test('each of 003’s commands writes its setting, which Undo takes back', async () => {
    covers('1.1-11');
    covers('1.1-12');
    covers('1.1-13');
    covers('1.1-14');
    covers('1.1-16');
    covers('1.1-18', 'setting');
    covers('1.3-02', 'setting');
    const category = await bot.control.createChannel(guildId, { name: 'Desk', type: 4 });
    const logs = await bot.control.createChannel(guildId, { name: 'logs' });
    const cases: [string, Values, string, string, string][] = [
      ['category', { category: category.id }, 'places', 'Category of tickets', `<#${category.id}>`],
      ['limit', { limit: 1 }, 'limits', 'Open tickets per member', '1'],
      ['prefix', { prefix: 't!' }, 'general', 'Prefix of custom commands', 't\\!'],
      ['transcripts', { channel: logs.id }, 'logs', 'Transcripts channel', `<#${logs.id}>`],
      ['welcomemessage', { message: 'Hello %user%' }, 'welcome', 'Welcome message', 'Hello %user%'],
    ];
    for (const [name, values, group, title, shown] of cases) {
      const before = fieldsOf(await sub(owner, 'settings', group))[title];
      const saved = await sub(owner, 'setup', name, values);
      expect(saved.content, name).toContain('Saved.');
      expect(fieldsOf(await sub(owner, 'settings', group))[title], name).toBe(shown);
      expect(before).not.toBe(shown);
      expect((await undo(saved)).content).toBe('Undone.');
      expect(fieldsOf(await sub(owner, 'settings', group))[title], name).toBe(before);
    }
    expect((await sub(owner, 'setup', 'prefix', { prefix: '?' })).content).toContain('slash commands');
    expect((await sub(support, 'setup', 'limit', { limit: 2 })).content).toContain('Only admins');
  });

  test('thread mode asks for the channel that announces threads', async () => {
    covers('1.1-15');
    const threads = { use_threads: true };
    expect((await sub(owner, 'setup', 'use-threads', threads)).content).toContain('ticket_notification_channel');
    const channel = await bot.control.createChannel(guildId, { name: 'new-tickets' });
    await sub(owner, 'setup', 'use-threads', { ...threads, ticket_notification_channel: channel.id });
    expect(Object.values(fieldsOf(await sub(owner, 'settings', 'threads'))).slice(0, 2)).toEqual([
      'On',
      `<#${channel.id}>`,
    ]);
    await sub(owner, 'setup', 'use-threads', { use_threads: false });
    expect(Object.values(fieldsOf(await sub(owner, 'settings', 'threads'))).slice(0, 2)).toEqual([
      'Off',
      `<#${channel.id}>`,
    ]);
  });
});

describe('/language', () => {
  test('an unknown one is answered with the list and how much of each is translated; a known one speaks', async () => {
    covers('1.1-08');
    covers('1.3-01');
    const list = await say(owner, 'language', { language: 'xx @everyone' });
    expect(list.content).toContain('`en` English: 100 %');
    expect(list.content).toMatch(/`de` Deutsch: \d+ %/);
    expect(list.content).not.toContain('everyone');
    expect(list.content.match(/^`[a-z]{2}` /gm)?.length).toBeGreaterThan(20);
    const german = await say(owner, 'language', { language: 'DE' });
    expect(textOf(german)).toContain('Deutsch');
    expect(fieldsOf(await sub(owner, 'settings', 'general'))).toSatisfy((fields: object) =>
      Object.values(fields).includes('Deutsch'),
    );
    const following = await say(owner, 'language', { language: 'none' });
    expect(following.content).toBe('Saved.');
    expect(fieldsOf(following)).toEqual({ Language: 'None' });
  });
});

test('the quick start: invite, admin, dashboard, panel, staff; then a member has a ticket', async () => {
  covers('1.1-01');
  await bot.startWorker();
  const { guild: place, ...people } = await openDesk(bot.control);
  expect(place.id).toBe(guildId);
  const channelId = await openTicket(bot.control, { guild: place, ...people }, people.members[0] ?? '');
  const seen = await until(
    () => bot.control.messages(channelId),
    (list) => list.some((message) => message.embeds.length > 0),
  );
  expect(textOf(seen[0] as APIMessage)).toContain(people.members[0]);
});

describe('what Docket is', () => {
  test('/help lists what one may use, and no more', async () => {
    covers('1.2-02');
    const embeds = async (userId: string) => (await say(userId, 'help')).embeds;
    const [mine, theirs] = [JSON.stringify(await embeds(member)), JSON.stringify(await embeds(owner))];
    expect(mine).toContain('`/open` Open a ticket');
    expect(mine).not.toContain('/setup');
    for (const name of ['open', 'viewstaff', 'setup', 'settings', 'language']) expect(theirs).toContain(`\`/${name}\``);
    const length = (await embeds(owner)).reduce((sum, one) => sum + `${one.title}${one.description}`.length, 0);
    expect(length).toBeLessThan(6_000);
    expect(theirs).not.toContain('…');
  });

  test('/invite asks for what Docket needs and never for Administrator', async () => {
    covers('1.2-03');
    covers('1.1-02');
    const [url] = links(await say(member, 'invite'));
    expect(url?.pathname).toBe('/oauth2/authorize');
    expect(url?.searchParams.get('scope')).toBe('bot applications.commands');
    expect(url?.searchParams.get('client_id')).toBe(bot.simulator.applicationId);
    const asked = BigInt(url?.searchParams.get('permissions') ?? 0);
    expect(asked).toBe(bitsOf(...botPermissions));
    expect(asked & PermissionFlagsBits.Administrator).toBe(0n);
  });

  test('/about and /dashboard lead on, /vote says that there is nowhere', async () => {
    covers('1.1-17');
    const page = `https://docket.example/dashboard/${guildId}`;
    expect(links(await say(member, 'dashboard')).map(String)).toEqual([page]);
    expect(links(await say(member, 'about')).map(String)).toContain(page);
    const vote = await say(member, 'vote');
    expect([vote.content, links(vote)]).toEqual(['There is nowhere to vote for this Docket.', []]);
  });
});
