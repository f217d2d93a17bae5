import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClickhouse } from '#analytics/clickhouse/client.ts';
import { readRunFile } from '#runtime/embedded/run-file.ts';
import { createLog } from '#runtime/log.ts';
import { createPool, sql } from '#runtime/postgres.ts';
import { type Desk, openDesk, until } from '../harness/desk.ts';
import { type Stack, startStack } from '../harness/stack.ts';
import { nothingSent, withTraffic } from '../harness/traffic.ts';

let stack: Stack;
let desk: Desk;
const all = nothingSent();

beforeAll(async () => {
  stack = await startStack({ guilds: 1 });
  desk = await openDesk(stack.control);
}, 120_000);
afterAll(() => stack?.stop(), 60_000);

/** The living children of a process (Linux). */
const childrenOf = (pid: number): number[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(join(`/proc/${pid}/task`, task, 'children'), 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number),
  );

/** The process that started Postgres' backends. */
async function postmaster(): Promise<number> {
  const run = readRunFile(stack.env['DATA_DIR'] ?? '');
  const pool = createPool({
    url: run?.databaseUrl ?? '',
    name: 'test',
    log: createLog({ role: 'test', level: 'silent' }),
  });
  try {
    const [row] = await pool.query<{ pid: number }>(sql`select pg_backend_pid() as pid`);
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${row?.pid}/status`, 'utf8'))?.[1]);
  } finally {
    await pool.end();
  }
}

/** Traffic before, during and after; `break_` resolves when the fault has been dealt. */
async function live(fault: () => Promise<void>): Promise<void> {
  const sent = await withTraffic(stack.control, desk, async (so) => {
    await until(
      async () => so.messageIds.size,
      (n) => n > 40,
    );
    await fault();
    const before = so.closed.size;
    await until(
      async () => so.closed.size,
      (n) => n > before + 3,
      90_000,
    );
  });
  for (const key of ['messageIds', 'channelIds', 'closed'] as const) for (const id of sent[key]) all[key].add(id);
}

/** Everything that was sent is in both stores once, nothing hangs, and no ticket has two channels. */
async function expectNothingLostOrTwice(): Promise<void> {
  const run = readRunFile(stack.env['DATA_DIR'] ?? '');
  if (!run) throw new Error('the product does not run');
  const pool = createPool({ url: run.databaseUrl, name: 'test', log: createLog({ role: 'test', level: 'silent' }) });
  const clickhouse = createClickhouse({ url: run.clickhouseUrl, database: 'docket' });
  try {
    const stored = async (): Promise<string[]> =>
      (await pool.query<{ id: string }>(sql`select id from message where author_kind <> 'bot'`)).map((row) => row.id);
    const ids = await until(stored, (list) => list.length >= all.messageIds.size, 60_000);
    expect(ids.toSorted()).toEqual([...all.messageIds].toSorted());

    const halfOpen = () => pool.query(sql`select id, state from ticket where state in ('reserved', 'channel')`);
    expect(await until(halfOpen, (list) => list.length === 0, 90_000)).toEqual([]);
    const channels = await stack.control.channels(desk.guild.id);
    const topics = channels.flatMap((one) => (one.topic?.includes('ticket') ? [one.topic] : []));
    expect(new Set(topics).size).toBe(topics.length);

    const { code, answer } = await stack.verify();
    expect(code, JSON.stringify(answer)).toBe(0);
    const query = "select count() as n from event final where name like 'message.%' and actor_kind != 'bot'";
    const counted = await (await clickhouse.query({ query, format: 'JSONEachRow' })).json<{ n: string }>();
    expect(Number(counted[0]?.n)).toBe(all.messageIds.size);
  } finally {
    await pool.end();
    await clickhouse.close();
  }
}

const kill = (pid: number): void => void process.kill(pid, 'SIGKILL');

test.each<[string, () => Promise<void>]>([
  ['a killed cluster', async () => kill(childrenOf(stack.pidOf('cluster'))[0] ?? 0)],
  ['a killed supervisor', async () => kill(stack.pidOf('cluster'))],
  ['a killed ClickHouse', async () => kill(stack.pidOf('chdb'))],
  [
    'a killed `up`',
    async () => {
      await stack.up.stop('SIGKILL');
      await stack.restart();
    },
  ],
  [
    'a Postgres that ends and comes back',
    async () => {
      const before = await postmaster();
      process.kill(before, 'SIGINT'); // Postgres' fast shutdown; who watches it must start it again
      await until(
        () => postmaster().catch(() => before),
        (pid) => pid !== before,
      );
    },
  ],
])(
  '%s loses nothing and doubles nothing',
  async (_, fault) => {
    await live(fault);
    await expectNothingLostOrTwice();
  },
  240_000,
);

test('a stop and a second start lose nothing', async () => {
  await live(async () => {
    expect(await stack.up.stop('SIGTERM')).toBe(0);
    await stack.restart();
  });
  await expectNothingLostOrTwice();
}, 240_000);
