import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { scheduleLimit } from '#tickets/schedule-bounds.ts';
import { covers } from '#test/harness/covers.ts';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { type Browser, type Fixture, headersOf, newId, startFixture } from './fixture.ts';

const { pool, url } = await testDatabase();
const { client } = await testClickhouse();
const now = Date.UTC(2026, 5, 1, 12, 30, 20); // a Monday

let f: Fixture;
let guild: { id: string; ownerId: string };
let owner: Browser;
let path: string;

beforeAll(async () => {
  f = await startFixture({ pool, url, clickhouse: client, now: () => now });
});
beforeEach(async () => {
  guild = await f.addGuild();
  owner = await f.signIn(guild.ownerId, [guild.id]);
  path = `/api/guilds/${guild.id}/schedules`;
});
afterAll(() => f.app.close());

const send = (method: 'POST' | 'PATCH' | 'DELETE', at: string, body?: object, etag?: string) =>
  f.app.inject({
    method,
    url: at,
    headers: { ...headersOf(owner), 'x-csrf-token': owner.csrf, ...(etag !== undefined && { 'if-match': etag }) },
    ...(body && { payload: body }),
  });
const weekdays = [1, 2, 3, 4, 5].map((day) => ({ day, from: 540, to: 1_020 }));
const desk = { name: 'Desk', timeZone: 'Europe/Berlin', hours: weekdays, holidays: [] };
const make = async (body: object = desk) => {
  const answer = await send('POST', path, body);
  expect([answer.statusCode, answer.body]).toEqual([200, expect.any(String)]);
  return { ...answer.json(), etag: String(answer.headers.etag) } as { id: number; etag: string };
};

describe('office hours', () => {
  it('are made, listed and read', async () => {
    covers('1.3-45', 'api');
    const { id, etag } = await make();
    const expected = {
      id,
      name: 'Desk',
      version: 1,
      isOpen: true,
      nextOpening: '2026-06-01T12:30:20.000Z',
      versions: [{ validFrom: '2026-06-01T12:30:20.000Z', timeZone: 'Europe/Berlin', hours: weekdays, holidays: [] }],
    };
    expect((await f.get(path, owner)).json()).toEqual({ schedules: [expected] });
    const one = await f.get(`${path}/${id}`, owner);
    expect([one.json(), one.headers.etag]).toEqual([expected, etag]);
  });

  it('change from a full minute on that is not here yet, or from a moment that was asked for', async () => {
    const { id, etag } = await make();
    const soon = await send('PATCH', `${path}/${id}`, { timeZone: 'Asia/Tokyo' }, etag);
    expect(soon.json().versions).toMatchObject([
      { timeZone: 'Europe/Berlin' },
      { validFrom: '2026-06-01T12:32:00.000Z', timeZone: 'Asia/Tokyo', hours: weekdays },
    ]);
    const holidays = [{ date: '2026-12-25', name: 'Christmas' }];
    const from = '2026-12-01T00:00:00+01:00';
    const later = await send('PATCH', `${path}/${id}`, { holidays, from }, String(soon.headers.etag));
    expect(later.json().versions.slice(2)).toEqual([
      { validFrom: '2026-11-30T23:00:00.000Z', timeZone: 'Asia/Tokyo', hours: weekdays, holidays },
    ]);
    const past = await send(
      'PATCH',
      `${path}/${id}`,
      { hours: [], from: '2026-05-01T00:00:00Z' },
      String(later.headers.etag),
    );
    expect([past.statusCode, past.json().errors[0].field]).toEqual([422, 'from']);
  });

  it('refuse a change from an older version, or from none', async () => {
    const { id, etag } = await make();
    await send('PATCH', `${path}/${id}`, { name: 'Other' }, etag);
    const stale = await send('PATCH', `${path}/${id}`, { name: 'Third' }, etag);
    expect([stale.statusCode, stale.json().code]).toEqual([412, 'schedule.stale']);
    expect((await send('PATCH', `${path}/${id}`, { name: 'Third' })).statusCode).toBe(428);
    expect((await send('DELETE', `${path}/${id}`, undefined, etag)).statusCode).toBe(412);
  });

  it('have names of their own, and a limit', async () => {
    await make();
    const same = await send('POST', path, { ...desk, name: 'desk' });
    expect([same.statusCode, same.json().code]).toEqual([409, 'schedule.present']);
    const { id, etag } = await make({ ...desk, name: 'Night' });
    expect((await send('PATCH', `${path}/${id}`, { name: 'DESK' }, etag)).json().code).toBe('schedule.present');
    for (let held = 2; held < scheduleLimit; held++) await make({ ...desk, name: `Desk ${held}` });
    const more = await send('POST', path, { ...desk, name: 'One more' });
    expect([more.statusCode, more.json().code]).toEqual([409, 'schedule.limit']);
  });

  it.each<[string, object, string]>([
    ['a zone that is none', { timeZone: 'Mars/Olympus' }, 'timeZone'],
    ['an offset for a zone', { timeZone: '+02:00' }, 'timeZone'],
    ['a range that ends where it begins', { hours: [{ day: 1, from: 60, to: 60 }] }, 'hours'],
    ['a range twice', { hours: [weekdays[0], weekdays[0]] }, 'hours'],
    ['a date that is none', { holidays: [{ date: '2026-02-30', name: 'x' }] }, 'holidays'],
    ['a date twice', { holidays: [1, 2].map((n) => ({ date: '2026-02-03', name: `${n}` })) }, 'holidays'],
    ['half a span', { holidays: [{ date: '2026-02-03', name: 'x', from: 60 }] }, 'holidays'],
    ['an invisible name', { name: '\u200b' }, 'name'],
    ['a broken name of a holiday', { holidays: [{ date: '2026-02-03', name: '\ud800' }] }, 'holidays'],
  ])('refuse %s', async (_, part, field) => {
    const answer = await send('POST', path, { ...desk, ...part });
    expect([answer.statusCode, answer.json().errors?.[0]?.field]).toEqual([422, field]);
  });

  it('refuse what their schema does not know', async () => {
    for (const body of [
      { ...desk, more: 1 },
      { ...desk, hours: [{ day: 8, from: 0, to: 5 }] },
      { ...desk, name: 'x'.repeat(51) },
    ])
      expect((await send('POST', path, body)).statusCode).toBe(400);
  });

  it('are not deleted while the server follows them, and are gone afterwards', async () => {
    const { id, etag } = await make();
    const settings = `/api/guilds/${guild.id}/settings`;
    const chosen = await f.patch(
      settings,
      owner,
      { schedule: id },
      { 'if-match': String((await f.get(settings, owner)).headers.etag) },
    );
    expect(chosen.statusCode).toBe(200);
    const used = await send('DELETE', `${path}/${id}`, undefined, etag);
    expect([used.statusCode, used.json().code]).toEqual([409, 'schedule.in-use']);
    await f.patch(settings, owner, { schedule: null }, { 'if-match': String(chosen.headers.etag) });
    expect((await send('DELETE', `${path}/${id}`, undefined, etag)).json()).toEqual({ deleted: true });
    expect((await f.get(`${path}/${id}`, owner)).statusCode).toBe(404);
    expect((await f.get(path, owner)).json()).toEqual({ schedules: [] });
  });

  it('are noted in the audit log, and for admins only', async () => {
    const { id, etag } = await make();
    await send('PATCH', `${path}/${id}`, { name: 'Other', hours: [] }, etag);
    const { entries } = (await f.get(`/api/guilds/${guild.id}/audit`, owner)).json();
    expect(entries.map((one: { action: string }) => one.action)).toEqual(['schedule.changed', 'schedule.created']);
    expect(entries[0].data).toMatchObject({
      before: { name: 'Desk', hours: weekdays },
      after: { name: 'Other', hours: [] },
    });
    const member = newId();
    f.discord.join(guild.id, member);
    expect((await f.get(path, await f.signIn(member, [guild.id]))).statusCode).toBe(403);
  });
});
