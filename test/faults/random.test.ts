import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, test } from 'vitest';
import { integer, readConfig } from '#runtime/config.ts';
import { waitMs } from '#runtime/retry.ts';
import { printLine } from '#runtime/stdout.ts';
import type { Fault } from '#simulator/client.ts';
import { until } from '../harness/desk.ts';
import { type Fleet, type RoleName, startFleet } from '../harness/fleet.ts';
import { reckon } from '../harness/reckoning.ts';
import { nothingSent, startTraffic } from '../harness/traffic.ts';
import { expectWhole } from './survive.ts';

const { FAULT_SECONDS, FAULT_SEED } = readConfig({
  FAULT_SECONDS: integer({ min: 10, max: 86_400, default: 120, doc: 'how long faults are dealt at random' }),
  FAULT_SEED: integer({ min: 0, max: 2 ** 31 - 1, default: randomInt(2 ** 31), doc: 'repeats the faults of a run' }),
});

/** mulberry32: numbers from 0 to below 1 that follow from a seed. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = createRandom(FAULT_SEED);
const below = (n: number): number => Math.floor(random() * n);
const oneOf = <T>(list: readonly T[]): T => list[below(list.length)] as T;

let fleet: Fleet;
// A second try goes on with the same fleet: what was lost stays lost.
const sent = nothingSent();

beforeAll(async () => {
  fleet = await startFleet();
}, 240_000);
afterAll(() => fleet?.stop(), 60_000);

const roles: RoleName[] = ['docket-0', 'docket-1', 'worker', 'analytics-0', 'analytics-1', 'api', 'simulator'];
// Faults of one place never overlap: each names the place that it is dealt to.
type Deal = { place: string; name: string; strike: () => Promise<void> };

const startAgain = (name: RoleName): Promise<void> =>
  name === 'simulator' ? fleet.startSimulator() : fleet.roles[name].start();

function ofRole(): Deal {
  const place = oneOf(roles);
  const role = fleet.roles[place];
  const ms = below(3_000);
  const how = oneOf(['kill', 'terminate', 'pause'] as const);
  const strike = async (): Promise<void> => {
    if (how === 'pause') {
      role.pause();
      await waitMs(ms * 2);
      role.resume();
      return;
    }
    await role[how]();
    await waitMs(ms);
    await startAgain(place);
  };
  return { place, name: `${how} ${place} for ${how === 'pause' ? ms * 2 : ms} ms`, strike };
}

function ofCluster(): Deal {
  const place = oneOf(['docket-0', 'docket-1'] as const);
  const index = below(2);
  const strike = async (): Promise<void> => {
    const pid = fleet.clusterPid(place, index);
    if (pid !== 0) process.kill(pid, 'SIGKILL');
    await until(
      async () => fleet.clusterPid(place, index),
      (now) => now !== 0 && now !== pid,
      60_000,
    );
  };
  return { place, name: `kill cluster ${index} of ${place}`, strike };
}

function ofPostgres(): Deal {
  const signal = oneOf(['SIGINT', 'SIGKILL'] as const);
  const strike = async (): Promise<void> => {
    const before = fleet.postgres.pid;
    process.kill(before, signal);
    await until(
      async () => fleet.postgres.pid,
      (pid) => pid !== before,
      60_000,
    );
    await waitMs(15_000); // who watches it gives up after five ends in a minute
  };
  return { place: 'postgres', name: `${signal} to Postgres`, strike };
}

function ofClickhouse(): Deal {
  const strike = async (): Promise<void> => {
    const before = fleet.chdb.pid() ?? 0;
    process.kill(before, 'SIGKILL');
    await until(
      async () => fleet.chdb.pid(),
      (pid) => pid !== before,
      60_000,
    );
    await waitMs(15_000); // see above
  };
  return { place: 'chdb', name: 'kill ClickHouse', strike };
}

function ofCable(): Deal {
  const which = oneOf(['postgres', 'clickhouse'] as const);
  const ms = below(3_000);
  const strike = async (): Promise<void> => {
    fleet.cables[which].setDown(true);
    await waitMs(ms);
    fleet.cables[which].setDown(false);
  };
  return { place: `cable ${which}`, name: `no way to ${which} for ${ms} ms`, strike };
}

const discordFaults: readonly Fault[] = [
  { kind: 'drop' },
  { kind: 'close', code: 4_000 },
  { kind: 'reconnect' },
  { kind: 'invalid-session', resumable: true },
  { kind: 'mute', count: 4 },
  { kind: 'status', status: 502, path: '/channels', count: 20 },
  { kind: 'status', status: 429, path: '/channels', count: 10 },
  { kind: 'status', status: 500, path: '/guilds', count: 10 },
  { kind: 'lose-answer', path: '/guilds', count: 5 },
  { kind: 'lose-answer', path: '/channels', count: 10 },
  { kind: 'delay', path: '/channels', delayMs: 3_000, count: 10 },
];

function ofDiscord(): Deal {
  const fault = oneOf(discordFaults);
  const strike = async (): Promise<void> => {
    await fleet.control.fault(fault).catch(() => undefined); // a Discord that is away at this moment has fault enough
  };
  return { place: 'discord', name: JSON.stringify(fault), strike };
}

const deals = [ofRole, ofRole, ofRole, ofCluster, ofPostgres, ofClickhouse, ofCable, ofDiscord, ofDiscord];
const atOnce = 2;

test(
  `faults at random for ${FAULT_SECONDS} s lose nothing and double nothing`,
  async () => {
    printLine(`FAULT_SEED=${FAULT_SEED} FAULT_SECONDS=${FAULT_SECONDS}`);
    const traffic = startTraffic(fleet.control, fleet.desks, { people: 2, sent });
    const busy = new Map<string, Promise<void>>();
    const from = performance.now();
    let dealt = 0;
    try {
      while (performance.now() - from < FAULT_SECONDS * 1_000) {
        const deal = oneOf(deals)();
        if (!busy.has(deal.place) && busy.size < atOnce) {
          dealt += 1;
          printLine(`${((performance.now() - from) / 1_000).toFixed(1)} s: ${deal.name}`);
          const striking = deal.strike().finally(() => busy.delete(deal.place));
          striking.catch(() => undefined); // awaited below, or told by the role that does not stand
          busy.set(deal.place, striking);
        }
        await waitMs(1_000 + below(3_000));
      }
      await Promise.all(busy.values());
      await fleet.control.clearFaults();
      await fleet.untilWhole();
      const before = sent.closed.size;
      await until(
        async () => sent.closed.size - before,
        (more) => more >= 8,
        120_000,
      );
    } finally {
      await traffic.stop();
    }
    expectWhole(`${dealt} faults at random in ${FAULT_SECONDS} s`, await reckon(fleet, sent), fleet);
  },
  FAULT_SECONDS * 1_000 + 900_000,
);
