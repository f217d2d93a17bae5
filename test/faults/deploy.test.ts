import { afterAll, beforeAll, expect, test } from 'vitest';
import { printLine } from '#runtime/stdout.ts';
import { deploy } from '../harness/deploy.ts';
import { type Fleet, startFleet } from '../harness/fleet.ts';
import { expectWhole } from './survive.ts';

let fleet: Fleet;

beforeAll(async () => {
  fleet = await startFleet({ interactions: 'http' });
}, 240_000);
afterAll(() => fleet?.stop(), 60_000);

test('a deploy of everything under traffic: nothing lost, nothing twice, no IDENTIFY, no late acknowledgement', async () => {
  const { counts, ...seen } = await deploy(fleet, { rounds: 1, people: 2 });
  printLine(`deploy: ${JSON.stringify(seen)}`);
  expectWhole('deploy', counts, fleet);
  expect(seen).toMatchObject({ restarts: 8, identifies: 0, late: 0, violations: {}, disorderly: [] });
  expect(seen.resumes).toBeGreaterThanOrEqual(8);
  expect(seen.interactions).toBeGreaterThan(0);
});
