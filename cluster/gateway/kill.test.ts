import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { readApplication } from '#discord/application.ts';
import { createPlainRest } from '#discord/rest.ts';
import { createLog } from '#runtime/log.ts';
import { sql } from '#runtime/postgres.ts';
import { createControl } from '#simulator/client.ts';
import { startSimulator } from '#simulator/server.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { createKeyring } from '#tickets/crypto.ts';
import { startSupervisor } from '../supervisor.ts';
import { openWithChannel } from '#test/harness/ticket.ts';
import { settleTotal } from '../total.ts';

const log = createLog({ role: 'test', level: 'silent' });
const { pool, url } = await testDatabase();
const simulator = await startSimulator({ port: 0, dataDir: null, guilds: 1, log });
const control = createControl(simulator.control);
const guild = simulator.guilds[0] ?? { id: '', ownerId: '' };
const application = await readApplication(createPlainRest({ token: simulator.token, apiUrl: simulator.api }));
const key = randomBytes(32).toString('base64');
await settleTotal(pool, { botId: application.id, wanted: 1, recommended: async () => 1 });
afterAll(() => simulator.close());

test('a cluster is killed three times while people write: every message is stored once, by one session', async () => {
  const ctx = { db: pool, log, now: Date.now, keys: createKeyring(key), premium: 'everyone' as const };
  const channelId = await openWithChannel(ctx, control, guild);
  const supervisor = startSupervisor({
    entry: fileURLToPath(new URL('../testing/child.ts', import.meta.url)),
    args: [],
    token: simulator.token,
    totalShards: 1,
    clusters: [[0]],
    env: { CHILD_DOES: 'gateway', DATABASE_URL: url, DISCORD_API_URL: simulator.api, ENCRYPTION_KEY: key },
    log,
    onSpent: () => expect.unreachable('the clusters ran out of restarts'),
    pingMs: 50,
  });
  const sent: string[] = [];
  const write = async (count: number) => {
    for (let i = 0; i < count; i += 1) {
      sent.push(
        (await control.sendMessage({ channelId, userId: guild.ownerId, content: `message ${sent.length}` })).id,
      );
    }
  };
  const isReady = () =>
    supervisor.checkReady().then(
      () => true,
      () => false,
    );
  try {
    for (let kills = 0; kills < 3; kills += 1) {
      await expect.poll(isReady, { timeout: 20_000 }).toBe(true);
      await write(40);
      const pid = supervisor.pids().get(0) ?? 0;
      process.kill(pid, 'SIGKILL');
      await write(10); // nobody hears these
      await expect.poll(() => supervisor.pids().get(0) ?? pid, { timeout: 20_000 }).not.toBe(pid);
    }
    const stored = async () =>
      (await pool.query<{ id: string }>(sql`select id from message order by id`)).map(({ id }) => id);
    await expect.poll(stored, { timeout: 20_000 }).toEqual(sent);
    const told = sql`select row ->> 'id' as id from outbox where kind = 'event' and row ->> 'id' = any(${sent}::text[]) order by 1`;
    expect((await pool.query<{ id: string }>(told)).map(({ id }) => id)).toEqual(sent);
    const { identifies, resumes, failedResumes, violations } = await control.counts();
    expect({ identifies, resumes, failedResumes, violations }).toEqual({
      identifies: 1,
      resumes: 3,
      failedResumes: 0,
      violations: {},
    });
  } finally {
    await supervisor.stop();
  }
}, 90_000);
