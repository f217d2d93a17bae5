import { expect, test } from 'vitest';
import { testDatabase } from '#test/harness/postgres.ts';
import { closeTicket } from '../actions/close.ts';
import { createScene } from '../scene.ts';
import { listGaps, recordGaps } from './gap.ts';

const { pool } = await testDatabase();
const minutes = 60_000;

test('every ticket that had a channel in a gap notes its part of it, once', async () => {
  const { ctx, guildId, start, ...scene } = await createScene(pool);
  const person = scene.person();
  const [before, during, after] = [
    await scene.open(person),
    await scene.open(person, { at: start + 5 * minutes }),
    await scene.open(person, { at: start + 30 * minutes }),
  ];
  const close = (ticketId: number, at: number) => closeTicket(ctx, guildId, { ticketId, by: null, reason: null, at });
  const [early, within] = [await scene.open(person), await scene.open(person)];
  await close(early.id, start + 1 * minutes);
  await close(within.id, start + 6 * minutes);
  const reserved = await scene.reserve(person);
  const gap = { from: start + 2 * minutes, to: start + 10 * minutes };
  await recordGaps(pool, guildId, gap);
  await recordGaps(pool, guildId, gap);
  const gapsOf = (id: number) => listGaps(pool, guildId, id);
  expect(await gapsOf(before.id)).toEqual([gap]);
  expect(await gapsOf(during.id)).toEqual([{ from: start + 5 * minutes, to: gap.to }]);
  expect(await gapsOf(within.id)).toEqual([{ from: gap.from, to: start + 6 * minutes }]);
  for (const none of [after, early, reserved]) expect(await gapsOf(none.id)).toEqual([]);
});

test('a gap that lasts longer grows, a later one stands beside it', async () => {
  const { guildId, start, ...scene } = await createScene(pool);
  const { id } = await scene.open(scene.person());
  for (const [from, to] of [
    [1, 2],
    [1, 4],
    [1, 3],
    [6, 7],
  ] as const)
    await recordGaps(pool, guildId, { from: start + from * minutes, to: start + to * minutes });
  expect(await listGaps(pool, guildId, id)).toEqual([
    { from: start + 1 * minutes, to: start + 4 * minutes },
    { from: start + 6 * minutes, to: start + 7 * minutes },
  ]);
});
