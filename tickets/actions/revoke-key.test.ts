import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { sql } from '#runtime/postgres.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { createScene } from '../scene.ts';
import { listApiKeys } from '../store/api-key.ts';
import { readApiKey } from '../store/identity.ts';
import { createKey } from './create-key.ts';
import { revokeKey } from './revoke-key.ts';

const { pool } = await testDatabase();
const hashOf = (token: string) => createHash('sha256').update(token).digest();
const input = { by: null, name: 'Grafana', scopes: ['analytics:read'] as const };

test('a revoked key lets nobody in from then on, and stays in the list; the others go on', async () => {
  const { ctx, guildId, start, owner } = await createScene(pool);
  const [one, other] = [await createKey(ctx, guildId, input), await createKey(ctx, guildId, input)];
  const read = ({ token }: { token: string }) => readApiKey(pool, { hash: hashOf(token), now: start });
  expect(await read(one)).toMatchObject({ id: one.key.id });
  const revoked = await revokeKey(ctx, guildId, { by: owner.id, keyId: one.key.id });
  expect(revoked).toMatchObject({ id: one.key.id, name: 'Grafana', revokedAt: start });
  expect([await read(one), (await read(other))?.id]).toEqual([null, other.key.id]);
  expect((await listApiKeys(pool, guildId)).map(({ id, revokedAt }) => [id, revokedAt])).toEqual([
    [one.key.id, start],
    [other.key.id, null],
  ]);
});

test('revoking twice keeps the first time and one line in the audit', async () => {
  const { ctx, guildId, start } = await createScene(pool);
  const { key } = await createKey(ctx, guildId, input);
  await revokeKey(ctx, guildId, { by: null, keyId: key.id });
  const later = { ...ctx, now: () => start + 1_000 };
  expect(await revokeKey(later, guildId, { by: null, keyId: key.id })).toMatchObject({ revokedAt: start });
  const audit = await pool.query(sql`select action from audit where guild_id = ${guildId} and action like 'key.%'`);
  expect(audit).toEqual([{ action: 'key.created' }, { action: 'key.revoked' }]);
});

test('another server’s key is unknown', async () => {
  const [mine, theirs] = [await createScene(pool), await createScene(pool)];
  const { key } = await createKey(theirs.ctx, theirs.guildId, input);
  await expect(revokeKey(mine.ctx, mine.guildId, { by: null, keyId: key.id })).rejects.toThrow('key.unknown');
  expect(await listApiKeys(pool, theirs.guildId)).toMatchObject([{ revokedAt: null }]);
});
