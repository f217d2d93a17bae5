import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql } from '#runtime/postgres.ts';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { covers } from '#test/harness/covers.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { recordMessages } from '#tickets/actions/record-messages.ts';
import { setSettings } from '#tickets/actions/set-settings.ts';
import { type Browser, type Fixture, headersOf, newId, startFixture } from './fixture.ts';
import { actor, addTeam, ctxOf, keptFile, openedTicket } from './fixture-tickets.ts';

const { pool, url } = await testDatabase();
const { client } = await testClickhouse();

let f: Fixture;
let guild: { id: string; ownerId: string };
let team: { teamId: number; panelId: number };
let other: { teamId: number; panelId: number };
const ids = { claimer: '', support: '', otherSupport: '', admin: '', opener: '', added: '', stranger: '' };
type Kind = keyof typeof ids | 'owner';
const browsers = {} as Record<Kind, Browser>;

beforeAll(async () => {
  f = await startFixture({ pool, url, clickhouse: client });
  guild = await f.addGuild();
  for (const kind of Object.keys(ids) as (keyof typeof ids)[]) {
    ids[kind] = newId();
    f.discord.join(guild.id, ids[kind], { name: kind });
  }
  team = await addTeam(f, guild.id, { name: 'Ours', staffIds: [ids.claimer, ids.support] });
  other = await addTeam(f, guild.id, { name: 'Other', staffIds: [ids.otherSupport] });
  await pool.query(sql`
    insert into team_member (guild_id, team_id, subject_id, subject_kind, level)
    select guild_id, id, ${ids.admin}, 'user', 'admin' from team where guild_id = ${guild.id} and is_default`);
  for (const kind of Object.keys(ids) as (keyof typeof ids)[]) browsers[kind] = await f.signIn(ids[kind], [guild.id]);
  browsers.owner = await f.signIn(guild.ownerId, [guild.id]);
  const patch = { openTicketsPerUser: null };
  await setSettings(ctxOf(f), guild.id, { by: { ...actor(guild.ownerId), isOwner: true }, patch });
});
afterAll(() => f.app.close());

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
async function send(kind: Kind, method: Method, path: string, payload?: object, headers: Record<string, string> = {}) {
  const browser = browsers[kind];
  const answer = await f.app.inject({
    method,
    url: `/api/guilds/${guild.id}${path}`,
    headers: { ...headersOf(browser), 'x-csrf-token': browser.csrf, ...headers },
    ...(payload && { payload }),
  });
  return {
    status: answer.statusCode,
    body: answer.json() as Record<string, unknown>,
    etag: String(answer.headers.etag),
  };
}
/** A ticket of our team that somebody was added to; claimed unless said otherwise. */
async function ticket(isClaimed = true): Promise<string> {
  const { id } = await openedTicket(f, guild.id, { openerId: ids.opener, panelId: team.panelId });
  const path = `/tickets/${id}`;
  await send('owner', 'POST', `${path}/members`, { userId: ids.added });
  if (isClaimed) expect((await send('claimer', 'POST', `${path}/claim`)).status).toBe(200);
  return path;
}
const changesOf = async (path: string) =>
  ((await send('owner', 'GET', `${path}/history`)).body.changes as { name: string }[]).map(({ name }) => name);

describe('who may do what to a ticket', () => {
  const kinds: Kind[] = ['owner', 'admin', 'claimer', 'support', 'otherSupport', 'opener', 'added', 'stranger'];
  // In this order. What somebody may not even see is not there for them.
  const work = [200, 200, 200, 200, 404, 403, 403, 404];
  const acts: [string, (path: string) => [Method, string, object?], number[], boolean][] = [
    ['claim a free one', (path) => ['POST', `${path}/claim`], work, false],
    ['claim what another holds', (path) => ['POST', `${path}/claim`], [409, 409, 200, 409, 404, 403, 403, 404], true],
    ['give back', (path) => ['POST', `${path}/unclaim`], [200, 200, 200, 403, 404, 403, 403, 404], true],
    ['assign a free one', (path) => ['POST', `${path}/assign`, { userId: ids.support }], work, false],
    [
      'pass on what another holds',
      (path) => ['POST', `${path}/assign`, { userId: ids.support }],
      [200, 200, 200, 403, 404, 403, 403, 404],
      true,
    ],
    ['switch the panel', (path) => ['POST', `${path}/switch-panel`, { panelId: other.panelId }], work, true],
    ['rename', (path) => ['POST', `${path}/rename`, { name: 'vip' }], work, true],
    [
      'add',
      (path) => ['POST', `${path}/members`, { userId: ids.stranger }],
      [200, 200, 200, 200, 404, 200, 403, 404],
      true,
    ],
    ['remove', (path) => ['DELETE', `${path}/members/${ids.added}`], [200, 200, 200, 200, 404, 200, 403, 404], true],
    ['read its history', (path) => ['GET', `${path}/history`], [200, 200, 200, 200, 404, 200, 200, 404], true],
  ];

  it.each(acts)('%s', async (_, act, expected, isClaimed) => {
    const statuses: number[] = [];
    for (const kind of kinds) statuses.push((await send(kind, ...act(await ticket(isClaimed)))).status);
    expect(statuses).toEqual(expected);
  });

  it('edit, with the version that they read', async () => {
    const statuses: number[] = [];
    for (const kind of kinds) {
      const path = await ticket();
      const { etag } = await send('owner', 'GET', path);
      statuses.push((await send(kind, 'PATCH', path, { priority: 'high' }, { 'if-match': etag })).status);
    }
    expect(statuses).toEqual(work);
  });
});

describe('an act on a ticket', () => {
  it('that is sent again changes nothing twice', async () => {
    const path = await ticket(false);
    const repeated: [Method, string, object?][] = [
      ['POST', `${path}/claim`],
      ['POST', `${path}/assign`, { userId: ids.support }],
      ['POST', `${path}/rename`, { name: ' vip\n12 ' }],
      ['POST', `${path}/switch-panel`, { panelId: other.panelId }],
      ['POST', `${path}/members`, { userId: ids.stranger }],
      ['DELETE', `${path}/members/${ids.stranger}`],
      ['POST', `${path}/unclaim`],
    ];
    for (const [method, url, body] of repeated) {
      const [once, twice] = [await send('owner', method, url, body), await send('owner', method, url, body)];
      expect([url, once.status, twice.status]).toEqual([url, 200, 200]);
      expect(twice.body).toEqual(once.body);
    }
    expect(await changesOf(path)).toEqual([
      'opened',
      'member_added',
      'claimed',
      'assigned',
      'renamed',
      'panel_switched',
      'member_added',
      'member_removed',
      'released',
    ]);
  });

  it('names what is wrong with its input', async () => {
    const path = await ticket();
    const codes = async (...answers: Promise<{ body: Record<string, unknown> }>[]) =>
      (await Promise.all(answers)).map(({ body }) => body.code);
    expect(
      await codes(
        send('owner', 'POST', `${path}/assign`, { userId: ids.otherSupport }),
        send('owner', 'POST', `${path}/assign`, { userId: newId() }),
        send('owner', 'POST', `${path}/switch-panel`, { panelId: 999_999_999 }),
        send('owner', 'POST', `${path}/rename`, { name: '\u200b \u2800' }),
        send('owner', 'POST', `${path}/rename`, { name: 'x'.repeat(101) }),
        send('owner', 'POST', `${path}/members`, { userId: newId() }),
        send('owner', 'POST', `${path}/members`, { userId: ids.opener }),
        send('owner', 'POST', `${path}/assign`, { userId: ids.support, more: 1 }),
      ),
    ).toEqual([
      'assign.not-staff',
      'assign.not-staff',
      'panel.unknown',
      'input.invalid',
      'input.invalid',
      'member.unknown',
      'member.opener',
      'request.invalid',
    ]);
    expect((await send('owner', 'POST', `${path}/rename`, { name: '🎟️ עברית' })).body.name).toBe('🎟️ עברית');
    expect((await send('owner', 'POST', `${path}/rename`, { name: null })).body.name).toBeNull();
  });

  it('gives whoever held it last the figures from then on', async () => {
    const path = await ticket();
    const given = await send('owner', 'POST', `${path}/assign`, { userId: ids.support });
    expect(given.body.claimedBy).toBe(ids.support);
    const [row] = await pool.query<{ owner: string }>(sql`
      select row ->> 'owner_id' as owner from outbox where guild_id = ${guild.id} and row ->> 'name' = 'ticket.assigned'
      order by id desc limit 1`);
    expect(row?.owner).toBe(ids.support);
  });
});

describe('priority, topic and labels', () => {
  it('are changed together, by whoever has seen the last change; a message between changes nothing about that', async () => {
    covers('1.2-29');
    covers('1.2-30');
    const label = await send('admin', 'POST', '/labels', { name: 'Refund', colour: 0xff0000 });
    const opened = await openedTicket(f, guild.id, { openerId: ids.opener, panelId: team.panelId });
    const path = `/tickets/${opened.id}`;
    const { etag } = await send('support', 'GET', path);
    await keptFile(f, opened, { isKept: false }); // a message
    const patch = { priority: 'urgent', topic: 'Money <b>back</b>', labelIds: [label.body.id] };
    expect((await send('support', 'PATCH', path, patch)).body.code).toBe('ticket.condition-missing');
    const edited = await send('support', 'PATCH', path, patch, { 'if-match': etag });
    expect([edited.status, edited.body]).toMatchObject([200, { ...patch }]);
    expect((await send('owner', 'PATCH', path, { priority: 'low' }, { 'if-match': etag })).body.code).toBe(
      'ticket.stale',
    );
    expect((await send('owner', 'PATCH', path, { labelIds: [] }, { 'if-match': edited.etag })).status).toBe(200);
    const seen = (await send('opener', 'GET', path)).body;
    expect(seen).toMatchObject({ priority: 'urgent', topic: 'Money <b>back</b>', labels: [] });
    expect((seen.history as object[]).slice(-4)).toMatchObject([
      { name: 'priority_set', before: 'normal', after: 'urgent', actor: { id: ids.support } },
      { name: 'topic_set', before: null, after: 'Money <b>back</b>' },
      { name: 'labels_set', before: '', after: 'Refund' },
      { name: 'labels_set', before: 'Refund', after: '' },
    ]);
    const rows = await pool.query<{ labels: number[]; priority: string }>(sql`
      select row -> 'labels' as labels, row ->> 'priority' as priority from outbox
      where guild_id = ${guild.id} and kind = 'ticket' order by id desc limit 2`);
    expect(rows).toEqual([
      { labels: [], priority: 'urgent' },
      { labels: [label.body.id], priority: 'urgent' },
    ]);
  });

  it('take no label of another server, none that is deleted, and no change that is half wrong', async () => {
    const path = await ticket();
    const { etag } = await send('owner', 'GET', path);
    const edit = (patch: object) => send('owner', 'PATCH', path, patch, { 'if-match': etag });
    const gone = await send('owner', 'POST', '/labels', { name: 'Gone' });
    await send('owner', 'DELETE', `/labels/${String(gone.body.id)}`);
    expect((await edit({ priority: 'high', labelIds: [gone.body.id] })).body.code).toBe('label.unknown');
    expect((await edit({ priority: 'high', topic: 'x'.repeat(901) })).body.code).toBe('input.invalid');
    expect((await edit({ priority: 'huge' })).status).toBe(400);
    expect((await edit({})).status).toBe(400);
    expect((await send('owner', 'GET', path)).body.priority).toBe('normal');
  });
});

describe('labels', () => {
  it('are made and changed by admins, read by staff, and kept by tickets when they are deleted', async () => {
    expect((await send('support', 'POST', '/labels', { name: 'No' })).status).toBe(403);
    const made = await send('admin', 'POST', '/labels', { name: 'Bug' });
    expect(made.body).toMatchObject({ name: 'Bug', colour: 0x99aab5, version: 1 });
    expect((await send('admin', 'POST', '/labels', { name: 'bUG' })).body.code).toBe('label.present');
    const path = `/labels/${String(made.body.id)}`;
    expect((await send('admin', 'PATCH', path, { name: 'Fault' }, { 'if-match': '"2"' })).body.code).toBe(
      'label.stale',
    );
    const changed = await send('admin', 'PATCH', path, { name: 'Fault', colour: 1 }, { 'if-match': '"1"' });
    expect(changed.body).toMatchObject({ name: 'Fault', colour: 1, version: 2 });
    const names = async () =>
      ((await send('support', 'GET', '/labels')).body.labels as { name: string }[]).map(({ name }) => name);
    expect(await names()).toContain('Fault');
    const one = await ticket();
    const { etag } = await send('owner', 'GET', one);
    await send('owner', 'PATCH', one, { labelIds: [made.body.id] }, { 'if-match': etag });
    expect((await send('admin', 'DELETE', path)).status).toBe(200);
    expect(await names()).not.toContain('Fault');
    expect((await send('owner', 'GET', one)).body.labels).toEqual([{ id: made.body.id, name: 'Fault' }]);
  });

  it('are a hundred at most', async () => {
    await pool.query(sql`
      insert into label (guild_id, name, colour) select ${guild.id}, 'n' || n, 0 from generate_series(1, 100) n`);
    expect((await send('owner', 'POST', '/labels', { name: 'One more' })).body.code).toBe('label.limit');
    await pool.query(sql`delete from label where guild_id = ${guild.id} and name ~ '^n[0-9]+$'`);
  });
});

it('log channels say why nothing arrives there', async () => {
  covers('1.3-25', 'api');
  const channelId = newId();
  f.discord.addChannel(guild.id, channelId, 0, 'log');
  const by = { ...actor(guild.ownerId), isOwner: true };
  await setSettings(ctxOf(f), guild.id, { by, patch: { logChannel: channelId } });
  await pool.query(sql`
    insert into log_problem (guild_id, channel_id, code, context, at)
    values (${guild.id}, ${channelId}, 'discord.channel-gone', '{}', now())`);
  const { body } = await send('admin', 'GET', '/logs');
  expect(body.channels).toMatchObject([
    { setting: 'logChannel', channelId, problem: 'The channel no longer exists.' },
    { setting: 'openedLogChannel', channelId: null, problem: null },
    { setting: 'closedLogChannel', channelId: null, problem: null },
  ]);
  expect((await send('support', 'GET', '/logs')).status).toBe(403);
});

it('a history is read page by page, and hides from its opener who closed it where the server says so', async () => {
  covers('1.16-04', 'api');
  const path = await ticket();
  const by = { ...actor(guild.ownerId), isOwner: true };
  await setSettings(ctxOf(f), guild.id, { by, patch: { hideCloser: true } });
  await pool.query(sql`
    insert into history (guild_id, ticket_id, version, name, at, actor_id, actor_kind, actor_team_ids, data)
    select guild_id, ticket_id, 99, 'closed', now(), ${ids.support}, 'staff', '{}', '{"askedAt": 0, "reason": "Done"}'
    from history where guild_id = ${guild.id} and ticket_id = ${Number(path.split('/')[2])} limit 1`);
  type Page = { changes: { name: string; actor: { id: string } | null }[]; next: number | null };
  const read = async (kind: Kind, query = '') => (await send(kind, 'GET', `${path}/history${query}`)).body as Page;
  const first = await read('owner', '?limit=2');
  const rest = await read('owner', `?after=${first.next}`);
  expect([...first.changes, ...rest.changes].map(({ name }) => name)).toEqual([
    'opened',
    'member_added',
    'claimed',
    'closed',
  ]);
  expect(rest.next).toBeNull();
  expect(rest.changes.at(-1)?.actor?.id).toBe(ids.support);
  expect((await read('opener')).changes.at(-1)?.actor).toBeNull();
});

it('messages of staff are counted for each of them, where the server wants that', async () => {
  covers('1.3-24', 'api');
  const opened = await openedTicket(f, guild.id, { openerId: ids.opener, panelId: team.panelId });
  const path = `/tickets/${opened.id}`;
  const write = (authorId: string) => ({
    guildId: guild.id,
    channelId: opened.channelId ?? '',
    ticketId: opened.id,
    id: newId(),
    authorId,
    isBot: false,
    roleIds: [],
    content: 'Words',
    attachments: [],
    nonce: null,
    at: f.deps.now(),
  });
  await recordMessages(ctxOf(f), [ids.support, ids.claimer, ids.support, ids.opener, ids.otherSupport].map(write));
  const counted = async () =>
    ((await send('owner', 'GET', path)).body.staffMessages as { user: { id: string }; count: number }[] | null)?.map(
      ({ user, count }) => [user.id, count],
    );
  expect(await counted()).toEqual([
    [ids.support, 2],
    [ids.claimer, 1],
  ]);
  const by = { ...actor(guild.ownerId), isOwner: true };
  await setSettings(ctxOf(f), guild.id, { by, patch: { countStaffMessages: false } });
  expect(await counted()).toBeUndefined();
});

it('a claimed ticket is counted as claimed, until it is given back', async () => {
  covers('1.6-07');
  const claimed = async () => {
    const { status } = (await send('owner', 'GET', '/analytics/overview')).body as { status: { claimed: number } };
    return status.claimed;
  };
  const before = await claimed();
  const path = await ticket();
  expect(await claimed()).toBe(before + 1);
  await send('owner', 'POST', `${path}/assign`, { userId: ids.support });
  expect(await claimed()).toBe(before + 1);
  await send('owner', 'POST', `${path}/unclaim`);
  expect(await claimed()).toBe(before);
});
