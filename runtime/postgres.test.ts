import { expect, test } from 'vitest';
import { testDatabase } from '#test/harness/postgres.ts';
import { startProxy } from '#test/harness/proxy.ts';
import { createLog } from './log.ts';
import { createPool, sql } from './postgres.ts';

const { url } = await testDatabase();

test('a connection that says nothing any more is given up, within a transaction too, and replaced', async () => {
  const cable = await startProxy(Number(new URL(url).port));
  const through = new URL(url);
  through.port = String(cable.port);
  const log = createLog({ role: 'test', level: 'silent' });
  const pool = createPool({ url: through.href, name: 'test', max: 1, answerWithinMs: 200, log });
  try {
    expect(await pool.query(sql`select 1 as n`)).toEqual([{ n: 1 }]);
    cable.abandon();
    await expect(pool.query(sql`select 2 as n`)).rejects.toThrow('timeout');
    expect(await pool.query(sql`select 3 as n`)).toEqual([{ n: 3 }]);
    const silent = pool.transaction(async (db) => {
      cable.abandon();
      return db.query(sql`select 4 as n`);
    });
    await expect(silent).rejects.toThrow('timeout');
    expect(await pool.query(sql`select 5 as n`)).toEqual([{ n: 5 }]);
  } finally {
    await pool.end();
    await cable.close();
  }
});

test('what is asked often is prepared on its connection; what is asked once is not', async () => {
  const log = createLog({ role: 'test', level: 'silent' });
  const pool = createPool({ url, name: 'test', max: 1, log });
  try {
    for (let i = 0; i < 30; i += 1) expect(await pool.query(sql`select ${i}::int as often`)).toEqual([{ often: i }]);
    await pool.query(sql`select 1 as once`);
    const kept = await pool.query<{ statement: string }>(sql`select statement from pg_prepared_statements`);
    const texts = kept.map((one) => one.statement);
    expect(texts.filter((text) => text.includes('as often'))).toHaveLength(1);
    expect(texts.filter((text) => text.includes('as once'))).toEqual([]);
  } finally {
    await pool.end();
  }
});
