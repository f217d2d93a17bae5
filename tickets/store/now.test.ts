import { describe, expect, test } from 'vitest';
import { sql } from '#runtime/postgres.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { claimTicket } from '../actions/claim.ts';
import { closeTicket } from '../actions/close.ts';
import { recordMessages } from '../actions/record-messages.ts';
import { createScene } from '../scene.ts';
import { expectedRows } from './fleet/verify.ts';
import { retellTickets } from './fleet/history.ts';
import { readNow } from './now.ts';
import { listTickets } from './ticket.ts';

const { pool } = await testDatabase();

describe('now', () => {
  test('counts open, closed, claimed and waiting tickets, and no reservation', async () => {
    const scene = await createScene(pool);
    const at = (afterS: number) => scene.start + afterS * 1_000;
    const tickets = [];
    for (let i = 0; i < 4; i++) tickets.push(await scene.open(scene.person(), { at: at(i) }));
    await scene.reserve(scene.person());
    const [first, second, third] = tickets;
    if (!first || !second || !third) throw new Error('four tickets');
    await closeTicket(scene.ctx, scene.guildId, { ticketId: first.id, by: scene.staff, reason: null, at: at(100) });
    await claimTicket(scene.ctx, scene.guildId, { ticketId: second.id, by: scene.staff, at: at(100) });
    await recordMessages(scene.ctx, [scene.message(second, scene.staff, 110)]);
    expect(await readNow(pool, scene.guildId, at(200) + 999)).toEqual({
      open: 3,
      closed: 1,
      claimed: 1,
      totalEver: 4,
      awaitingFirstResponse: 2,
      oldestWaitingS: 198,
      since: scene.start,
    });
  });

  test('an unknown server has nothing', async () => {
    expect(await readNow(pool, '100000000000000001', 0)).toMatchObject({ open: 0, closed: 0, since: null });
  });
});

describe('lists', () => {
  test('go newest first, page by page, and show a team’s staff their own tickets only', async () => {
    const scene = await createScene(pool);
    const opener = scene.person();
    const ids: number[] = [];
    for (let i = 0; i < 5; i++) ids.unshift((await scene.open(opener)).id);
    await scene.reserve(scene.person());
    const all = { status: 'open' as const, teamIds: null, viewerId: null };
    const page = async (before: number | null) =>
      (await listTickets(pool, scene.guildId, { ...all, before, limit: 3 })).map((ticket) => ticket.id);
    expect([await page(null), await page(ids[2] ?? 0)]).toEqual([ids.slice(0, 3), ids.slice(3)]);
    const seen = (teamIds: number[], viewerId: string) =>
      listTickets(pool, scene.guildId, { status: 'open', teamIds, viewerId, before: null, limit: 9 });
    expect(await seen([1], scene.staff.id)).toEqual([]);
    expect(await seen([], opener.id)).toHaveLength(5);
  });
});

describe('the rebuild', () => {
  test('mends facts that do not follow from the entries and tells everything again under a new version', async () => {
    const scene = await createScene(pool);
    const ticket = await scene.open(scene.person());
    await recordMessages(scene.ctx, [scene.message(ticket, scene.staff, 5)]);
    await pool.query(sql`update ticket set facts = facts || '{"replies": 7}' where id = ${ticket.id}`);
    await pool.query(sql`delete from outbox where guild_id = ${scene.guildId}`);
    const of = { after: 0, limit: 10, guildId: scene.guildId };
    const done = await pool.transaction((db) => retellTickets(db, of));
    expect(done).toEqual({ last: ticket.id, rows: 3 });
    expect(await pool.transaction((db) => retellTickets(db, { ...of, after: ticket.id }))).toMatchObject({
      last: null,
    });
    const batch = (await expectedRows(pool, { guildId: scene.guildId }).next()).value;
    expect(batch).toMatchObject([{ isFolded: true, version: ticket.version + 2 }]);
    const outbox = sql`select kind, row from outbox where guild_id = ${scene.guildId} order by id`;
    expect(await pool.query(outbox)).toEqual(batch?.[0]?.rows);
  });
});
