import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { childEnv } from '#runtime/config.ts';
import { createLog } from '#runtime/log.ts';
import { startSupervisor, type Supervisor, type SupervisorOptions } from './supervisor.ts';

const entry = fileURLToPath(new URL('./testing/child.ts', import.meta.url));
const log = createLog({ role: 'test', level: 'silent' });
const patience = { timeout: 20_000 };
const supervisors: Supervisor[] = [];

function start(does: string, o: Partial<SupervisorOptions> = {}) {
  const spent: number[] = [];
  const supervisor = startSupervisor({
    entry,
    args: [],
    token: 'token',
    totalShards: 3,
    clusters: [[0, 1], [2]],
    env: { CHILD_DOES: does },
    log,
    onSpent: (code) => void spent.push(code),
    pingMs: 50,
    ...o,
  });
  supervisors.push(supervisor);
  const isReady = () =>
    supervisor.checkReady().then(
      () => true,
      () => false,
    );
  return { supervisor, spent, isReady };
}
afterEach(() => Promise.all(supervisors.splice(0).map((one) => one.stop())));
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('clusters get their shards, are ready together, and their metrics are one sum', async () => {
  const { supervisor, isReady } = start('nothing');
  await expect(supervisor.checkReady()).rejects.toThrow('cluster 0: 0 of 2 shards');
  await expect.poll(isReady, patience).toBe(true);
  expect(await supervisor.metricsText()).toMatch(/^docket_messages_recorded_total 3$/m);
});

test.each(['SIGKILL', 'SIGSTOP', 'SIGUSR2'] as const)(
  'a cluster after %s (killed, stopped, hung) is replaced',
  async (signal) => {
    const { supervisor, isReady } = start('nothing', { silentMs: 3_000 });
    await expect.poll(isReady, patience).toBe(true);
    const pid = supervisor.pids().get(1) ?? 0;
    process.kill(pid, signal);
    await expect.poll(() => supervisor.pids().get(1) ?? pid, patience).not.toBe(pid);
    expect(isAlive(pid)).toBe(false);
    await expect.poll(isReady, patience).toBe(true);
  },
);

test('what Postgres notified reaches every cluster, and so does that something was missed', async () => {
  const { supervisor, isReady } = start('nothing');
  await expect.poll(isReady, patience).toBe(true);
  supervisor.tell('docket_panels', '1');
  supervisor.tellMissed();
  await expect
    .poll(async () => (await supervisor.metricsText()).match(/^docket_gateway_dispatches_total\{.*$/gm), patience)
    .toEqual([
      'docket_gateway_dispatches_total{event="docket_panels 1"} 2',
      'docket_gateway_dispatches_total{event="missed"} 2',
    ]);
});

test('clusters that do not stay alive end the pod instead of being forgotten', async () => {
  const { spent } = start('die', { budget: { deaths: 3, withinMs: 60_000 } });
  await expect.poll(() => spent[0], patience).toBe(1);
});

test('a wrong configuration is not tried again', async () => {
  const { spent } = start('misconfigured');
  await expect.poll(() => spent[0], patience).toBe(2);
});

test('stopping ends every cluster, with force if it must', async () => {
  const { supervisor, isReady } = start('ignore-sigterm', { stopMs: 100 });
  await expect.poll(isReady, patience).toBe(true);
  const pids = [...supervisor.pids().values()].map(Number);
  await supervisor.stop();
  expect(pids.map(isAlive)).toEqual([false, false]);
});

test('a cluster whose supervisor was killed ends itself', async () => {
  const env = childEnv({
    CHILD_DOES: 'nothing',
    CLUSTER_MANAGER_MODE: 'process',
    SHARD_LIST: '0',
    TOTAL_SHARDS: '1',
    CLUSTER: '0',
  });
  const child = fork(entry, { env });
  child.send({ docket: 'ping' });
  await once(child, 'message'); // it has joined
  child.disconnect();
  await once(child, 'exit');
  expect(child.exitCode).not.toBeNull();
});
