import { describe, expect, test } from 'vitest';
import { createLog } from '#runtime/log.ts';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { event, openedAt, snapshot } from '#test/harness/rows.ts';
import { createClickhouse, readRows } from '../clickhouse/client.ts';
import { createIngest } from './ingest.ts';

const { client: clickhouse, database } = await testClickhouse();
const { pool } = await testDatabase();
const log = createLog({ role: 'test', level: 'silent' });
const ingest = createIngest({ clickhouse, pool, log });
const never = new AbortController().signal;

const eventOf = async (ticketId: number): Promise<Record<string, unknown> | undefined> => {
  const query = `SELECT *, toUnixTimestamp64Milli(at) AS at_ms FROM event FINAL WHERE ticket_id = {id:UInt64}`;
  return (await readRows<Record<string, unknown>>(clickhouse, query, { id: ticketId }))[0];
};
const deadLetters = (like: string): Promise<{ kind: string; reason: string; row: string }[]> =>
  readRows(clickhouse, 'SELECT kind, reason, row FROM dead_letter WHERE position(row, {like:String}) > 0', { like });

describe('ingest', () => {
  test('stores both kinds of row with every column as it was', async () => {
    await ingest([event(1), snapshot(1)], never);
    expect(await eventOf(1)).toMatchObject({
      guild_id: '111111111111111111',
      id: '999999999999999999',
      at_ms: String(openedAt + 61_000),
      actor_team_ids: ['1000', '1001'],
      owner_team_ids: [],
      waited_s: 61,
      duration_s: null,
    });
    const [ticket] = await readRows(
      clickhouse,
      'SELECT toUnixTimestamp64Milli(opened_at) AS at, status FROM ticket FINAL',
    );
    expect(ticket).toEqual({ at: String(openedAt), status: 'open' });
  });

  test('keeps the newest version, whichever came first or again', async () => {
    await ingest([event(2, { version: 3, waited_s: 30 }), event(2, { version: 2, waited_s: 20 })], never);
    await ingest([event(2, { version: 1, waited_s: 10 })], never);
    await ingest([event(2, { version: 2, waited_s: 20 })], never);
    expect(await eventOf(2)).toMatchObject({ version: 3, waited_s: 30 });
  });

  test('takes a row back and leaves it so when the old version comes again', async () => {
    await ingest([event(3)], never);
    await ingest([event(3, { version: 2, deleted: 1 })], never);
    await ingest([event(3)], never);
    expect(await eventOf(3)).toBeUndefined();
  });

  test.each([
    ['a number that would wrap', event(10, { rating: 300 }), 'rating: not 300'],
    ['a negative duration', event(11, { waited_s: -1 }), 'waited_s: not -1'],
    ['an id that is none', event(12, { actor_id: '12x' }), 'actor_id: not "12x"'],
    ['an id beyond 64 bits', event(13, { actor_id: '18446744073709551616' }), 'actor_id: not "18446744073709551616"'],
    ['an unknown name', event(14, { name: 'ticket.eaten' }), "name: unknown 'ticket.eaten'"],
    ['a missing column', { kind: 'event', row: { ...event(15).row, at: undefined } }, 'at: missing'],
    ['an unknown kind', { kind: 'letter', row: event(16).row }, "kind: unknown 'letter'"],
    ['an impossible time', snapshot(17, { opened_at: 5 }), 'opened_at: not 5'],
  ])('buries %s and stores the rest', async (_, bad, reason) => {
    const id = Number(bad.row.ticket_id);
    await ingest([event(100 + id), bad, event(200 + id)], never);
    expect(await eventOf(100 + id)).toBeDefined();
    expect(await eventOf(200 + id)).toBeDefined();
    expect(await deadLetters(`"ticket_id":${id},`)).toMatchObject([{ kind: bad.kind, reason }]);
  });

  test('finds the rows that ClickHouse itself refuses among many, and stores the others', async () => {
    // A rule that only the server knows.
    await clickhouse.command({ query: 'ALTER TABLE event ADD CONSTRAINT small CHECK waited_s < 100000' });
    const refused = new Set([1_003, 1_004, 1_499]);
    const rows = Array.from({ length: 500 }, (_, i) =>
      event(1_000 + i, { waited_s: refused.has(1_000 + i) ? 100_000 : 5 }),
    );
    await ingest(rows, never);
    const [stored] = await readRows(
      clickhouse,
      'SELECT uniqExact(ticket_id) AS n FROM event FINAL WHERE ticket_id BETWEEN 1000 AND 1499',
    );
    expect(stored).toEqual({ n: '497' });
    const letters = await deadLetters('\t100000\t');
    expect(letters).toHaveLength(3);
    for (const letter of letters) expect(letter.reason).toContain('small');
  });

  test('waits for an absent ClickHouse and gives up only when told to', async () => {
    const away = createClickhouse({ url: 'http://127.0.0.1:9', database });
    const stopping = new AbortController();
    const waiting = createIngest({ clickhouse: away, pool, log: { ...log, warn: () => stopping.abort() } as never });
    await expect(waiting([event(4)], stopping.signal)).rejects.toThrow();
    await away.close();
    expect(await eventOf(4)).toBeUndefined();
  });
});
