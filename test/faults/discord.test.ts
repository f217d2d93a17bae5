import { afterAll, beforeAll, test } from 'vitest';
import { waitMs } from '#runtime/retry.ts';
import type { Fault } from '#simulator/client.ts';
import { until } from '../harness/desk.ts';
import { type Fleet, startFleet } from '../harness/fleet.ts';
import { nothingSent } from '../harness/traffic.ts';
import { survive } from './survive.ts';

let fleet: Fleet;
const sent = nothingSent();

beforeAll(async () => {
  fleet = await startFleet();
}, 240_000);
afterAll(() => fleet?.stop(), 60_000);

const guilds = { path: '/guilds', count: 40 };
const channels = { path: '/channels', count: 100 };
const callbacks = { path: '/interactions', count: 20 };
const storms: [string, Fault[]][] = [
  [
    '500 and 502',
    [500, 502].flatMap((status) => [guilds, channels].map((one) => ({ kind: 'status', status, ...one }))),
  ],
  ['429', [guilds, channels].map((one) => ({ kind: 'status', status: 429, retryAfterS: 1, ...one }))],
  ['late answers', [guilds, channels, callbacks].map((one) => ({ kind: 'delay', delayMs: 2_000, ...one }))],
  ['answers that get lost', [guilds, channels, callbacks].map((one) => ({ kind: 'lose-answer', ...one }))],
];

test.each(storms)('a storm of %s loses nothing and doubles nothing', async (name, faults) => {
  await survive(fleet, sent, `storm of ${name}`, async () => {
    for (const fault of faults) await fleet.control.fault(fault);
    await waitMs(10_000); // a storm is a time, not a number of answers: what it has not met by then is let off
    await fleet.control.clearFaults();
  });
});

const breaks: [string, Fault][] = [
  ['dropped without a word', { kind: 'drop' }],
  ['closed with 4000', { kind: 'close', code: 4_000 }],
  ['asked to reconnect (op 7)', { kind: 'reconnect' }],
  ['invalidated, resumable (op 9)', { kind: 'invalid-session', resumable: true }],
];

test.each(breaks)('gateway connections that are %s lose nothing', async (name, fault) => {
  await survive(fleet, sent, `connections ${name}`, async () => {
    const before = fleet.watch.seen.resumes;
    await fleet.control.fault(fault);
    await until(
      async () => fleet.watch.seen.resumes,
      (resumes) => resumes >= before + 8,
      60_000,
    );
  });
});

test('a Discord that hangs and comes to itself loses nothing', async () => {
  await survive(fleet, sent, 'Discord hung for 12 s', async () => {
    fleet.roles.simulator.pause();
    await waitMs(12_000); // two heartbeats: the connections are found dead
    fleet.roles.simulator.resume();
  });
});

test('sessions that Discord forgets lose no message', async () => {
  await survive(fleet, sent, 'sessions forgotten', async () => {
    const before = fleet.watch.seen.identifies;
    await fleet.control.fault({ kind: 'expire' });
    await until(
      async () => fleet.watch.seen.identifies,
      (identifies) => identifies >= before + 8,
      60_000,
    );
  });
});
