import { afterAll, beforeAll, expect, it } from 'vitest';
import { sql } from '#runtime/postgres.ts';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { covers } from '#test/harness/covers.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { readPanel } from '#tickets/store/panel.ts';
import { type Browser, type Fixture, newId, startFixture } from './fixture.ts';
import { openedTicket } from './fixture-tickets.ts';

const { pool, url } = await testDatabase();
const { client } = await testClickhouse();

let f: Fixture;
let guild: { id: string; ownerId: string };
let other: { id: string; ownerId: string };
let owner: Browser;
const [channel, category, role, transcripts] = [newId(), newId(), newId(), newId()];
const emojiId = newId();

beforeAll(async () => {
  f = await startFixture({ pool, url, clickhouse: client });
  guild = await f.addGuild();
  other = await f.addGuild();
  owner = await f.signIn(guild.ownerId, [guild.id]);
  f.discord.addChannel(guild.id, channel, 0, 'desk');
  f.discord.addChannel(guild.id, transcripts, 0, 'transcripts');
  f.discord.addChannel(guild.id, category, 4, 'Tickets');
  f.discord.addRole(guild.id, role);
  f.discord.addEmoji(guild.id, emojiId, 'docket');
});
afterAll(() => f.app.close());

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
async function ask(method: Method, path: string, body?: object, version?: number | string) {
  const tag = typeof version === 'number' ? `"${version}"` : version;
  const answer = await f.app.inject({
    method,
    url: `/api/guilds/${guild.id}/${path}`,
    headers: { cookie: owner.cookie, 'x-csrf-token': owner.csrf, ...(tag !== undefined && { 'if-match': tag }) },
    ...(body && { payload: body }),
  });
  return { status: answer.statusCode, body: answer.json(), tag: answer.headers.etag };
}
const make = async (body: object = {}) => (await ask('POST', 'panels', { channelId: channel, ...body })).body;
const field = (label: string, more: object = {}) => ({
  label,
  style: 'short',
  isRequired: true,
  placeholder: null,
  minLength: null,
  maxLength: null,
  ...more,
});
const jobs = () => pool.query<{ key: string }>(sql`select key from graphile_worker.jobs where key like 'panel:%'`);

it('makes a panel from a channel alone: everything else has its default', async () => {
  covers('1.4-01', 'api');
  covers('1.4-13', 'api');
  for (const blank of [{}, { title: '', content: '', buttonLabel: '', welcome: '', buttonEmoji: '' }]) {
    const { panel, panelMessage } = await make(blank);
    expect(panel).toMatchObject({ name: 'Open a ticket!', buttonLabel: 'Open a ticket', welcome: null, formId: null });
    expect(panel.teamIds).toHaveLength(1);
    expect(panelMessage).toMatchObject({
      title: 'Open a ticket!',
      colour: '#252B4C',
      status: 'waiting',
      layout: 'buttons',
    });
    expect((await jobs()).map(({ key }) => key)).toContain(`panel:${panelMessage.id}`);
  }
});

it('offers panels to begin with, and makes them with their questions', async () => {
  covers('1.16-02');
  const { presets } = (await ask('GET', 'panel-presets')).body;
  expect(presets.map((one: { id: string }) => one.id)).toEqual(['technical', 'account', 'billing']);
  const { panel, panelMessage } = await make({ preset: 'billing', title: 'Money' });
  expect(panel).toMatchObject({ name: 'Billing inquiries', buttonEmoji: '💳', form: { name: 'Billing inquiries' } });
  expect(panelMessage).toMatchObject({ title: 'Money' });
  const form = (await ask('GET', `forms/${panel.formId}`)).body;
  expect(form.fields.map((one: { label: string }) => one.label)).toEqual(presets[2].questions);
});

it('keeps everything that a panel can say, and changes what a PATCH names', async () => {
  covers('1.4-05', 'api');
  covers('1.4-08', 'api');
  covers('1.4-09', 'api');
  covers('1.4-11', 'api');
  covers('1.4-12', 'api');
  covers('1.4-18', 'api');
  const { panel } = await make();
  const change = {
    categoryId: category,
    welcome: 'W'.repeat(4_096),
    welcomeTitle: 'Hello',
    welcomeColour: '#00FF7F',
    welcomeImageUrl: 'https://cdn.example/Big.PNG?x=1',
    welcomeThumbnailUrl: 'https://cdn.example/small.png',
    welcomeFooter: 'F',
    naming: 'help-%id%',
    claimButton: false,
    requiredRoleIds: [role],
    mentions: [
      { id: role, kind: 'role' },
      { id: guild.ownerId, kind: 'user' },
    ],
    mode: 'thread',
    overflowCategoryIds: [category],
    maxOpen: 7,
    buttonEmoji: ':envelope_with_arrow:',
    buttonStyle: 'danger',
    description: 'About it',
  };
  const changed = await ask('PATCH', `panels/${panel.id}`, change, 1);
  expect(changed).toMatchObject({ status: 200, tag: '"2"' });
  expect(changed.body).toMatchObject({ ...change, buttonEmoji: '📩', version: 2 });
  expect((await ask('GET', `panels/${panel.id}`)).body).toEqual(changed.body);
  expect(await readPanel(pool, guild.id, panel.id)).toMatchObject({ welcomeColour: 0x00ff7f, requiredRoleIds: [role] });
  const cleared = await ask('PATCH', `panels/${panel.id}`, { welcome: '', categoryId: null, mentions: [] }, 2);
  expect(cleared.body).toMatchObject({ welcome: null, categoryId: null, mentions: [], naming: 'help-%id%' });
  const [audit] = await pool.query<{ data: object }>(sql`
    select data from audit where guild_id = ${guild.id} and action = 'panel.changed' order by id desc limit 1`);
  expect(audit?.data).toMatchObject({ before: { categoryId: category }, after: { categoryId: null } });
});

it('takes an emoji pasted, by name, or of the server’s own, and no other', async () => {
  const wanted = [
    ['📩', '📩'],
    ['envelope_with_arrow', '📩'],
    ['✉', '✉️'],
    [':flag_jp:', '🇯🇵'],
    [emojiId, `<:docket:${emojiId}>`],
    ['docket', `<:docket:${emojiId}>`],
    [`<:other:${emojiId}>`, `<:docket:${emojiId}>`],
  ];
  for (const [given, kept] of wanted) {
    const { panel } = await make({ buttonEmoji: given });
    expect([given, panel?.buttonEmoji]).toEqual([given, kept]);
  }
  for (const given of ['📩📩', 'no_such_emoji', '<:docket:123456789012345678>', 'constructor', '‮📩', ' ']) {
    const answer = await ask('POST', 'panels', { channelId: channel, buttonEmoji: given });
    expect([given, answer.status, answer.body.errors?.[0]?.field]).toEqual([given, 422, 'buttonEmoji']);
  }
});

it('names the field and the fix of each text that does not fit: over, far over, blank, broken', async () => {
  const bounds = { title: 255, content: 4_096, text: 2_000, name: 45, buttonLabel: 80, description: 100, naming: 100 };
  for (const [name, max] of Object.entries(bounds)) {
    expect([name, (await ask('POST', 'panels', { channelId: channel, [name]: 'x'.repeat(max) })).status]).toEqual([
      name,
      200,
    ]);
    for (const value of ['x'.repeat(max + 1), 'x'.repeat(max * 10), '\u200B\u2060', ' \n ', 'a\u0000b', '\uD800']) {
      const { status, body } = await ask('POST', 'panels', { channelId: channel, [name]: value });
      expect([name, status >= 400 && status < 500, body.errors?.[0]?.field]).toEqual([name, true, name]);
    }
  }
  const full = { channelId: channel, title: 'x'.repeat(255), content: 'x'.repeat(4_096), footer: 'x'.repeat(2_000) };
  expect(await ask('POST', 'panels', full)).toMatchObject({ status: 422, body: { errors: [{ field: 'content' }] } });
  // Right to left, joined emoji and mentions are texts like any other.
  const { panel } = await make({ name: 'دعم 👨‍👩‍👧 @everyone', title: '<@&1> שלום' });
  expect(panel.name).toBe('دعم 👨‍👩‍👧 @everyone');
  for (const imageUrl of [
    'ftp://x.example/a.png',
    'https://x.example/a.jpg',
    'javascript:a.png',
    'https://a.png',
    'nonsense',
  ])
    expect([imageUrl, (await ask('POST', 'panels', { channelId: channel, imageUrl })).status]).toEqual([imageUrl, 422]);
});

it('takes a channel and a role that were made a moment ago', async () => {
  const { panel } = await make();
  const [newChannel, newRole] = [newId(), newId()];
  f.discord.addChannel(guild.id, newChannel, 0, 'new');
  expect((await make({ channelId: newChannel })).panelMessage).toMatchObject({ channelId: newChannel });
  f.discord.addRole(guild.id, newRole);
  const changed = await ask('PATCH', `panels/${panel.id}`, { requiredRoleIds: [newRole] }, 1);
  expect(changed.body).toMatchObject({ requiredRoleIds: [newRole] });
});

it('refuses ids that are not of the server, in every field', async () => {
  const theirRole = newId();
  f.discord.addRole(other.id, theirRole);
  const theirs = newId();
  f.discord.addChannel(other.id, theirs, 0);
  const theirCategory = newId();
  f.discord.addChannel(other.id, theirCategory, 4);
  const theirForm = await pool.query<{ id: number }>(
    sql`insert into form (guild_id, name, fields) values (${other.id}, 'Theirs', '[]') returning id`,
  );
  const theirTeam = await pool.query<{ id: number }>(sql`select id from team where guild_id = ${other.id}`);
  const { panel, panelMessage } = await make();
  const patches: [string, object][] = [
    ['categoryId', { categoryId: theirCategory }],
    ['categoryId', { categoryId: channel }],
    ['overflowCategoryIds', { overflowCategoryIds: [theirCategory] }],
    ['requiredRoleIds', { requiredRoleIds: [theirRole] }],
    ['requiredRoleIds', { requiredRoleIds: [guild.id] }],
    ['mentions', { mentions: [{ id: theirRole, kind: 'role' }] }],
    ['mentions', { mentions: [{ id: other.ownerId, kind: 'user' }] }],
    ['scheduleId', { scheduleId: 5_000 }],
  ];
  for (const [name, patch] of patches) {
    const { status, body } = await ask('PATCH', `panels/${panel.id}`, patch, 1);
    expect([name, status, body.errors?.[0]?.field]).toEqual([name, 422, name]);
  }
  const form = await ask('PATCH', `panels/${panel.id}`, { formId: theirForm[0]?.id }, 1);
  expect([form.status, form.body.code]).toEqual([404, 'form.unknown']);
  const team = await ask('PATCH', `panels/${panel.id}`, { teamIds: [theirTeam[0]?.id] }, 1);
  expect([team.status, team.body.code]).toEqual([404, 'team.unknown']);
  expect((await ask('PATCH', `panels/${panel.id}`, { teamIds: [] }, 1)).body.errors[0].field).toBe('teamIds');
  for (const channelId of [theirs, category, newId()]) {
    expect((await ask('POST', 'panels', { channelId })).body.errors?.[0]?.field).toBe('channelId');
    const moved = await ask('PATCH', `panel-messages/${panelMessage.id}`, { channelId }, 1);
    expect([moved.status, moved.body.errors?.[0]?.field]).toEqual([422, 'channelId']);
  }
  const shown = await ask('POST', 'panel-messages', { channelId: channel, panelIds: [panel.id, 5_000] });
  expect([shown.status, shown.body.code]).toEqual([404, 'panel.unknown']);
});

it('goes on when a role or category that it names was deleted in Discord', async () => {
  const gone = newId();
  f.discord.addRole(guild.id, gone);
  const { panel } = await make({ requiredRoleIds: [gone] });
  await pool.query(sql`update panel set required_role_ids = '{123456789012345678}' where id = ${panel.id}`);
  const kept = { requiredRoleIds: ['123456789012345678'], name: 'New name' };
  expect(await ask('PATCH', `panels/${panel.id}`, kept, 1)).toMatchObject({ status: 200, body: kept });
});

it('changes only what was read: without If-Match 428, with an old one 412', async () => {
  const { panel, panelMessage } = await make();
  for (const path of [`panels/${panel.id}`, `panel-messages/${panelMessage.id}`]) {
    const patch = path.startsWith('panels') ? { name: 'A' } : { title: 'A' };
    expect(await ask('PATCH', path, patch)).toMatchObject({ status: 428, body: { code: 'panel.condition-missing' } });
    expect((await ask('PATCH', path, patch, 1)).status).toBe(200);
    for (const tag of [1, '*', 'W/"2"', '"99999999999"'])
      expect(await ask('PATCH', path, patch, tag)).toMatchObject({ status: 412, body: { code: 'panel.stale' } });
    expect((await ask('DELETE', path, undefined, 1)).status).toBe(412);
  }
  // What changes nothing makes no new version.
  expect((await ask('PATCH', `panels/${panel.id}`, { name: 'A' }, 2)).body.version).toBe(2);
});

it('shows several panels in one message, edits, sends and deletes it', async () => {
  covers('1.4-02', 'api');
  const [a, b] = [(await make()).panel, (await make()).panel];
  const made = await ask('POST', 'panel-messages', { channelId: channel, panelIds: [b.id, a.id], layout: 'select' });
  expect(made.body).toMatchObject({ panelIds: [b.id, a.id], layout: 'select', title: 'Open a ticket!' });
  const path = `panel-messages/${made.body.id}`;
  const changed = await ask('PATCH', path, { panelIds: [a.id, b.id], placeholder: 'Choose', colour: '#ffffff' }, 1);
  expect(changed.body).toMatchObject({ panelIds: [a.id, b.id], placeholder: 'Choose', colour: '#FFFFFF', version: 2 });
  expect((await ask('POST', `${path}/send`)).body).toMatchObject({ id: made.body.id, status: 'waiting' });
  expect((await ask('POST', `panels/${a.id}/send`)).body.panelMessages).toHaveLength(2);
  const ids = Array.from({ length: 26 }, () => a.id);
  expect((await ask('PATCH', path, { panelIds: ids }, 2)).body.errors[0].field).toBe('panelIds');
  expect((await ask('PATCH', path, { panelIds: [a.id, a.id] }, 2)).body.errors[0].field).toBe('panelIds');
  expect((await ask('DELETE', path, undefined, 2)).body).toEqual({ id: made.body.id });
  expect((await ask('GET', path)).status).toBe(404);
  expect((await ask('DELETE', `panels/${a.id}`, undefined, 1)).status).toBe(200);
  const { panels } = (await ask('GET', 'panels')).body;
  expect(panels.some((one: { id: number }) => one.id === a.id)).toBe(false);
  expect((await ask('DELETE', `panels/${a.id}`, undefined, 2)).status).toBe(404);
});

it('never puts a panel into the transcripts channel', async () => {
  covers('1.4-04', 'api');
  const settings = JSON.stringify({ transcriptsChannel: transcripts });
  await pool.query(sql`update guild set settings = ${settings} where guild_id = ${guild.id}`);
  const refused = await ask('POST', 'panels', { channelId: transcripts });
  expect([refused.status, refused.body.errors[0].field]).toEqual([422, 'channelId']);
});

it('keeps forms of 1 to 5 inputs, and no form that a panel asks is deleted', async () => {
  covers('1.5-01', 'api');
  covers('1.5-02', 'api');
  covers('1.5-04', 'api');
  const inputs = ['One', 'Two', 'Three', 'Four', 'Five'].map((label) => field(label));
  for (const [count, status] of [
    [0, 422],
    [1, 200],
    [5, 200],
    [6, 422],
  ] as const) {
    const fields = [...inputs, field('Six')].slice(0, count);
    expect([count, (await ask('POST', 'forms', { name: 'F', fields })).status]).toEqual([count, status]);
  }
  const wrong = [
    [field('x'.repeat(46)), 'fields.0.label'],
    [field(' '), 'fields.1.label'],
    [field('x', { placeholder: 'x'.repeat(101) }), 'fields.0.placeholder'],
    [field('x', { minLength: 10, maxLength: 5 }), 'fields.1.minLength'],
    [field('x', { maxLength: 5_000 }), 'fields.0.maxLength'],
  ] as const;
  for (const [one, at] of wrong) {
    const { status, body } = await ask('POST', 'forms', { name: 'F', fields: [one] });
    expect([at, status >= 400, body.errors[0].field]).toEqual([at, true, at]);
  }
  const { body: form } = await ask('POST', 'forms', { name: 'Order', fields: inputs });
  const { panel: a } = await make({ name: 'A', formId: form.id });
  const { panel: b } = await make({ name: 'B', formId: form.id });
  const reordered = inputs.toReversed();
  const changed = await ask('PATCH', `forms/${form.id}`, { fields: reordered }, 1);
  expect(changed.body).toMatchObject({ version: 2, fields: reordered, panels: [{ name: 'A' }, { name: 'B' }] });
  expect((await ask('PATCH', `forms/${form.id}`, { name: 'X' }, 1)).body.code).toBe('form.stale');
  const refused = await ask('DELETE', `forms/${form.id}`, undefined, 2);
  expect([refused.status, refused.body.code, refused.body.title]).toEqual([
    409,
    'form.in-use',
    expect.stringContaining('A, B'),
  ]);
  await ask('PATCH', `panels/${a.id}`, { formId: null }, 1);
  await ask('DELETE', `panels/${b.id}`, undefined, 1);
  expect((await ask('DELETE', `forms/${form.id}`, undefined, 2)).status).toBe(200);
  const late = await ask('PATCH', `panels/${a.id}`, { formId: form.id }, 2);
  expect([late.status, late.body.code]).toEqual([404, 'form.unknown']);
});

it('makes, renames and deletes teams with their members; the Default team stays', async () => {
  covers('1.5-05', 'api');
  covers('1.5-06', 'api');
  covers('1.5-07', 'api');
  const { body: team } = await ask('POST', 'teams', { name: 'Billing' });
  expect(team).toMatchObject({ name: 'Billing', isDefault: false, members: [], panels: [], version: 1 });
  expect((await ask('POST', 'teams', { name: ' billing' })).body.code).toBe('team.present');
  const renamed = await ask('PATCH', `teams/${team.id}`, { name: 'Money' }, 1);
  expect(renamed.body).toMatchObject({ name: 'Money', version: 2 });
  const member = newId();
  f.discord.join(guild.id, member, { name: 'Ada' });
  await ask('PUT', `teams/${team.id}/members/${member}`, {});
  const both = await ask('PUT', `teams/${team.id}/members/${role}`, { level: 'support' });
  expect((await ask('PUT', `teams/${team.id}/members/${role}`, {})).status).toBe(200);
  expect(both.body.members).toEqual(
    expect.arrayContaining([
      { id: member, kind: 'user', level: 'support', name: 'Ada' },
      expect.objectContaining({ id: role, kind: 'role', level: 'support' }),
    ]),
  );
  for (const id of [newId(), other.ownerId, guild.id])
    expect((await ask('PUT', `teams/${team.id}/members/${id}`, {})).status).toBe(422);
  expect((await ask('DELETE', `teams/${team.id}/members/${member}`)).body.members).toHaveLength(1);
  expect((await ask('DELETE', `teams/${team.id}/members/${member}`)).body.code).toBe('staff.absent');

  const { panel } = await make({ name: 'Refunds', teamIds: [team.id] });
  const used = await ask('DELETE', `teams/${team.id}`, undefined, 2);
  expect([used.status, used.body.code, used.body.title]).toEqual([
    409,
    'team.in-use',
    expect.stringContaining('Refunds'),
  ]);
  await openedTicket(f, guild.id, { panelId: panel.id });
  await ask('DELETE', `panels/${panel.id}`, undefined, 1);
  const working = await ask('DELETE', `teams/${team.id}`, undefined, 2);
  expect([working.status, working.body.code]).toEqual([409, 'team.working']);
  await pool.query(sql`update ticket set state = 'closed' where guild_id = ${guild.id}`);
  expect((await ask('DELETE', `teams/${team.id}`, undefined, 2)).status).toBe(200);
  const { teams } = (await ask('GET', 'teams')).body;
  const standard = teams.find((one: { isDefault: boolean }) => one.isDefault);
  const kept = await ask('DELETE', `teams/${standard.id}`, undefined, standard.version);
  expect([kept.status, kept.body.code]).toEqual([409, 'team.default']);
});

it('gives three panels to a server without premium, however many ask at once', async () => {
  covers('1.4-19', 'api');
  const poor = await startFixture({ pool, url, clickhouse: client, premium: 'entitled' });
  try {
    const { id, ownerId } = await poor.addGuild();
    poor.discord.addChannel(id, channel, 0);
    const browser = await poor.signIn(ownerId, [id]);
    const post = () =>
      poor.app.inject({
        method: 'POST',
        url: `/api/guilds/${id}/panels`,
        headers: { cookie: browser.cookie, 'x-csrf-token': browser.csrf },
        payload: { channelId: channel },
      });
    const answers = await Promise.all(Array.from({ length: 6 }, post));
    expect(answers.map((answer) => answer.statusCode).toSorted((a, b) => a - b)).toEqual([
      200, 200, 200, 409, 409, 409,
    ]);
    expect(answers.find((answer) => answer.statusCode === 409)?.json()).toMatchObject({ code: 'panel.limit' });
    await pool.query(sql`update guild set entitled_until = now() + interval '1 day' where guild_id = ${id}`);
    expect((await post()).statusCode).toBe(200);
  } finally {
    await poor.app.close();
  }
});
