import { describe, expect, test } from 'vitest';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { eventColumns, ticketColumns } from '#tickets/events.ts';
import { createClickhouse, insertLines, isRefusal, readRows } from './client.ts';
import { clickhouseIsCurrent, migrateClickhouse } from './migrate.ts';

const { url, database, client } = await testClickhouse();

describe('the schema of ClickHouse', () => {
  test.each([
    ['event', eventColumns],
    ['ticket', ticketColumns],
  ])('%s has the declared columns', async (table, declared) => {
    const columns = await readRows<{ name: string; type: string }>(
      client,
      `SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table:String} ORDER BY position`,
      { table },
    );
    expect(columns).toEqual(Object.entries(declared).map(([name, { type }]) => ({ name, type })));
  });

  test('is migrated by several at once, and again, without harm', async () => {
    const other = createClickhouse({ url, database: `${database}_twice` });
    try {
      await other.createDatabase();
      expect(await clickhouseIsCurrent(other)).toBe(false);
      await Promise.all([migrateClickhouse(other), migrateClickhouse(other)]);
      await migrateClickhouse(other);
      expect(await clickhouseIsCurrent(other)).toBe(true);
    } finally {
      await other.command({ query: `DROP DATABASE ${database}_twice` });
      await other.close();
    }
  });

  test('tells a refused row from a server that is not ready', async () => {
    const refused = insertLines(client, 'event', ['guild_id'], ['not a number\n']);
    expect(await refused.catch(isRefusal)).toBe(true);
    const missing = insertLines(client, 'no_such_table', ['guild_id'], ['1\n']);
    expect(await missing.catch(isRefusal)).toBe(false);
  });

  test('takes no name that is more than a name', () => {
    expect(() => createClickhouse({ url, database: 'a; drop table event' })).toThrow('not a plain name');
  });
});
