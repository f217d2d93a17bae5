import { until } from './desk.ts';
import type { Fleet, RoleName } from './fleet.ts';
import { type Reckoning, reckon } from './reckoning.ts';
import { nothingSent, startTraffic } from './traffic.ts';

/** A deploy as Discord and the people saw it. */
export type Deploy = {
  counts: Reckoning;
  restarts: number;
  /** Sessions begun anew; a deploy needs none. */
  identifies: number;
  resumes: number;
  interactions: number;
  /** Interactions that nobody acknowledged within 3 s. */
  late: number;
  violations: Record<string, number>;
  /** Roles that did not end in order: name and exit code. */
  disorderly: string[];
};

// The order of a real deploy; the simulator, Discord, stays.
const order: readonly RoleName[] = [
  'docket-0',
  'docket-1',
  'interactions-0',
  'interactions-1',
  'worker',
  'analytics-0',
  'analytics-1',
  'api',
];

/** Restarts every role of a fleet in turn, `rounds` times, while people live on; each next one when the last is ready. */
export async function deploy(fleet: Fleet, o: { rounds: number; people: number }): Promise<Deploy> {
  const { seen } = fleet.watch;
  const sent = nothingSent();
  const traffic = startTraffic(fleet.control, fleet.desks, { people: o.people, sent });
  const more = async (messages: number): Promise<void> => {
    const before = sent.messageIds.size;
    await until(
      async () => sent.messageIds.size - before,
      (count) => count >= messages,
      90_000,
    );
  };
  const disorderly: string[] = [];
  await more(20);
  const [from, identifies, resumes] = [await fleet.control.counts(), seen.identifies, seen.resumes];
  let restarts = 0;
  try {
    for (let round = 0; round < o.rounds; round += 1) {
      for (const name of order) {
        const role = fleet.roles[name];
        if (!role.isRunning) continue;
        const code = await role.terminate();
        if (code !== 0) disorderly.push(`${name} ${code}`);
        await role.start();
        await fleet.untilWhole();
        restarts += 1;
        await more(20);
      }
    }
  } finally {
    await traffic.stop();
  }
  const to = await fleet.control.counts();
  return {
    counts: await reckon(fleet, sent),
    restarts,
    identifies: seen.identifies - identifies,
    resumes: seen.resumes - resumes,
    interactions: to.interactions - from.interactions,
    late: to.expired - from.expired,
    violations: seen.violations,
    disorderly,
  };
}
