import { afterAll, beforeAll, expect, test } from 'vitest';
import { printLine } from '#runtime/stdout.ts';
import { until } from '../harness/desk.ts';
import { type Fleet, type RoleName, startFleet } from '../harness/fleet.ts';
import { reckon } from '../harness/reckoning.ts';
import { nothingSent, startTraffic } from '../harness/traffic.ts';

let fleet: Fleet;
const sent = nothingSent();

beforeAll(async () => {
  fleet = await startFleet();
}, 240_000);
afterAll(() => fleet?.stop(), 60_000);

/** Deals a fault while people live on; they must get on again afterwards, and nothing may be lost. */
async function survive(name: string, fault: () => Promise<void>): Promise<void> {
  const traffic = startTraffic(fleet.control, fleet.desks, { people: 2, sent });
  const closesMore = async (n: number): Promise<void> => {
    const before = sent.closed.size;
    await until(
      async () => sent.closed.size - before,
      (more) => more >= n,
      90_000,
    );
  };
  try {
    await closesMore(4);
    await fault();
    await fleet.untilWhole();
    await closesMore(8);
  } finally {
    await traffic.stop();
  }
  const counts = await reckon(fleet, sent);
  printLine(`${name}: ${JSON.stringify(counts)}`);
  const { sent: n, tickets, ...rest } = counts;
  expect(n).toBeGreaterThan(0);
  expect(tickets).toBeGreaterThan(0);
  const { stored, counted, ...faults } = rest;
  expect(counted).toBe(stored);
  expect(Object.entries(faults).filter(([, value]) => value !== 0)).toEqual([]);
}

const roles: RoleName[] = ['docket-0', 'docket-1', 'worker', 'analytics-0', 'analytics-1', 'api', 'simulator'];

test.each(roles)('kill -9 of %s loses nothing and doubles nothing', async (name) => {
  await survive(`kill -9 ${name}`, async () => {
    await fleet.roles[name].kill();
    await (name === 'simulator' ? fleet.startSimulator() : fleet.roles[name].start());
  });
});
