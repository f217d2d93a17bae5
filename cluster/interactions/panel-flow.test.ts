import { type APIMessage, MessageFlags } from 'discord-api-types/v10';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { channelIn, command, fillIn, inputsOf, messageOf, press, pressables, type } from '#demo/act.ts';
import { createForm } from '#tickets/actions/create-form.ts';
import { createPanel } from '#tickets/actions/create-panel.ts';
import { createSchedule } from '#tickets/actions/create-schedule.ts';
import { createTeam } from '#tickets/actions/create-team.ts';
import { createLabel } from '#tickets/actions/set-label.ts';
import { listForms } from '#tickets/store/form.ts';
import { listPanels } from '#tickets/store/panel.ts';
import { listPanelMessages } from '#tickets/store/panel-message.ts';
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
  bot = await startBot({ database, publicUrl: 'https://docket.example' });
  const guild = bot.simulator.guilds[0];
  guildId = guild?.id ?? '';
  owner = guild?.ownerId ?? '';
  member = (guild?.memberIds ?? []).findLast((id) => id !== owner && id !== bot.simulator.applicationId) ?? '';
  desk = (await bot.control.createChannel(guildId, { name: 'help-desk' })).id;
  await bot.control.limits({ routeBuckets: false });
});
afterAll(() => bot?.stop());

const home = async () => messageOf(await command(bot.control, { guildId, channelId: desk, userId: owner }, 'panel'));
const idOf = (message: APIMessage, start: string): string =>
  pressables(message).find((one) => one.customId.startsWith(start))?.customId ?? `no ${start}`;
const choose = (message: APIMessage, start: string, values?: string[]) =>
  press(bot.control, owner, message, idOf(message, start), values);
const optionsOf = (message: APIMessage, start: string): { label: string; value: string }[] => {
  const rows = message.components as unknown as { components: { custom_id?: string; options?: never[] }[] }[];
  return rows.flatMap((row) => row.components).find((one) => one.custom_id?.startsWith(start))?.options ?? [];
};
const optionFor = (message: APIMessage, start: string, label: string): string =>
  optionsOf(message, start).find((one) => one.label === label)?.value ?? `no ${label}`;
/** What everybody sees in a channel: answers to one person are left out. */
const postedIn = async (channelId: string): Promise<APIMessage[]> =>
  (await bot.control.messages(channelId)).filter((one) => !((one.flags ?? 0) & MessageFlags.Ephemeral));
const panels = () => listPanels(bot.ctx.db, guildId);

test('a preset becomes a panel with its questions; pressing twice makes one', async () => {
  covers('1.2-22');
  covers('1.16-02');
  covers('1.4-13');
  const first = await home();
  const team = await createTeam(bot.ctx, guildId, {
    by: { id: owner, roleIds: [], isOwner: true, hasManageGuild: false },
    name: 'Money',
  });
  expect(optionsOf(first, 'choose:presets').map((one) => one.label)).toEqual([
    'Technical issues',
    'Account problems',
    'Billing inquiries',
  ]);
  const form = await choose(first, 'choose:presets', [optionFor(first, 'choose:presets', 'Billing inquiries')]);
  expect(inputsOf(form)).toEqual(['title', 'content', 'label', 'questions']);
  const draft = messageOf(await fillIn(bot.control, owner, form, ['', '', 'Billing', 'Which payment?', '']));
  expect(draft.embeds[0]?.title).toBe('Billing inquiries');
  const placed = messageOf(await choose(draft, 'panel-channel', [desk]));
  const manned = messageOf(await choose(placed, 'panel-teams', [String(team.id)]));
  const made = idOf(manned, 'panel-make');
  const twice = await Promise.all([press(bot.control, owner, manned, made), press(bot.control, owner, manned, made)]);
  expect(twice).toHaveLength(2);
  expect(await panels()).toMatchObject([
    { buttonLabel: 'Billing', buttonEmoji: '💳', teamIds: [team.id], form: { fields: [{ label: 'Which payment?' }] } },
  ]);
  const [posted] = await until(
    () => postedIn(desk),
    (all) => all.length > 0,
  );
  expect(pressables(posted as APIMessage)).toMatchObject([{ label: 'Billing' }]);
  expect(await postedIn(desk)).toHaveLength(1);
});

test('a panel is changed by form and menus, sent again, and deleted after a question', async () => {
  covers('1.4-14');
  const by = { id: owner, roleIds: [], isOwner: true, hasManageGuild: false };
  const fields = [
    { label: 'Why?', style: 'short', isRequired: true, placeholder: null, minLength: null, maxLength: null } as const,
  ];
  const other = await createForm(bot.ctx, guildId, { by, name: 'Other', fields });
  const [panel] = await panels();
  const view = messageOf(await choose(await home(), 'panel-pick', [String(panel?.id)]));
  const texts = await choose(view, 'choose:panel', [optionFor(view, 'choose:panel', 'Texts')]);
  const filled = ['Refunds', 'Ask for money', 'envelope_with_arrow', 'Money back', 'refund-%id%'];
  const changed = messageOf(await fillIn(bot.control, owner, texts, filled));
  expect(changed.embeds[0]?.title).toBe('Refunds');
  expect(await panels()).toMatchObject([{ name: 'Refunds', buttonEmoji: '📩', naming: 'refund-%id%', version: 2 }]);
  // The same form sent again was made from what is no longer there.
  const stale = await fillIn(bot.control, owner, texts, ['Mine', 'Mine', '', '', '']);
  expect(messageOf(stale).content).toContain('changed this meanwhile');

  let now = messageOf(await choose(await home(), 'panel-pick', [String(panel?.id)]));
  const set = async (label: string, values: string[]) => {
    const menu = messageOf(await choose(now, 'choose:panel', [optionFor(now, 'choose:panel', label)]));
    const answer = await choose(menu, 'panel-set', values);
    now = messageOf(answer);
    return answer;
  };
  const role = (await bot.control.guild(guildId)).roles.find((one) => one.name === 'Staff')?.id ?? '';
  const category = (await bot.control.channels(guildId)).find((one) => one.name === 'Tickets')?.id ?? '';
  await set('Category of its tickets', [category]);
  await set('Form that it asks', [String(other.id)]);
  await set('Roles, one of which is needed to open it', [role]);
  await set('Who is pinged when a ticket opens', [role, member]);
  await set('Colour of the button', ['danger']);
  await set('Channels or threads', ['thread']);
  const monday = { timeZone: 'Europe/Berlin', hours: [{ day: 1, from: 540, to: 1_020 }], holidays: [] };
  const hours = await createSchedule(bot.ctx, guildId, { by, name: 'Weekdays', ...monday });
  await set('Overflow categories', [category]);
  await set('Office hours', [String(hours.id)]);
  await set('Outside office hours', ['refuse']);
  await set('Claim button', ['false']);
  expect(await panels()).toMatchObject([
    {
      categoryId: category,
      form: { name: 'Other' },
      requiredRoleIds: [role],
      mentions: [
        { id: role, kind: 'role' },
        { id: member, kind: 'user' },
      ],
      buttonStyle: 'danger',
      mode: 'thread',
      overflowCategoryIds: [category],
      scheduleId: hours.id,
      outsideHours: 'refuse',
      claimButton: false,
    },
  ]);
  for (const usual of ['Office hours', 'Outside office hours', 'Claim button']) await set(usual, ['0']);
  expect(await panels()).toMatchObject([{ scheduleId: null, outsideHours: null, claimButton: null }]);
  await set('Roles, one of which is needed to open it', []);
  await set('Channels or threads', ['0']);
  await set('Form that it asks', ['0']);
  expect(await panels()).toMatchObject([{ requiredRoleIds: [], mode: null, form: null }]);
});

test('panels are combined into one message, where each option opens its own kind', async () => {
  covers('1.4-20');
  covers('1.4-21');
  covers('1.4-23');
  const form = await choose(await home(), 'panel-new');
  const draft = messageOf(await fillIn(bot.control, owner, form, ['Second', '', 'Second', 'What is it?', '']));
  const placed = messageOf(await choose(draft, 'panel-channel', [desk]));
  await choose(placed, 'panel-make');
  const [refunds, second] = await panels();
  const begun = messageOf(await choose(await home(), 'panel-combine'));
  const both = messageOf(await choose(begun, 'panel-combine-panels', [String(refunds?.id), String(second?.id)]));
  const place = (await bot.control.createChannel(guildId, { name: 'all-in-one' })).id;
  const inPlace = messageOf(await choose(both, 'panel-combine-channel', [place]));
  const menuOf = pressables(inPlace).find((one) => one.label === 'Menu')?.customId ?? '';
  const asMenu = messageOf(await press(bot.control, owner, inPlace, menuOf));
  const done = await choose(asMenu, 'panel-combine-make');
  expect(messageOf(done).content).toContain(`<#${place}>`);
  const [multi] = await until(
    () => postedIn(place),
    (all) => all.length > 0,
  );
  const options = optionsOf(multi as APIMessage, 'choose:');
  expect(options.map((one) => one.label)).toEqual(['Ask for money', 'Second']);
  const menu = idOf(multi as APIMessage, 'choose:');
  const opened = await press(bot.control, member, multi as APIMessage, menu, [options[0]?.value ?? '']);
  expect(channelIn(opened)).toBeDefined();
  const asked = await press(bot.control, member, multi as APIMessage, menu, [options[1]?.value ?? '']);
  expect(asked.modal?.title).toBe('Second');
  expect(channelIn(await fillIn(bot.control, member, asked, ['This']))).toBeDefined();
});

test('a message is changed and moved in Discord, and deleted after a question', async () => {
  covers('1.4-22');
  const isMulti = (one: { panelIds: readonly number[] }) => one.panelIds.length > 1;
  const multi = (await listPanelMessages(bot.ctx.db, guildId)).find(isMulti);
  const view = messageOf(await choose(await home(), 'panel-message-pick', [String(multi?.id)]));
  const texts = await choose(view, 'choose:panel-message', [optionFor(view, 'choose:panel-message', 'Texts')]);
  const after = messageOf(await fillIn(bot.control, owner, texts, ['All', 'Choose.', 'Hello', 'Foot', '#00ff00']));
  expect(after.embeds[0]).toMatchObject({ title: 'All', color: 0x00ff00 });
  const place = (await bot.control.createChannel(guildId, { name: 'moved' })).id;
  const where = optionFor(after, 'choose:panel-message', 'Channel that it stands in');
  const menu = messageOf(await choose(after, 'choose:panel-message', [where]));
  await choose(menu, 'panel-message-set', [place]);
  const [moved] = await until(
    () => postedIn(place),
    (all) => all.length > 0,
  );
  expect(moved).toMatchObject({ content: 'Hello', embeds: [{ title: 'All' }] });
  await until(
    () => postedIn(multi?.channelId ?? ''),
    (all) => all.length === 0,
  );
  const now = messageOf(await choose(await home(), 'panel-message-pick', [String(multi?.id)]));
  const ask = messageOf(await choose(now, 'panel-message-delete'));
  await choose(ask, 'panel-message-delete-yes');
  await until(
    () => postedIn(place),
    (all) => all.length === 0,
  );
  const [panel] = await panels();
  const question = messageOf(
    await choose(messageOf(await choose(await home(), 'panel-pick', [String(panel?.id)])), 'panel-delete'),
  );
  expect(question.content).toContain('Refunds');
  await choose(question, 'panel-delete-yes');
  expect((await panels()).map((one) => one.name)).toEqual(['Second']);
});

test('teams and forms are made, changed and deleted in Discord', async () => {
  covers('1.5-01');
  covers('1.5-02');
  covers('1.5-05');
  covers('1.5-06');
  covers('1.5-07');
  const run = async (name: string) =>
    messageOf(await command(bot.control, { guildId, channelId: desk, userId: owner }, name));
  const made = messageOf(await fillIn(bot.control, owner, await choose(await run('team'), 'team-new'), ['Night']));
  const role = (await bot.control.guild(guildId)).roles.find((one) => one.name === 'Staff')?.id ?? '';
  const both = messageOf(await choose(made, 'team-add', [member, role]));
  expect(JSON.stringify(both.embeds)).toContain(`<@&${role}>`);
  const one = messageOf(await choose(both, 'team-drop', [role]));
  expect(JSON.stringify(one.embeds)).not.toContain(role);
  const named = messageOf(await fillIn(bot.control, owner, await choose(one, 'team-rename'), ['Day']));
  expect(named.embeds[0]?.title).toBe('Day');
  await choose(named, 'team-delete');
  expect(optionsOf(await run('team'), 'team-pick').map(({ label }) => label)).toEqual(['Default', 'Money']);

  const form = messageOf(
    await fillIn(bot.control, owner, await choose(await run('form'), 'form-new'), ['Order', 'One?\nTwo?']),
  );
  expect(form.embeds[0]?.description).toContain('2. Two?');
  const turned = messageOf(await fillIn(bot.control, owner, await choose(form, 'form-edit'), ['Order', 'Two?\nOne?']));
  expect(turned.embeds[0]?.description).toContain('1. Two?');
  const six = await fillIn(bot.control, owner, await choose(turned, 'form-edit'), ['Order', '1\n2\n3\n4\n5\n6']);
  expect(messageOf(six).content).toContain('at most 5 lines');

  // How one of them is answered: by buttons, and by a form of its own.
  const view = messageOf(await choose(turned, 'form-input-pick', ['2']));
  expect(view.embeds[0]?.title).toBe('2. One?');
  const short = messageOf(await choose(view, 'form-kind'));
  const stale = await choose(short, 'form-input:');
  const optional = messageOf(await choose(short, 'form-required'));
  const filled = messageOf(
    await fillIn(bot.control, owner, await choose(optional, 'form-input:'), ['First?', 'As in 12', '3', '20']),
  );
  expect(JSON.stringify(filled.embeds)).toMatch(/First\?.*May be left out.*one line.*3 to 20 characters.*As in 12/);
  // A form that was opened before a change is not that question's any more.
  expect(messageOf(await fillIn(bot.control, owner, stale, ['Mine', '', '', ''])).content).toContain('meanwhile');
  const { fields } = (await listForms(bot.ctx.db, guildId)).find(({ name }) => name === 'Order') ?? {};
  expect(fields?.[1]).toEqual({
    label: 'First?',
    style: 'short',
    isRequired: false,
    placeholder: 'As in 12',
    minLength: 3,
    maxLength: 20,
  });
  const wrong = async (min: string, max: string) =>
    messageOf(await fillIn(bot.control, owner, await choose(filled, 'form-input:'), ['First?', 'As in 12', min, max]))
      .content;
  expect(await wrong('x', '20')).toContain('fields.2.minLength does not fit: a whole number up to 1,024');
  expect(await wrong('21', '20')).toContain('not more than maxLength');
  expect(await wrong('3', '1025')).toContain('1,024');
  const cleared = await fillIn(bot.control, owner, await choose(filled, 'form-input:'), ['First?', ' ', ' ', ' ']);
  expect(JSON.stringify(messageOf(cleared).embeds)).toContain('0 to 1024 characters');
  const back = messageOf(await choose(messageOf(cleared), 'form-open'));
  expect(back.embeds[0]?.description).toContain('2. First? (one line)');
  await choose(back, 'form-delete');
  expect(optionsOf(await run('form'), 'form-pick').some(({ label }) => label === 'Order')).toBe(false);
});

test('what there is more than 25 of is on further pages; what was chosen on another page stays chosen', async () => {
  const by = { id: owner, roleIds: [], isOwner: true, hasManageGuild: false };
  const run = async (name: string) =>
    messageOf(await type(bot.control, { guildId, channelId: desk, userId: owner }, name));
  const labels = (message: APIMessage, start: string) => optionsOf(message, start).map(({ label }) => label);
  const turn = async (message: APIMessage, start: string, label: string) => {
    const button = pressables(message).find((one) => one.customId.startsWith(start) && one.label === label);
    return messageOf(await press(bot.control, owner, message, button?.customId ?? `no ${label}`));
  };
  const fields = [
    { label: 'Why?', style: 'short', isRequired: true, placeholder: null, minLength: null, maxLength: null } as const,
  ];
  for (let i = 1; i <= 30; i += 1) {
    await createTeam(bot.ctx, guildId, { by, name: `Team ${i}` });
    await createForm(bot.ctx, guildId, { by, name: `Form ${i}`, fields });
    await createPanel(bot.ctx, guildId, {
      by,
      name: `Panel ${i}`,
      title: 'P',
      content: 'P',
      colour: 0,
      buttonLabel: 'P',
      buttonEmoji: null,
      channelId: desk,
      categoryId: null,
      form: null,
      welcome: null,
    });
    await createLabel(bot.ctx, guildId, { by, name: `Label ${String(i).padStart(2, '0')}`, colour: 0 });
  }
  for (const [name, noun] of [
    ['team', 'Team'],
    ['form', 'Form'],
  ] as const) {
    const newest = await run(name);
    expect(labels(newest, `${name}-pick`)).toEqual(Array.from({ length: 25 }, (_, i) => `${noun} ${i + 6}`));
    const older = await turn(newest, `${name}-page`, 'Older');
    expect(labels(older, `${name}-pick`)).toContain(`${noun} 5`);
    expect(labels(await turn(older, `${name}-page`, 'Newer'), `${name}-pick`)).toContain(`${noun} 30`);
  }
  const before = await turn(await home(), 'panel-page', 'Older panels');
  expect(labels(before, 'panel-pick')).toContain('Panel 5');
  const list = await run('label list');
  expect(list.embeds[0]?.description).toMatch(/^Label 01 .* Label 25$/);
  expect((await turn(list, 'label-page', 'Next')).embeds[0]?.description).toMatch(/^Label 26 .* Label 30$/);

  // Teams of a panel: one of each page.
  const view = messageOf(await choose(before, 'panel-pick', [optionFor(before, 'panel-pick', 'Panel 5')]));
  const control = optionFor(view, 'choose:panel', 'Teams that work on its tickets');
  const menu = messageOf(await choose(view, 'choose:panel', [control]));
  const first = messageOf(await choose(menu, 'panel-set', [optionFor(menu, 'panel-set', 'Team 30')]));
  const second = await turn(first, 'panel-turn', 'Older');
  expect(labels(second, 'panel-set')).toEqual(expect.arrayContaining(['Team 5', 'Team 30']));
  await choose(
    second,
    'panel-set',
    ['Team 5', 'Team 30'].map((label) => optionFor(second, 'panel-set', label)),
  );
  const panel = (await panels()).find(({ name }) => name === 'Panel 5');
  expect(panel?.teamIds).toHaveLength(2);

  // Panels of one message, from two pages.
  const begun = messageOf(await choose(await home(), 'panel-combine'));
  const one = messageOf(
    await choose(
      begun,
      'panel-combine-panels',
      ['Panel 29', 'Panel 30'].map((label) => optionFor(begun, 'panel-combine-panels', label)),
    ),
  );
  const two = await turn(one, 'panel-combine-page', 'Older');
  expect(labels(two, 'panel-combine-panels')).toEqual(expect.arrayContaining(['Panel 1', 'Panel 29', 'Panel 30']));
});
