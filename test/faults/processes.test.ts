import { afterAll, beforeAll, test } from 'vitest';
import { until } from '../harness/desk.ts';
import { type Fleet, type RoleName, startFleet } from '../harness/fleet.ts';
import { nothingSent } from '../harness/traffic.ts';
import { survive } from './survive.ts';

let fleet: Fleet;
const sent = nothingSent();

beforeAll(async () => {
  fleet = await startFleet();
}, 240_000);
afterAll(() => fleet?.stop(), 60_000);

const roles: RoleName[] = ['docket-0', 'docket-1', 'worker', 'analytics-0', 'analytics-1', 'api', 'simulator'];
const start = (name: RoleName): Promise<void> =>
  name === 'simulator' ? fleet.startSimulator() : fleet.roles[name].start();

test.each(roles)('kill -9 of %s loses nothing and doubles nothing', async (name) => {
  await survive(fleet, sent, `kill -9 ${name}`, async () => {
    await fleet.roles[name].kill();
    await start(name);
  });
});

test.each(roles)('SIGTERM of %s and a new start lose nothing and double nothing', async (name) => {
  await survive(fleet, sent, `SIGTERM ${name}`, async () => {
    await fleet.roles[name].terminate();
    await start(name);
  });
});

test.each([
  ['kill -9 of', 'SIGKILL'],
  ['the hanging of', 'SIGSTOP'],
] as const)('%s a cluster loses nothing: its supervisor replaces it', async (how, signal) => {
  await survive(fleet, sent, `${how} a cluster`, async () => {
    const pid = fleet.clusterPid('docket-0', 0);
    process.kill(pid, signal);
    await until(
      async () => fleet.clusterPid('docket-0', 0),
      (now) => now !== pid && now !== 0,
      60_000,
    );
  });
});
