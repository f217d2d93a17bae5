import { describe, expect, test } from 'vitest';
import { createLog } from '#runtime/log.ts';
import { listen } from '#runtime/listen.ts';
import { type Db, sql } from '#runtime/postgres.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { appendOutbox, outboxDepth } from '#tickets/store/fleet/outbox.ts';
import { type Handler, startDrain } from './drain.ts';

const { pool, url } = await testDatabase({ max: 20 });
const log = createLog({ role: 'test', level: 'silent' });
const options = { url, log, intervalMs: 0 };

const guildId = '111111111111111111';
const append = (db: Db, ns: readonly number[]): Promise<void> =>
  appendOutbox(
    db,
    ns.map((n) => ({ kind: 'event', guildId, ticketId: n, row: { n } })),
  );

/** Resolves when `is` holds after a call of the handler. */
function collecting(is: (seen: number[]) => boolean): { handler: Handler; seen: number[]; reached: Promise<void> } {
  const seen: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const handler: Handler = async (rows) => {
    seen.push(...rows.map((row) => row.ticketId));
    if (is(seen)) resolve();
  };
  return { handler, seen, reached: promise };
}

describe('the drain', () => {
  test('skips nothing although transactions commit in another order than they took their ids', async () => {
    const writers = 12;
    const each = 60;
    const { handler, seen, reached } = collecting((all) => new Set(all).size === writers * each);
    const drain = startDrain({ ...options, handler, batch: 7 });
    await Promise.all(
      Array.from({ length: writers }, async (_, writer) => {
        for (let i = 0; i < each; i += 3) {
          // The ids are taken at once, the commit comes after another statement.
          await pool.transaction(async (db) => {
            await append(
              db,
              [0, 1, 2].map((n) => writer * each + i + n),
            );
            await db.query(sql`select pg_sleep(${(writer % 4) / 1_000})`);
          });
        }
      }),
    );
    await reached;
    await drain.stop();
    expect(new Set(seen).size).toBe(writers * each);
    expect(seen).toHaveLength(writers * each);
    expect(await outboxDepth(pool)).toBe(0);
  });

  test('keeps rows that the handler could not take, and gives them again', async () => {
    let calls = 0;
    const { handler, reached } = collecting(() => true);
    const drain = startDrain({
      ...options,
      handler: async (rows, signal) => {
        calls += 1;
        if (calls < 3) {
          expect(await outboxDepth(pool)).toBe(2);
          throw new Error('not now');
        }
        await handler(rows, signal);
      },
    });
    await append(pool, [1, 2]);
    await reached;
    await drain.stop();
    expect(calls).toBe(3);
    expect(await outboxDepth(pool)).toBe(0);
  });

  test('is done by one of several, and by another when that one stops', async () => {
    const at: string[] = [];
    const { handler, reached } = collecting((all) => all.includes(2));
    const named =
      (name: string): Handler =>
      async (rows, signal) => {
        at.push(name);
        await handler(rows, signal);
      };
    const first = collecting(() => true);
    const one = startDrain({
      ...options,
      handler: async (rows, signal) => {
        await first.handler(rows, signal);
        await named('one')(rows, signal);
      },
    });
    await append(pool, [1]);
    await first.reached;
    const two = startDrain({ ...options, handler: named('two') });
    await one.stop();
    await append(pool, [2]);
    await reached;
    await two.stop();
    expect(at).toEqual(['one', 'two']);
  });

  test('tells listeners which servers moved', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const listener = await listen({
      url,
      channels: ['docket_tickets'],
      log,
      onNotify: (_, payload) => resolve(payload),
      onReconnect: () => undefined,
    });
    const drain = startDrain({ ...options, handler: async () => undefined });
    await append(pool, [1, 2]);
    expect(await promise).toBe(JSON.stringify([guildId]));
    await drain.stop();
    await listener.close();
  });

  test('stops although its handler waits', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const drain = startDrain({
      ...options,
      handler: (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('stopped')));
          resolve();
        }),
    });
    await append(pool, [1]);
    await promise;
    await drain.stop();
    expect(await outboxDepth(pool)).toBe(1);
  });
});
