import { randomBytes } from 'node:crypto';
import { afterAll, inject } from 'vitest';
import { type ClickHouse, createClickhouse } from '#analytics/clickhouse/client.ts';
import { migrateClickhouse } from '#analytics/clickhouse/migrate.ts';

/** A ClickHouse database of one test file's own. */
export type TestClickhouse = { readonly url: string; readonly database: string; readonly client: ClickHouse };

/**
 * Makes a migrated database for the calling file: `const { client } = await testClickhouse();` at the top of the file, not inside
 * a hook. It is dropped when the file has ended. `migrated: false` leaves it empty.
 */
export async function testClickhouse(o: { migrated?: boolean } = {}): Promise<TestClickhouse> {
  const url = inject('clickhouseUrl');
  const database = `t_${randomBytes(6).toString('hex')}`;
  const client = createClickhouse({ url, database });
  await (o.migrated === false ? client.createDatabase() : migrateClickhouse(client));
  afterAll(async () => {
    await client.command({ query: `drop database ${database}` });
    await client.close();
  });
  return { url, database, client };
}
