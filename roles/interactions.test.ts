import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '#runtime/embedded/ports.ts';
import { createLog } from '#runtime/log.ts';
import { printLine } from '#runtime/stdout.ts';
import { type CommandOption, createControl } from '#simulator/client.ts';
import { startSimulator } from '#simulator/server.ts';
import { type Balancer, startBalancer } from '#test/harness/balancer.ts';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { declareRole, type RoleProcess } from '#test/harness/process.ts';
import { runRole } from '#test/harness/role.ts';

const { url: databaseUrl } = await testDatabase();
const { url: clickhouseUrl, database } = await testClickhouse();
const folder = mkdtempSync(join(tmpdir(), 'docket-interactions-'));
const log = createLog({ role: 'test', level: 'silent' });
const simulator = await startSimulator({ port: 0, dataDir: null, guilds: 1, membersPerGuild: 60, log });
const control = createControl(simulator.control);
const guild = simulator.guilds[0] ?? { id: '', ownerId: '', memberIds: [], roleIds: [] };
const env = {
  DATABASE_URL: databaseUrl,
  CLICKHOUSE_URL: `${clickhouseUrl}/${database}`,
  DISCORD_TOKEN: simulator.token,
  DISCORD_API_URL: simulator.api,
  ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64'),
  LOG_LEVEL: 'info',
};
let channelId: string;
let pods: { role: RoleProcess; port: number; healthPort: number }[];
let balancer: Balancer;

const declarePod = async (index: number) => {
  const [port, healthPort] = [await freePort(), await freePort()];
  const more = { PORT: String(port), HOST: '127.0.0.1', DRAIN_S: '1' };
  const name = `interactions-${index}`;
  const role = declareRole({ name, args: ['interactions'], env: { ...env, ...more }, folder, healthPort });
  return { role, port, healthPort };
};

beforeAll(async () => {
  channelId = (await control.channels(guild.id)).find((one) => one.name === 'general')?.id ?? '';
  pods = [await declarePod(0), await declarePod(1)];
  balancer = await startBalancer(pods);
  await Promise.all(pods.map(({ role }) => role.start()));
});
afterAll(async () => {
  await Promise.all(pods.map(({ role }) => role.terminate()));
  await balancer.close();
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (name: string, userId = guild.ownerId, options: CommandOption[] = []): Promise<{ id: string }> =>
  control.runCommand({ guildId: guild.id, channelId, userId, name, options });
const answerTo = async ({ id }: { id: string }) => control.interaction(id, { waitMs: 15_000, until: 'answer' });
const metric = async (name: string): Promise<number> => {
  const pages = await Promise.all(
    pods.map(async ({ healthPort }) => (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text()),
  );
  const values = pages.map(
    (page) =>
      page
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')[1],
  );
  return values.reduce((sum, value) => sum + Number(value ?? 0), 0);
};

test('register tells Discord the address, once Discord has got the right answers there', async () => {
  const address = `http://127.0.0.1:${balancer.port}/interactions`;
  const wrong = await runRole(['register'], { ...env, INTERACTIONS_URL: `${address}/elsewhere` });
  expect(wrong).toMatchObject({ code: 2, err: expect.stringMatching(/^- INTERACTIONS_URL: Discord asked .+\. .+/m) });
  expect(await control.updateApplication({})).toMatchObject({ interactionsUrl: null });

  const right = await runRole(['register'], { ...env, INTERACTIONS_URL: address });
  expect(right).toMatchObject({ code: 0, out: expect.stringContaining(`Discord posts interactions to ${address}.`) });
  expect(await control.updateApplication({})).toMatchObject({ interactionsUrl: address });
  expect(await metric('docket_interaction_requests_total{result="bad-signature"}')).toBe(1);
  expect(await metric('docket_interaction_requests_total{result="ping"}')).toBe(1);
});

test('a key of another application ends the role with the fix, before it takes anything', async () => {
  const { code, err } = await runRole(['interactions'], {
    ...env,
    DISCORD_PUBLIC_KEY: 'a'.repeat(64),
    HEALTH_PORT: '0',
  });
  expect(code).toBe(2);
  expect(err).toMatch(/^- DISCORD_PUBLIC_KEY is not the key of .+ leave it unset/m);
});

test('a command is answered, a refusal too, and the acknowledgement is measured', async () => {
  const before = await metric('docket_interaction_ack_seconds_count');
  const answer = await answerTo(await run('viewstaff'));
  expect(answer).toMatchObject({ state: 'acknowledged', callbackType: 5, messages: [{ flags: 64 }] });
  const member = guild.memberIds.at(-1) ?? '';
  const refused = await answerTo(await run('addadmin', member, [{ name: 'user_or_role', value: member }]));
  expect(refused.messages[0]?.content).toContain('/addadmin');
  expect((await metric('docket_interaction_ack_seconds_count')) - before).toBe(2);
});

test('a rolling restart in the middle of traffic: nothing late, nothing lost, every process ends with 0', async () => {
  const bad: unknown[] = [];
  let asked = 0;
  let isOver = false;
  const live = async (userId: string): Promise<void> => {
    while (!isOver) {
      const answer = await answerTo(await run('viewstaff', userId));
      asked += 1;
      if (answer.state !== 'acknowledged' || !answer.isAnswered) bad.push(answer);
    }
  };
  const people = guild.memberIds.slice(0, 8).map(live);
  const more = async (): Promise<void> => {
    const before = asked;
    await expect.poll(() => asked, { timeout: 30_000 }).toBeGreaterThan(before + 100);
  };
  await more();
  for (const { role } of pods) {
    expect(await role.terminate()).toBe(0);
    await more();
    await role.start();
    await more();
  }
  isOver = true;
  await Promise.all(people);
  expect(bad, `of ${asked}`).toEqual([]);
  const { expired, failedPosts, posts, violations } = await control.counts();
  expect({ expired, failedPosts, violations }).toEqual({ expired: 0, failedPosts: 0, violations: {} });
  expect(posts).toBeGreaterThanOrEqual(asked);
  expect(balancer.served.every((n) => n > 100)).toBe(true);
  printLine(`a rolling restart of two: ${asked} interactions, 0 late, 0 lost`);
}, 120_000);
