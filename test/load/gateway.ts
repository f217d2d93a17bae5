import { type ChildProcess, fork } from 'node:child_process';
import { createControl } from '#simulator/client.ts';
import { makePostgres, quantile } from './bed.ts';
import type { ClientAnswer, ClientQuestion, ClientTask, Reading, Which } from './gateway-client.ts';
import type { GatewayWorld } from './gateway-world.ts';
import type { Row } from './table.ts';

const guilds = 20_000;
const shards = 8;
const share = 0.02;
// The first round warms up: it is not counted.
const rounds = 7;
const messagesPerRound = 40_000;

type Measured = { perCpuSecond: number; heapPerThousand: number; inTickets: number; isWhole: boolean };

/** Starts a file of this folder as a process; messages come back by `next`, its end makes them fail. */
export function start<Answer>(file: string, args: string[], execArgv: string[] = []) {
  const child: ChildProcess = fork(new URL(file, import.meta.url), args, { execArgv });
  const ended = new Promise<never>((_, reject) => {
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)));
  });
  ended.catch(() => undefined); // also when nobody waits for an answer
  return {
    next: () => Promise.race([ended, new Promise<Answer>((resolve) => child.once('message', resolve as () => void))]),
    send: (message: object) => child.send(message),
    async stop(): Promise<void> {
      child.kill('SIGKILL');
      await ended.catch(() => undefined);
    },
  };
}

async function measure(which: Which, world: GatewayWorld, postgresUrl: string): Promise<Measured> {
  const client = start<ClientAnswer>('gateway-client.ts', [], ['--expose-gc']);
  try {
    const { api, token } = world;
    const first = client.next();
    client.send({ which, api, token, guilds, shards, postgresUrl } satisfies ClientTask);
    const ready = await first;
    if (ready.kind !== 'ready') throw new Error('the client answers out of turn');
    const read = async (messages: number): Promise<Reading> => {
      const reading = client.next();
      client.send({ messages } satisfies ClientQuestion);
      const answer = await reading;
      if (answer.kind !== 'reading') throw new Error('the client answers out of turn');
      return answer;
    };
    const control = createControl(world.control);
    const rates: number[] = [];
    let last = await read(0);
    for (let round = 1; round <= rounds; round += 1) {
      await control.flood({ count: messagesPerRound, channelIds: world.ticketChannelIds, share });
      const now = await read(round * messagesPerRound);
      if (round > 1) rates.push((now.messages - last.messages) / ((now.cpuMs - last.cpuMs) / 1_000));
      last = now;
    }
    return {
      perCpuSecond: quantile(rates, 0.5),
      heapPerThousand: ready.heapBytes / 2 ** 20 / (guilds / 1_000),
      inTickets: last.inTickets,
      isWhole: last.messages === rounds * messagesPerRound,
    };
  } finally {
    await client.stop();
  }
}

/** Ours and discord.js's default Client, one after the other on the same 20,000 servers: messages per second of processor time, heap. */
export async function benchGateway(): Promise<Row[]> {
  const simulator = start<GatewayWorld>('gateway-world.ts', [String(guilds), String(shards)]);
  const postgres = await makePostgres();
  try {
    const world = await simulator.next();
    const ours = await measure('ours', world, postgres.url);
    const theirs = await measure('theirs', world, postgres.url);
    const ratio = ours.perCpuSecond / theirs.perCpuSecond;
    const expected = share * rounds * messagesPerRound;
    // Random channels are tickets' too now and then, and a batch may still be on its way.
    const isWhole = [ours, theirs].every((one) => one.isWhole && Math.abs(one.inTickets / expected - 1) < 1);
    const rate = (one: Measured): string => Math.round(one.perCpuSecond).toLocaleString('en-GB');
    return [
      {
        what: `gateway, ${guilds.toLocaleString('en-GB')} servers`,
        measured: `${ratio.toFixed(1)} × discord.js (${rate(ours)} to ${rate(theirs)} messages per CPU-second)`,
        budget: '≥ 3 ×',
        holds: ratio >= 3 && isWhole,
      },
      {
        what: 'heap per 1,000 servers',
        measured: `${ours.heapPerThousand.toFixed(2)} MB (discord.js ${theirs.heapPerThousand.toFixed(1)} MB)`,
        budget: '≤ 1 MB',
        holds: ours.heapPerThousand <= 1,
      },
    ];
  } finally {
    await Promise.all([simulator.stop(), postgres.close()]);
  }
}
