import { expect, test } from 'vitest';
import { listen } from '#runtime/listen.ts';
import { createLog } from '#runtime/log.ts';
import { type Db, sql } from '#runtime/postgres.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { createScene } from '#tickets/scene.ts';
import { channels } from '../ipc.ts';
import { createPanelCache } from './panel-cache.ts';

const { pool, url } = await testDatabase();
const scene = await createScene(pool);
const { panel } = await scene.panel();
const { guildId } = scene;
const rename = (name: string) =>
  pool.query(sql`update panel set name = ${name} where guild_id = ${guildId} and id = ${panel.id}`);

test('a panel is read once, until Postgres says that it has changed', async () => {
  let reads = 0;
  let heard = 0;
  const db: Db = {
    query(statement) {
      reads += 1;
      return pool.query(statement);
    },
  };
  const cache = createPanelCache(db);
  const name = async () => (await cache.read(guildId, panel.id))?.name;
  const listener = await listen({
    url,
    channels: [channels.panels],
    log: createLog({ role: 'test', level: 'silent' }),
    onNotify: (_, payload) => {
      cache.drop(payload);
      heard += 1;
    },
    onReconnect: () => cache.drop(),
  });
  try {
    await rename('before');
    await expect.poll(() => heard).toBe(1);
    expect(await name()).toBe('before');
    cache.drop('1'); // another server's
    const readsBefore = reads;
    expect(await name()).toBe('before');
    expect(reads).toBe(readsBefore);
    await rename('after');
    await expect.poll(name).toBe('after');
  } finally {
    await listener.close();
  }
});

test('what was read while it changed is not kept', async () => {
  let go: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    go = resolve;
  });
  const db: Db = {
    async query<Row>(statement: Parameters<Db['query']>[0]) {
      const rows = await pool.query<Row>(statement);
      await gate;
      return rows;
    },
  };
  const cache = createPanelCache(db);
  await rename('old');
  const reading = cache.read(guildId, panel.id);
  const [current] = await pool.query<{ name: string }>(sql`select name from panel where id = ${panel.id}`);
  expect(current?.name).toBe('old');
  await rename('new');
  cache.drop();
  go();
  await reading;
  expect((await cache.read(guildId, panel.id))?.name).toBe('new');
});
