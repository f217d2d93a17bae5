import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { addStaff } from '#tickets/actions/add-staff.ts';
import { type Browser, type Fixture, headersOf, newId, startFixture } from './fixture.ts';
import { ctxOf } from './fixture-tickets.ts';

const { pool, url } = await testDatabase();
const { client } = await testClickhouse();

let f: Fixture;
let guild: { id: string; ownerId: string };
let owner: Browser;

beforeAll(async () => {
  f = await startFixture({ pool, url, clickhouse: client });
});
beforeEach(async () => {
  guild = await f.addGuild();
  owner = await f.signIn(guild.ownerId, [guild.id]);
});
afterAll(() => f.app.close());

const settingsPath = () => `/api/guilds/${guild.id}/settings`;
const change = async (body: object) => {
  const etag = String((await f.get(settingsPath(), owner)).headers.etag);
  const answer = await f.patch(settingsPath(), owner, body, { 'if-match': etag });
  expect(answer.statusCode, answer.body).toBe(200);
};
const page = async (query = '') => (await f.get(`/api/guilds/${guild.id}/audit${query}`, owner)).json();
const undo = (auditId: number | string, who = owner) =>
  f.app.inject({
    method: 'POST',
    url: `/api/guilds/${guild.id}/audit/${auditId}/undo`,
    headers: { ...headersOf(who), 'x-csrf-token': who.csrf },
  });
const overrides = async () => {
  const { settings, overrides: chosen } = (await f.get(settingsPath(), owner)).json();
  return Object.fromEntries(chosen.map((name: string) => [name, settings[name]]));
};

describe('the audit', () => {
  it('tells who changed what, before and after, newest first and page by page', async () => {
    await change({ feedback: true, openTicketsPerUser: 2 });
    await change({ openTicketsPerUser: 3 });
    await change({ reset: ['feedback'] });
    const actor = { id: guild.ownerId, name: 'Owner' };
    const all = (await page()).entries;
    expect(all).toMatchObject([
      { actor, action: 'settings.changed', data: { before: { feedback: true }, after: {} }, isUndoable: true },
      { actor, data: { before: { openTicketsPerUser: 2 }, after: { openTicketsPerUser: 3 } } },
      { actor, data: { before: {}, after: { feedback: true, openTicketsPerUser: 2 } } },
    ]);
    const first = await page('?limit=2');
    const second = await page(`?limit=2&cursor=${first.next}`);
    expect([...first.entries, ...second.entries]).toEqual(all);
    expect(second.next).toBeNull();
  });

  it('takes a change back, and that back again', async () => {
    await change({ feedback: true });
    await change({ feedback: false, openTicketsPerUser: null, autocloseInactive: 86_400_000 });
    const [entry] = (await page()).entries;
    await change({ usersCanClose: false });
    const undone = (await undo(entry.id)).json();
    expect(await overrides()).toEqual({ feedback: true, usersCanClose: false });
    expect((await page('?limit=1')).entries).toMatchObject([{ id: undone.auditId, data: { undoes: entry.id } }]);
    await undo(undone.auditId);
    expect(await overrides()).toEqual({
      feedback: false,
      openTicketsPerUser: null,
      autocloseInactive: 86_400_000,
      usersCanClose: false,
    });
  });

  it('refuses to take back what was changed again since, and what is of another kind', async () => {
    await change({ feedback: true, usersCanClose: false });
    const [entry] = (await page()).entries;
    await change({ feedback: false });
    const refused = await undo(entry.id);
    expect([refused.statusCode, refused.json().code]).toEqual([409, 'audit.superseded']);
    expect(refused.json().errors[0].field).toBe('feedback');
    expect(await overrides()).toEqual({ feedback: false, usersCanClose: false });
    // Changed back by hand it is as after the change again, so the change can be taken back.
    await change({ feedback: true });
    expect((await undo(entry.id)).statusCode).toBe(200);
    expect((await undo(entry.id)).json().code).toBe('audit.superseded');

    const by = { id: guild.ownerId, roleIds: [], isOwner: true, hasManageGuild: false };
    await addStaff(ctxOf(f), guild.id, { by, subjectId: newId(), subjectKind: 'user', level: 'support' });
    const [other] = (await page()).entries;
    expect(other).toMatchObject({ action: 'staff.added', isUndoable: false });
    expect((await undo(other.id)).json().code).toBe('audit.final');
    expect((await undo(999_999)).statusCode).toBe(404);
    expect((await undo('x')).statusCode).toBe(400);
  });

  it('is for admins only', async () => {
    await change({ feedback: true });
    const [entry] = (await page()).entries;
    const support = newId();
    f.discord.join(guild.id, support);
    const by = { id: guild.ownerId, roleIds: [], isOwner: true, hasManageGuild: false };
    await addStaff(ctxOf(f), guild.id, { by, subjectId: support, subjectKind: 'user', level: 'support' });
    const browser = await f.signIn(support, [guild.id]);
    expect((await f.get(`/api/guilds/${guild.id}/audit`, browser)).json().code).toBe('permission.admin');
    expect((await undo(entry.id, browser)).json().code).toBe('permission.admin');
    expect(await overrides()).toEqual({ feedback: true });
  });
});
