import { expect, test } from 'vitest';
import { sql } from '#runtime/postgres.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { checkBreaker } from '../parts.ts';
import { checkPostgres } from './databases.ts';

const { pool, url } = await testDatabase();
const bot = '900000000000000001';

test('an open breaker is told by the doctor and by readiness, until it closes', async () => {
  const wrong = async () => (await checkPostgres(url)).filter(({ kind }) => kind === 'wrong');
  await pool.query(sql`
    insert into rest_lease (bot_id, invalid_count, invalid_since, blocked_until)
    values (${bot}, 8000, now() - interval '4 minutes', now() + interval '6 minutes')`);
  expect(await wrong()).toMatchObject([{ what: expect.stringMatching(/asked nothing for 3\d\d s.*refused 8000/) }]);
  await expect(checkBreaker(pool, bot)).rejects.toThrow(/asked nothing for 3\d\d s/);
  await pool.query(sql`update rest_lease set blocked_until = now() - interval '1 s'`);
  expect(await wrong()).toEqual([]);
  await expect(checkBreaker(pool, bot)).resolves.toBeUndefined();
  await expect(checkBreaker(pool, '900000000000000002')).resolves.toBeUndefined();
});
