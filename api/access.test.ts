import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { createLabel } from '#tickets/actions/set-label.ts';
import { createSchedule } from '#tickets/actions/create-schedule.ts';
import { createKey } from '#tickets/actions/create-key.ts';
import { previewBulkClose } from '#tickets/actions/bulk-close.ts';
import { setSettings } from '#tickets/actions/set-settings.ts';
import { sql } from '#runtime/postgres.ts';
import { type Browser, type Fixture, headersOf, newId, startFixture } from './fixture.ts';
import { ctxOf, keptFile, madePanel, openedTicket } from './fixture-tickets.ts';
import { scopes, type Scope } from '#tickets/api-key.ts';

const { pool, url } = await testDatabase();
const { client } = await testClickhouse();

type Route = { method: 'GET' | 'PATCH' | 'POST' | 'PUT' | 'DELETE'; path: string; isOpen: boolean; takesKeys: boolean };

let f: Fixture;
let mine: { id: string; ownerId: string };
let theirs: { id: string; ownerId: string };
let theirTicket: number;
let theirFile: string;
let theirPanel: { panelId: number; panelMessageId: number; formId: number; teamId: number };
let theirLabel: number;
let theirBulk: number;
let theirSchedule: number;
let theirAudit: number;
let me: Browser;
let routes: Route[];

beforeAll(async () => {
  f = await startFixture({ pool, url, clickhouse: client });
  mine = await f.addGuild({ name: 'Mine' });
  theirs = await f.addGuild({ name: 'Theirs' });
  const ticket = await openedTicket(f, theirs.id, { openerId: theirs.ownerId });
  theirTicket = ticket.id;
  theirFile = (await keptFile(f, ticket, { name: 'Theirs.txt' })).id;
  const by = { id: theirs.ownerId, roleIds: [], isOwner: true, hasManageGuild: false };
  theirAudit = (await setSettings(ctxOf(f), theirs.id, { by, patch: { feedback: true } })).auditId;
  const all = { panelId: null, categoryId: null, inactiveHours: null, labelId: null, reason: null };
  theirBulk = (await previewBulkClose(ctxOf(f), theirs.id, { by, ...all })).id;
  theirLabel = (await createLabel(ctxOf(f), theirs.id, { by, name: 'Theirs', colour: 0 })).id;
  const hours = { timeZone: 'UTC', hours: [], holidays: [] };
  theirSchedule = (await createSchedule(ctxOf(f), theirs.id, { by, name: 'Theirs', ...hours })).id;
  theirPanel = await madePanel(f, theirs);
  me = await f.signIn(mine.ownerId, [mine.id]);
  routes = routesOf(await f.get('/api/openapi.json'));
});
afterAll(() => f.app.close());

/** Every route, from the description that the server gives of itself. */
function routesOf(answer: { json(): unknown }): Route[] {
  const { paths } = answer.json() as { paths: Record<string, Record<string, { security?: object[] }>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security = [] }]) => ({
      method: method.toUpperCase() as Route['method'],
      path,
      isOpen: security.length === 0,
      takesKeys: security.some((one) => 'apiKey' in one),
    })),
  );
}

const ofGuilds = (): Route[] => routes.filter(({ path }) => path.includes('{guildId}'));
const fill = (path: string, guildId: string): string =>
  path
    .replace('{guildId}', guildId)
    .replace('{ticketId}', `${theirTicket}`)
    .replace('{userId}', theirs.ownerId)
    .replace('{attachmentId}', theirFile)
    .replace('{panelId}', `${theirPanel.panelId}`)
    .replace('{panelMessageId}', `${theirPanel.panelMessageId}`)
    .replace('{formId}', `${theirPanel.formId}`)
    .replace('{teamId}', `${theirPanel.teamId}`)
    .replace('{subjectId}', theirs.ownerId)
    .replace('{scheduleId}', `${theirSchedule}`)
    .replace('{labelId}', `${theirLabel}`)
    .replace('{bulkId}', `${theirBulk}`)
    .replace('{auditId}', `${theirAudit}`);
// A body that fits, where one is needed: what it names is of the other server too.
const bodies: Record<string, object> = {
  '/tickets/{ticketId}/assign': { userId: '1'.repeat(18) },
  '/tickets/{ticketId}/switch-panel': { panelId: 1_000 },
  '/tickets/{ticketId}/rename': { name: 'x' },
  '/tickets/{ticketId}/members': { userId: '1'.repeat(18) },
  '/tickets/{ticketId}': { priority: 'high' },
  '/tickets/{ticketId}/close-reason': { reason: null },
  '/labels/{labelId}': { name: 'x' },
  '/tickets/close': { preview: true },
  '/numbers/reset': { panelId: null },
};
const bodyFor = (path: string): object => bodies[path.replace('/api/guilds/{guildId}', '')] ?? {};
const ask = (route: Route, guildId: string, who?: Browser | { key: string }, body = bodyFor(route.path)) =>
  f.app.inject({
    method: route.method,
    url: fill(route.path, guildId),
    // Made from some version: what is of others is not there, whichever it is.
    headers: { ...headersOf(who), 'if-match': '"1"', ...(who && 'csrf' in who ? { 'x-csrf-token': who.csrf } : {}) },
    ...(route.method === 'GET' ? {} : { payload: body }),
  });
const keyOf = async (guildId: string, granted: readonly Scope[] = scopes): Promise<{ key: string }> => {
  const ctx = { db: pool, log: f.deps.log, now: Date.now, keys: f.deps.keys, premium: f.deps.premium };
  return { key: (await createKey(ctx, guildId, { by: null, name: 'test', scopes: granted })).token };
};

/** All that Postgres has of the other server, as one text. */
async function theirRows(): Promise<string> {
  const tables = await pool.query<{ name: string }>(sql`
    select table_name as name from information_schema.columns
    where table_schema = 'public' and column_name = 'guild_id' order by table_name`);
  const rows = await Promise.all(
    tables.map(({ name }) => pool.pg.query(`select * from ${name} where guild_id = $1 order by 1, 2`, [theirs.id])),
  );
  return JSON.stringify(rows.map((answer) => answer.rows));
}

describe('every route', () => {
  it('is known to this test', () => {
    expect(routes.length).toBeGreaterThan(12);
    expect(ofGuilds().length).toBeGreaterThan(40);
    // Each id in a path is filled with one of the other server's (`fill` above).
    const unfilled = ofGuilds().filter(({ path }) => fill(path, mine.id).includes('{'));
    expect(unfilled.map(({ path }) => path)).toEqual([]);
  });

  it('answers 401 to whoever is not signed in, before it looks at anything else', async () => {
    for (const route of routes.filter(({ isOpen }) => !isOpen)) {
      for (const guildId of [mine.id, theirs.id, 'nonsense']) {
        const answer = await ask(route, guildId);
        expect([route.path, answer.statusCode, answer.json().code]).toEqual([route.path, 401, 'session.required']);
      }
    }
  });

  it('answers 404 for a guild of others and for one that nobody has', async () => {
    for (const route of ofGuilds()) {
      for (const guildId of [theirs.id, newId()]) {
        for (const body of [undefined, { nonsense: 1 }]) {
          const answer = await ask(route, guildId, me, body);
          expect([route.path, route.method, answer.statusCode]).toEqual([route.path, route.method, 404]);
          expect(answer.json().code).toBe('guild.unknown');
        }
      }
    }
  });

  it("answers 404 for another guild's ticket and person, asked for through one's own", async () => {
    const inner = ofGuilds().filter(({ path }) => path.replace('{guildId}', '').includes('{'));
    expect(inner.length).toBeGreaterThan(25);
    const before = await theirRows();
    for (const route of inner) {
      const answer = await ask(route, mine.id, me);
      expect([route.method, route.path, answer.statusCode]).toEqual([route.method, route.path, 404]);
      expect(answer.body).not.toContain('Theirs');
    }
    expect(await theirRows()).toBe(before);
  });

  it("answers 404 to a key of another guild, with or without the route's scope", async () => {
    for (const key of [await keyOf(mine.id), await keyOf(mine.id, [])]) {
      for (const route of ofGuilds()) {
        const answer = await ask(route, theirs.id, key);
        expect([route.path, answer.statusCode]).toEqual([route.path, 404]);
      }
    }
  });

  it('answers 403 to a key of the guild that lacks the scope, and to every key where keys have no business', async () => {
    const [full, none] = [await keyOf(mine.id), await keyOf(mine.id, [])];
    for (const route of ofGuilds()) {
      expect([route.path, (await ask(route, mine.id, none)).statusCode]).toEqual([route.path, 403]);
      if (!route.takesKeys)
        expect([route.path, (await ask(route, mine.id, full)).statusCode]).toEqual([route.path, 403]);
    }
    expect((await f.get('/api/guilds', full)).json().code).toBe('api-key.scope');
  });

  it('answers 400 naming the parameter when an id is none', async () => {
    for (const route of ofGuilds()) {
      const answer = await ask(route, '12', me);
      expect([route.path, answer.statusCode, answer.json().errors?.[0]?.field]).toEqual([route.path, 400, 'guildId']);
    }
  });
});

describe('an API key', () => {
  const path = (guildId: string): string => `/api/guilds/${guildId}/analytics/overview`;

  it('reads the figures of its guild', async () => {
    expect((await f.get(path(mine.id), await keyOf(mine.id))).statusCode).toBe(200);
  });

  it('is refused once revoked, or when it was never made', async () => {
    const key = await keyOf(mine.id);
    await pool.query(sql`update api_key set revoked_at = now()`);
    for (const gone of [key, { key: `dk_${'x'.repeat(43)}` }, { key: 'dk_' }, { key: 'nonsense' }]) {
      const answer = await f.get(path(mine.id), gone);
      expect([answer.statusCode, answer.json().code]).toEqual([401, 'api-key.refused']);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    }
  });

  it('does not fall back to the cookie beside it', async () => {
    const headers = { cookie: me.cookie, authorization: `Bearer dk_${'x'.repeat(43)}` };
    expect((await f.app.inject({ url: path(mine.id), headers })).statusCode).toBe(401);
  });
});

describe('levels', () => {
  const pages = (id: string): Record<string, string> => ({
    guild: `/api/guilds/${id}`,
    tickets: `/api/guilds/${id}/tickets`,
    panels: `/api/guilds/${id}/panels`,
    settings: `/api/guilds/${id}/settings`,
    analytics: `/api/guilds/${id}/analytics/overview`,
  });
  const seen = async (guildId: string, userId: string): Promise<Record<string, number>> => {
    const browser = await f.signIn(userId, [guildId]);
    const entries = Object.entries(pages(guildId)).map(
      async ([name, path]) => [name, (await f.get(path, browser)).statusCode] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  };
  const addStaff = async (guildId: string, subjectId: string, kind: 'user' | 'role', level: 'admin' | 'support') => {
    await pool.query(sql`
      insert into team_member (guild_id, team_id, subject_id, subject_kind, level)
      select guild_id, id, ${subjectId}, ${kind}, ${level} from team where guild_id = ${guildId} and is_default`);
  };
  const all = { guild: 200, tickets: 200, panels: 200, settings: 200, analytics: 200 };
  const work = { guild: 200, tickets: 200, panels: 403, settings: 403, analytics: 403 };
  const none = { guild: 403, tickets: 403, panels: 403, settings: 403, analytics: 403 };

  it('lets the owner and bot admins see everything, by name and by role', async () => {
    const [byName, byRole, roleId] = [newId(), newId(), newId()];
    f.discord.join(mine.id, byName);
    f.discord.join(mine.id, byRole, { roleIds: [roleId] });
    await addStaff(mine.id, byName, 'user', 'admin');
    await addStaff(mine.id, roleId, 'role', 'admin');
    for (const userId of [mine.ownerId, byName, byRole]) expect(await seen(mine.id, userId)).toEqual(all);
  });

  it('lets support see tickets and nothing else, and members nothing', async () => {
    const [support, member] = [newId(), newId()];
    f.discord.join(mine.id, support);
    f.discord.join(mine.id, member);
    await addStaff(mine.id, support, 'user', 'support');
    expect(await seen(mine.id, support)).toEqual(work);
    expect(await seen(mine.id, member)).toEqual(none);
  });

  it('trusts Manage Server only while the guild does', async () => {
    const guild = await f.addGuild();
    const [manager, roleId] = [newId(), newId()];
    f.discord.addRole(guild.id, roleId, { manageGuild: true });
    f.discord.join(guild.id, manager, { roleIds: [roleId] });
    expect(await seen(guild.id, manager)).toEqual(all);
    await pool.query(sql`update guild set settings = '{"trustManageGuild": false}' where guild_id = ${guild.id}`);
    expect(await seen(guild.id, manager)).toEqual(none);
  });

  it('forgets staff who have left the server', async () => {
    const gone = newId();
    await addStaff(mine.id, gone, 'user', 'admin');
    const nothing = Object.fromEntries(Object.keys(all).map((name) => [name, 404]));
    expect(await seen(mine.id, gone)).toEqual(nothing);
  });

  it('hides a guild that Docket has left', async () => {
    const guild = await f.addGuild();
    await pool.query(sql`update guild set left_at = now() where guild_id = ${guild.id}`);
    const browser = await f.signIn(guild.ownerId, [guild.id]);
    expect((await f.get(`/api/guilds/${guild.id}`, browser)).statusCode).toBe(404);
    expect((await f.get('/api/guilds', browser)).json()).toEqual({ guilds: [] });
  });

  it('lists the guilds in which somebody has a say, with their level', async () => {
    const [person, roleId] = [newId(), newId()];
    const [owned, supported, visited, foreign] = [
      await f.addGuild({ name: 'A', ownerId: person }),
      await f.addGuild({ name: 'B' }),
      await f.addGuild({ name: 'C' }),
      await f.addGuild({ name: 'D' }),
    ];
    f.discord.join(supported.id, person, { roleIds: [roleId] });
    f.discord.join(visited.id, person);
    await addStaff(supported.id, roleId, 'role', 'support');
    // What the session claims counts for nothing where Discord says otherwise.
    const browser = await f.signIn(person, [supported.id, visited.id, foreign.id]);
    const { guilds } = (await f.get('/api/guilds', browser)).json();
    expect(guilds).toEqual([
      { id: owned.id, name: 'A', iconUrl: null, memberCount: 5, level: 'admin' },
      { id: supported.id, name: 'B', iconUrl: null, memberCount: 5, level: 'support' },
    ]);
  });

  it('answers 503 when Discord cannot say who somebody is', async () => {
    const guild = await f.addGuild();
    const browser = await f.signIn(newId(), [guild.id]);
    f.discord.failWith = 500;
    const answer = await f.get(`/api/guilds/${guild.id}`, browser);
    f.discord.failWith = null;
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'discord.unavailable']);
  });
});
