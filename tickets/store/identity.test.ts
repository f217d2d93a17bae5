import { describe, expect, test } from 'vitest';
import { sql } from '#runtime/postgres.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { addStaff } from '../actions/add-staff.ts';
import { createScene } from '../scene.ts';
import { markGuildLeft } from './guild.ts';
import { createApiKey, createSession, deleteSession, guildsWhereStaff, readApiKey, readSession } from './identity.ts';

const { pool } = await testDatabase();
const start = Date.UTC(2026, 0, 5);

describe('sessions', () => {
  test('are found by their hash until they expire or end', async () => {
    const hash = Buffer.from('cookie');
    const session = { userId: '200000000000000001', data: { name: 'Member 12' }, csrf: 'x', expiresAt: start + 10 };
    await createSession(pool, { hash, ...session });
    expect(await readSession(pool, { hash, now: start })).toMatchObject(session);
    expect(await readSession(pool, { hash, now: start + 10 })).toBeNull();
    await deleteSession(pool, { hash });
    expect(await readSession(pool, { hash, now: start })).toBeNull();
  });
});

describe('API keys', () => {
  test('name their server and scopes until they are revoked; their last use is written once a minute', async () => {
    const { guildId } = await createScene(pool);
    const hash = Buffer.from('key');
    const key = await createApiKey(pool, { guildId, hash, name: 'n', scopes: ['analytics:read'], createdBy: null });
    const lastUse = async () => {
      const [row] = await pool.query<{ at: number }>(sql`select last_used_at as at from api_key where id = ${key.id}`);
      return row?.at;
    };
    expect(await readApiKey(pool, { hash, now: start })).toEqual(key);
    await readApiKey(pool, { hash, now: start + 59_000 });
    expect(await lastUse()).toBe(start);
    await readApiKey(pool, { hash, now: start + 61_000 });
    expect(await lastUse()).toBe(start + 61_000);
    await pool.query(sql`update api_key set revoked_at = now() where id = ${key.id}`);
    expect(await readApiKey(pool, { hash, now: start })).toBeNull();
  });
});

describe('a person’s servers', () => {
  test('are those they own, those where they are staff by name, and those they are in, with the roles that count', async () => {
    const scenes = await Promise.all([0, 1, 2, 3, 4].map(() => createScene(pool)));
    const [owned, named, byRole, foreign, left] = scenes;
    if (!owned || !named || !byRole || !foreign || !left) throw new Error('five scenes');
    const userId = owned.owner.id;
    await addStaff(named.ctx, named.guildId, {
      by: named.owner,
      subjectId: userId,
      subjectKind: 'user',
      level: 'admin',
    });
    const roleId = byRole.id();
    await addStaff(byRole.ctx, byRole.guildId, {
      by: byRole.owner,
      subjectId: roleId,
      subjectKind: 'role',
      level: 'support',
    });
    await addStaff(left.ctx, left.guildId, { by: left.owner, subjectId: userId, subjectKind: 'user', level: 'admin' });
    await markGuildLeft(pool, left.guildId, { at: start });
    const guilds = await guildsWhereStaff(pool, { userId, guildIds: [byRole.guildId] });
    expect(guilds.map(({ guildId, userLevel, roles }) => ({ guildId, userLevel, roles }))).toEqual([
      { guildId: owned.guildId, userLevel: null, roles: [] },
      { guildId: named.guildId, userLevel: 'admin', roles: [] },
      { guildId: byRole.guildId, userLevel: null, roles: [{ roleId, level: 'support' }] },
    ]);
  });
});
