import { afterAll, beforeAll, expect, it } from 'vitest';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { sql } from '#runtime/postgres.ts';
import { recordApplied } from '#tickets/store/applied.ts';
import { type Browser, type Fixture, headersOf, newId, startFixture } from './fixture.ts';
import { openedTicket } from './fixture-tickets.ts';

const { pool, url } = await testDatabase();
const { client } = await testClickhouse();

let f: Fixture;
let guild: { id: string; ownerId: string };
let owner: Browser;

beforeAll(async () => {
  f = await startFixture({ pool, url, clickhouse: client });
  guild = await f.addGuild();
  owner = await f.signIn(guild.ownerId, [guild.id]);
});
afterAll(() => f.app.close());

const post = (path: string, browser: Browser, payload: object = {}) =>
  f.app.inject({
    method: 'POST',
    url: `/api/guilds/${guild.id}/${path}`,
    headers: { ...headersOf(browser), 'x-csrf-token': browser.csrf },
    payload,
  });
const problems = async () => (await f.get(`/api/guilds/${guild.id}/problems`, owner)).json().problems as object[];

it('lists what hinders tickets, the same once, with how to mend it, and tries again', async () => {
  expect(await problems()).toEqual([]);
  const tickets = [
    await openedTicket(f, guild.id, { openerId: newId() }),
    await openedTicket(f, guild.id, { openerId: newId() }),
  ];
  const problem = {
    code: 'discord.permission',
    context: { permissions: 'ManageRoles', place: 'server', wanted: 'x' },
    at: 5,
  };
  for (const { id } of tickets) await recordApplied(pool, guild.id, id, { problem });
  const [one, ...others] = await problems();
  expect(others).toEqual([]);
  expect(one).toMatchObject({ code: 'discord.permission', count: 2, ticketId: tickets[1]?.id, panelMessageId: null });
  expect(JSON.stringify(one)).toContain('Manage Permissions');
  expect(JSON.stringify(one)).toContain('Give Docket’s role these permissions');
  expect((await post('problems/retry', owner)).json()).toEqual({ count: 2 });
  expect(await problems()).toEqual([]);
  const [jobs] = await pool.query<{ n: number }>(sql`
    select count(*) as n from graphile_worker.jobs where key = any(${tickets.map(({ id }) => `ticket:${id}`)})`);
  expect(jobs?.n).toBe(2);
});

it('is for staff, and numbers are reset by admins alone, who name a panel of theirs or none', async () => {
  const stranger = newId();
  f.discord.join(guild.id, stranger);
  const nobody = await f.signIn(stranger, [guild.id]);
  for (const path of ['problems/retry', 'numbers/reset'])
    expect((await post(path, nobody, path === 'numbers/reset' ? { panelId: null } : {})).statusCode).toBe(403);
  expect((await post('numbers/reset', owner, { panelId: null })).json()).toEqual({ panelId: null });
  expect((await post('numbers/reset', owner, { panelId: 999_999 })).statusCode).toBe(404);
  expect((await post('numbers/reset', owner, {})).statusCode).toBe(400);
});
