import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
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

/** What is said to a cluster: no package carries a server that could be one, so that only the way there is looked at. */
async function heard(engine: string, work: (clickhouse: ReturnType<typeof createClickhouse>) => Promise<void>) {
  const queries: { query: string; settings: URLSearchParams }[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const settings = new URL(request.url ?? '/', 'http://localhost').searchParams;
    const body = await text(request);
    const query = settings.get('query') ?? body;
    queries.push({ query, settings });
    response.end(query.includes('system.databases') ? `{"engine":"${engine}"}\n` : '');
  };
  const server = createServer((request, response) => void answer(request, response)); // a failure shows as a query that ends in time out
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clickhouse = createClickhouse({ url, database: 'docket' });
  try {
    await work(clickhouse);
  } finally {
    await clickhouse.close();
    server.close();
  }
  return queries;
}

describe('a cluster of ClickHouse', () => {
  test('has its database on every host before its tables, and what was applied last', async () => {
    const queries = await heard('Replicated', (clickhouse) => migrateClickhouse(clickhouse, 'main-1'));
    const [first, ...others] = queries;
    expect(first?.query).toBe(
      "CREATE DATABASE IF NOT EXISTS docket ON CLUSTER `main-1` ENGINE = Replicated('/clickhouse/databases/main-1/docket', '{shard}', '{replica}')",
    );
    expect(first?.settings.has('database')).toBe(false);
    const made = others.filter(({ query }) => query.startsWith('CREATE'));
    expect(made.map(({ query }) => / EXISTS (\w+)/.exec(query)?.[1])).toEqual(
      ['schema_migration', 'event', 'ticket', 'dead_letter'].flatMap((name) => [`${name}_local`, name]),
    );
    for (const { settings } of made) expect(settings.get('distributed_ddl_output_mode')).toBe('throw_only_active');
    const told = queries.at(-1);
    expect(told?.query).toContain('INSERT INTO schema_migration');
    expect(told?.settings.get('distributed_foreground_insert')).toBe('1');
  });

  test('is not taken for one server, nor one server for it', async () => {
    const asCluster = heard('Atomic', (clickhouse) => migrateClickhouse(clickhouse, 'main'));
    await expect(asCluster).rejects.toMatchObject({ problems: [expect.stringContaining("is one server's")] });
    const asOne = heard('Replicated', (clickhouse) => migrateClickhouse(clickhouse));
    await expect(asOne).rejects.toMatchObject({ problems: [expect.stringContaining("is a cluster's")] });
  });

  test('has rows in place when they are acknowledged, and is asked where they were written', async () => {
    const queries = await heard('Replicated', async (clickhouse) => {
      await insertLines(clickhouse, 'event', ['guild_id'], ['1\n']);
      await readRows(clickhouse, 'SELECT 1');
    });
    for (const { settings } of queries) {
      expect(Object.fromEntries(settings)).toMatchObject({
        distributed_foreground_insert: '1',
        distributed_insert_skip_read_only_replicas: '1',
        load_balancing: 'in_order',
        prefer_localhost_replica: '0',
      });
    }
    expect(queries).toHaveLength(2);
  });
});
