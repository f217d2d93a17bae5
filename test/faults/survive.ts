import { expect } from 'vitest';
import { printLine } from '#runtime/stdout.ts';
import { until } from '../harness/desk.ts';
import type { Fleet } from '../harness/fleet.ts';
import { type Reckoning, reckon } from '../harness/reckoning.ts';
import { type Sent, startTraffic } from '../harness/traffic.ts';

// What a fault may keep people waiting for after it is over.
const getOnWithinMs = 120_000;

/** Prints the counts, and fails unless nothing was lost, doubled or left behind. */
export function expectWhole(name: string, counts: Reckoning, fleet: Fleet): void {
  const { identifies, resumes, violations } = fleet.watch.seen;
  const fallen = Object.values(fleet.roles).flatMap((one) => (one.fallen > 0 ? [`${one.name} ${one.fallen} ×`] : []));
  printLine(`${name}: ${JSON.stringify({ ...counts, identifies, resumes, violations, fallen })}`);
  const { sent, stored, counted, tickets, ...wrong } = counts;
  expect(sent).toBeGreaterThan(0);
  expect(tickets).toBeGreaterThan(0);
  expect(counted).toBe(stored);
  expect(Object.entries(wrong).filter(([, value]) => value !== 0)).toEqual([]);
}

/** Deals a fault while people live on: they must get on again afterwards, and nothing may be lost or doubled. */
export async function survive(fleet: Fleet, sent: Sent, name: string, fault: () => Promise<void>): Promise<void> {
  const traffic = startTraffic(fleet.control, fleet.desks, { people: 2, sent });
  const closesMore = async (n: number): Promise<void> => {
    const before = sent.closed.size;
    await until(
      async () => sent.closed.size - before,
      (more) => more >= n,
      getOnWithinMs,
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
  expectWhole(name, await reckon(fleet, sent), fleet);
}
