import { afterAll, beforeAll, expect, it } from 'vitest';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { sql } from '#runtime/postgres.ts';
import { closeTicket } from '#tickets/actions/close.ts';
import { putOnCall } from '#tickets/store/on-call.ts';
import { readDefaultTeamId } from '#tickets/store/staff.ts';
import { type Browser, type Fixture, headersOf, newId, startFixture } from './fixture.ts';
import { ctxOf, openedTicket } from './fixture-tickets.ts';

const { pool, url } = await testDatabase();
const { client } = await testClickhouse();
let f: Fixture;
let guild: { id: string; ownerId: string };
let owner: Browser;
let member: Browser;
const memberId = newId();

beforeAll(async () => {
  f = await startFixture({ pool, url, clickhouse: client });
  guild = await f.addGuild();
  f.discord.join(guild.id, memberId, { name: 'Member' });
  owner = await f.signIn(guild.ownerId, [guild.id]);
  member = await f.signIn(memberId, [guild.id]);
});
afterAll(() => f.app.close());

async function reopen(browser: Browser, ticketId: number) {
  const answer = await f.app.inject({
    method: 'POST',
    url: `/api/guilds/${guild.id}/tickets/${ticketId}/reopen`,
    headers: { ...headersOf(browser), 'x-csrf-token': browser.csrf },
  });
  return { status: answer.statusCode, body: answer.json() as Record<string, unknown>, etag: answer.headers.etag };
}
const closed = async () => {
  const { id } = await openedTicket(f, guild.id, { openerId: memberId });
  await closeTicket(ctxOf(f), guild.id, { ticketId: id, by: null, reason: 'Done', at: f.deps.now() });
  return id;
};

it('a closed thread ticket is reopened by staff; a channel ticket is refused with the reason', async () => {
  const inChannel = await closed();
  expect(await reopen(owner, inChannel)).toMatchObject({ status: 409, body: { code: 'reopen.channel' } });
  const inThread = await closed();
  await pool.query(sql`update ticket set mode = 'thread' where id = ${inThread}`);
  expect((await reopen(member, inThread)).status).toBe(403);
  const answer = await reopen(owner, inThread);
  expect(answer).toMatchObject({ status: 200, body: { id: inThread, state: 'open' } });
  expect(answer.etag).toBe(`"${String(answer.body.version)}"`);
  expect(await reopen(owner, inThread)).toMatchObject({ status: 409, body: { code: 'ticket.open' } });
});

it('the roles of those on call are listed for staff', async () => {
  const teamId = (await readDefaultTeamId(pool, guild.id)) ?? 0;
  const roleId = newId();
  await putOnCall(pool, guild.id, { teamId, roleId, instead: null });
  const answer = await f.app.inject({ url: `/api/guilds/${guild.id}/on-call`, headers: headersOf(owner) });
  expect(answer.json()).toEqual({ teams: [{ teamId, roleId }] });
});
