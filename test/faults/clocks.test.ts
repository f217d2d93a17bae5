import { afterAll, beforeAll, test } from 'vitest';
import { type Fleet, type RoleName, startFleet } from '../harness/fleet.ts';
import { nothingSent } from '../harness/traffic.ts';
import { survive } from './survive.ts';

let fleet: Fleet;

// Neighbours differ by 10 s: the two pods, worker and clusters, the two that carry events.
const offsetMs: Partial<Record<RoleName, number>> = {
  'docket-0': 5_000,
  'docket-1': -5_000,
  worker: -5_000,
  'analytics-0': 5_000,
  'analytics-1': -5_000,
  api: 5_000,
};

beforeAll(async () => {
  fleet = await startFleet({ env: (role) => ({ CLOCK_OFFSET_MS: String(offsetMs[role] ?? 0) }) });
}, 240_000);
afterAll(() => fleet?.stop(), 60_000);

test('clocks that differ by ten seconds lose nothing, also when their processes are replaced', async () => {
  const sent = nothingSent();
  await survive(fleet, sent, 'clocks ±5 s', async () => undefined);
  // Each takes over what another left, five seconds ahead or behind, then with the other sign.
  for (const name of ['docket-0', 'docket-1', 'worker', 'analytics-0'] as const) {
    await survive(fleet, sent, `clock of ${name} turned over`, async () => {
      await fleet.roles[name].kill();
      await fleet.roles[name].start({ CLOCK_OFFSET_MS: String(-(offsetMs[name] ?? 0)) });
    });
  }
});
