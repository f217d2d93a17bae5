import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { covers } from '#test/harness/covers.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { readGuild } from '#tickets/store/guild.ts';
import { type Browser, type Fixture, newId, startFixture } from './fixture.ts';

const { pool, url } = await testDatabase();
const { client } = await testClickhouse();

let f: Fixture;
let guild: { id: string; ownerId: string };
let owner: Browser;
let path: string;

beforeAll(async () => {
  f = await startFixture({ pool, url, clickhouse: client });
});
beforeEach(async () => {
  guild = await f.addGuild();
  owner = await f.signIn(guild.ownerId, [guild.id]);
  path = `/api/guilds/${guild.id}/settings`;
});
afterAll(() => f.app.close());

const tag = async (): Promise<string> => String((await f.get(path, owner)).headers.etag);
const change = async (body: unknown, etag?: string) =>
  f.patch(path, owner, body, { 'if-match': etag ?? (await tag()) });
const overrides = async () => (await readGuild(pool, guild.id))?.overrides;

describe('settings', () => {
  it('start with the defaults, of which none is stored', async () => {
    const answer = (await f.get(path, owner)).json();
    expect(answer).toMatchObject({ settings: { openTicketsPerUser: 5, trustManageGuild: true }, overrides: [] });
  });

  it('change what is named and nothing else, and move the ETag', async () => {
    covers('1.3-44');
    const before = await tag();
    await change({ openTicketsPerUser: null });
    const answer = await change({ usersCanClose: false });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      settings: { openTicketsPerUser: null, usersCanClose: false, feedback: false },
      overrides: ['openTicketsPerUser', 'usersCanClose'],
    });
    expect(answer.headers.etag).toBe(await tag());
    expect(answer.headers.etag).not.toBe(before);
    expect(await overrides()).toEqual({ openTicketsPerUser: null, usersCanClose: false });
  });

  it('go back to the default, in one request with other changes', async () => {
    await change({ openTicketsPerUser: null, feedback: true });
    const answer = await change({ usersCanClose: false, reset: ['openTicketsPerUser', 'transcriptsChannel'] });
    expect(answer.json()).toMatchObject({
      settings: { openTicketsPerUser: 5, feedback: true, usersCanClose: false },
      overrides: ['usersCanClose', 'feedback'],
    });
    expect(await overrides()).toEqual({ feedback: true, usersCanClose: false });
    const both = await change({ feedback: false, reset: ['feedback'] });
    expect([both.statusCode, both.json().errors?.[0]?.field]).toEqual([422, 'feedback']);
    expect(await overrides()).toEqual({ feedback: true, usersCanClose: false });
  });

  it('refuse a change made from an older version', async () => {
    const old = await tag();
    await change({ feedback: true });
    const answer = await change({ feedback: false }, old);
    expect([answer.statusCode, answer.json().code]).toEqual([412, 'setting.stale']);
    expect(await overrides()).toEqual({ feedback: true });
  });

  it('let one of two changes made at the same time win', async () => {
    const etag = await tag();
    const answers = await Promise.all([change({ feedback: true }, etag), change({ usersCanClose: false }, etag)]);
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200, 412]));
    expect(Object.keys((await overrides()) ?? {})).toHaveLength(1);
  });

  it('ask which version a change was made from', async () => {
    const answer = await f.patch(path, owner, { feedback: true });
    expect([answer.statusCode, answer.json().code]).toEqual([428, 'setting.condition-missing']);
  });

  it.each([
    [{ openTicketsPerUser: '5' }, 'openTicketsPerUser'],
    [{ openTicketsPerUser: 51 }, 'openTicketsPerUser'],
    [{ claimingMode: 'sometimes' }, 'claimingMode'],
    [{ primaryColour: 'red' }, 'primaryColour'],
    [{ feedback: null }, 'feedback'],
    [{ feedback: true, nonsense: 1 }, 'nonsense'],
    [{ transcriptsChannel: '12' }, 'transcriptsChannel'],
    [{ reset: ['nonsense'] }, 'reset.0'],
    [{ reset: 'feedback' }, 'reset'],
  ])('refuse %j naming the field, and change nothing', async (body, field) => {
    const answer = await change(body);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'request.invalid', errors: [{ in: 'body', field }] });
    expect(await overrides()).toEqual({});
  });

  it.each(['[]', 'null', '"text"', '{', ''])('refuse the body %j', async (payload) => {
    const headers = {
      cookie: owner.cookie,
      'x-csrf-token': owner.csrf,
      'if-match': await tag(),
      'content-type': 'application/json',
    };
    const answer = await f.app.inject({ method: 'PATCH', url: path, headers, payload });
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'request.invalid']);
    expect(answer.json().errors[0].in).toBe('body');
  });

  it('take a channel of this server of the right kind, and none of another server', async () => {
    const [text, category, foreign] = [newId(), newId(), newId()];
    const other = await f.addGuild();
    f.discord.addChannel(guild.id, text, 0);
    f.discord.addChannel(guild.id, category, 4);
    f.discord.addChannel(other.id, foreign, 0);
    for (const wrong of [foreign, category]) {
      const answer = await change({ transcriptsChannel: wrong });
      expect([answer.statusCode, answer.json().errors?.[0]?.field]).toEqual([422, 'transcriptsChannel']);
    }
    expect((await change({ transcriptsChannel: text })).json().settings.transcriptsChannel).toBe(text);
    expect((await change({ transcriptsChannel: null })).json().settings.transcriptsChannel).toBeNull();
  });

  it('take roles, categories and members of this server, keep what is gone, and take no panel of another server', async () => {
    const [role, category, text, member, foreign] = [newId(), newId(), newId(), newId(), newId()];
    const other = await f.addGuild();
    f.discord.addRole(guild.id, role);
    f.discord.addRole(other.id, foreign);
    f.discord.addChannel(guild.id, category, 4);
    f.discord.addChannel(guild.id, text, 0);
    f.discord.join(guild.id, member);
    const wrong = [
      { supportRoles: [role, foreign] },
      { supportRoles: [guild.id] },
      { blockedRoles: [newId()] },
      { overflowCategories: [category, text] },
      { blockedUsers: [member, foreign] },
      { blockedUsers: Array.from({ length: 51 }, newId) },
      { contextMenuPanel: 4_711 },
      { schedule: 4_711 },
    ];
    for (const body of wrong) {
      const answer = await change(body);
      expect([answer.statusCode, answer.json().errors?.[0]?.field]).toEqual([422, Object.keys(body)[0]]);
    }
    const right = { supportRoles: [role], overflowCategories: [category], blockedUsers: [member] };
    expect((await change(right)).json().settings).toMatchObject(right);
    f.discord.leave(guild.id, member);
    expect((await change({ blockedUsers: [member], feedback: true })).statusCode).toBe(200);
  });

  it('refuse a change without the token of the session, or with that of another', async () => {
    const other = await f.signIn(guild.ownerId, [guild.id]);
    const etag = await tag();
    for (const csrf of ['', 'x', other.csrf]) {
      const answer = await f.patch(path, { ...owner, csrf }, { feedback: true }, { 'if-match': etag });
      expect([answer.statusCode, answer.json().code]).toEqual([403, 'csrf.refused']);
    }
    expect(await overrides()).toEqual({});
  });
});
