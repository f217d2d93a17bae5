import { expect, test } from 'vitest';
import { testDatabase } from '#test/harness/postgres.ts';
import { createLog } from './log.ts';
import { createPool, sql } from './postgres.ts';
import { isSnowflake } from './snowflake.ts';

test.each(['10000000000000000', '1574304748075483136', '9199999999999999999'])('%s is an id', (text) => {
  expect(isSnowflake(text)).toBe(true);
});

test.each([
  '',
  '1',
  '1000000000000000',
  '01000000000000000000',
  '9200000000000000000',
  '99999999999999999999',
  ' 10000000000000000',
  '10000000000000000\n',
  '1000000000000000x',
  '１００００００００００００００００',
])('%j is none', (text) => {
  expect(isSnowflake(text)).toBe(false);
});

test('Postgres takes the largest', async () => {
  const { url } = await testDatabase();
  const pool = createPool({ url, name: 'test', max: 1, log: createLog({ role: 'test', level: 'silent' }) });
  try {
    expect(await pool.query(sql`select ${'9199999999999999999'}::bigint as id`)).toEqual([
      { id: '9199999999999999999' },
    ]);
  } finally {
    await pool.end();
  }
});
