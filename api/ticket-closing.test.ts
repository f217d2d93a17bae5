import { afterAll, beforeAll, expect, test } from 'vitest';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { covers } from '#test/harness/covers.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { closeNextBatch } from '#tickets/actions/bulk-close.ts';
import { type Browser, type Fixture, headersOf, newId, startFixture } from './fixture.ts';
import { addTeam, ctxOf, openedTicket } from './fixture-tickets.ts';

const { pool, url } = await testDatabase();
const { client } = await testClickhouse();
let f: Fixture;
let guild: { id: string; ownerId: string };
let panelId: number;
const ids = { support: '', opener: '', stranger: '' };
const browsers = {} as Record<keyof typeof ids | 'owner', Browser>;

beforeAll(async () => {
  f = await startFixture({ pool, url, clickhouse: client });
  guild = await f.addGuild();
  for (const kind of ['support', 'opener', 'stranger'] as const) {
    ids[kind] = newId();
    f.discord.join(guild.id, ids[kind], { name: kind });
    browsers[kind] = await f.signIn(ids[kind], [guild.id]);
  }
  browsers.owner = await f.signIn(guild.ownerId, [guild.id]);
  ({ panelId } = await addTeam(f, guild.id, { name: 'Ours', staffIds: [ids.support] }));
});
afterAll(() => f.app.close());

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT';
async function send(kind: keyof typeof browsers, method: Method, path: string, payload?: object, headers = {}) {
  const browser = browsers[kind];
  const answer = await f.app.inject({
    method,
    url: `/api/guilds/${guild.id}/tickets${path}`,
    headers: { ...headersOf(browser), 'x-csrf-token': browser.csrf, ...headers },
    ...(payload && { payload }),
  });
  const body = answer.json() as Record<string, unknown>;
  return { status: answer.statusCode, body, code: body.code, etag: String(answer.headers.etag) };
}
const open = async () => `/${(await openedTicket(f, guild.id, { openerId: ids.opener, panelId })).id}`;

test('a ticket is closed, with or without a reason, by those who may; the reason is written anew from what was seen', async () => {
  covers('1.7-03', 'api');
  const path = await open();
  expect(await send('stranger', 'POST', `${path}/close`, {})).toMatchObject({ status: 404 });
  expect(await send('support', 'POST', `${path}/close`, { reason: 'x'.repeat(1_025) })).toMatchObject({ status: 400 });
  const closed = await send('support', 'POST', `${path}/close`, { reason: 'Done' });
  expect(closed).toMatchObject({ status: 200, body: { state: 'closed', closeReason: 'Done', nextAction: null } });
  expect(await send('support', 'POST', `${path}/close`, {})).toMatchObject({ status: 409, code: 'ticket.closed' });
  const { etag } = await send('support', 'GET', path);
  const amend = (kind: keyof typeof browsers, tag: string | null, reason: string | null) =>
    send(kind, 'PATCH', `${path}/close-reason`, { reason }, tag === null ? {} : { 'if-match': tag });
  expect(await amend('opener', etag, 'Mine')).toMatchObject({ status: 403, code: 'reason.not-allowed' });
  expect((await amend('support', null, 'Refund')).status).toBe(428);
  expect(await amend('support', etag, 'Refund')).toMatchObject({ status: 200, body: { closeReason: 'Refund' } });
  expect(await amend('owner', etag, 'Again')).toMatchObject({ status: 412, code: 'ticket.stale' });
  const plain = await open();
  expect(await send('opener', 'POST', `${plain}/close`, {})).toMatchObject({
    status: 200,
    body: { closeReason: null },
  });
});

test('a close request, its answers, an exclusion, and what happens next are told and changed', async () => {
  const path = await open();
  expect(await send('opener', 'POST', `${path}/close-request`, {})).toMatchObject({ status: 403 });
  const asked = await send('support', 'POST', `${path}/close-request`, { delayHours: 2, reason: 'Settled' });
  expect(asked.body).toMatchObject({
    closeRequest: { by: ids.support, reason: 'Settled' },
    nextAction: { kind: 'close-request' },
  });
  expect((await send('opener', 'GET', path)).body).toMatchObject({
    isExcluded: false,
    nextAction: { kind: 'close-request' },
  });
  for (const _ of [1, 2])
    expect((await send('support', 'PUT', `${path}/exclusion`)).body).toMatchObject({
      isExcluded: true,
      nextAction: null,
    });
  expect((await send('support', 'DELETE', `${path}/exclusion`)).body).toMatchObject({ isExcluded: false });
  for (const _ of [1, 2])
    expect((await send('opener', 'DELETE', `${path}/close-request`)).body).toMatchObject({ closeRequest: null });
  expect(await send('opener', 'POST', `${path}/close-request/accept`)).toMatchObject({ code: 'close-request.none' });
  await send('support', 'POST', `${path}/close-request`, { reason: 'Really' });
  expect(await send('owner', 'POST', `${path}/close-request/accept`)).toMatchObject({
    code: 'close-request.not-opener',
  });
  const accepted = await send('opener', 'POST', `${path}/close-request/accept`);
  expect(accepted.body).toMatchObject({ state: 'closed', closeReason: 'Really' });
});

test('many are previewed, then closed as shown; how far it is can be asked', async () => {
  covers('1.2-31', 'api');
  const path = await open();
  expect(await send('support', 'POST', '/close', { preview: true })).toMatchObject({ status: 403 });
  expect(await send('owner', 'POST', '/close', { preview: false })).toMatchObject({ status: 422 });
  const { body } = await send('owner', 'POST', '/close', { preview: true, panelId });
  expect(body).toMatchObject({ state: 'preview', total: 1, tickets: [{ id: Number(path.slice(1)) }] });
  const run = { preview: false, id: body.id };
  for (const _ of [1, 2])
    expect((await send('owner', 'POST', '/close', run)).body).toMatchObject({ state: 'running', closed: 0 });
  await closeNextBatch(ctxOf(f), guild.id, Number(body.id));
  const after = await send('owner', 'GET', `/close/${String(body.id)}`);
  expect(after.body).toMatchObject({ state: 'done', total: 1, done: 1, closed: 1 });
  expect((await send('owner', 'POST', '/close', { preview: true, panelId })).code).toBe('bulk.none');
});
