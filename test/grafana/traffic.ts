import { createLog } from '#runtime/log.ts';
import { createPool } from '#runtime/postgres.ts';
import { appendOutbox } from '#tickets/store/fleet/outbox.ts';
import { type Desk, openDesk, openTicket, rate, say, until } from '../harness/desk.ts';
import type { Stack } from '../harness/stack.ts';

/** The rest of a ticket's life, with a file, up to its rating. The member has no other ticket, so the newest direct message is about this one. */
async function live(stack: Stack, desk: Desk, member: string, channelId: string, stars: number): Promise<void> {
  const { control } = stack;
  const [staff = ''] = desk.staff;
  await say(control, desk, channelId, staff, 'claim');
  const contentBase64 = Buffer.from('a file').toString('base64');
  const attachments = [{ name: 'a.txt', contentBase64, contentType: 'text/plain' }];
  await control.sendMessage({ channelId, userId: member, content: 'Help', attachments });
  await control.sendMessage({ channelId, userId: staff, content: 'Here it is' });
  await say(control, desk, channelId, staff, 'close', { reason: 'Solved' });
  await until(
    () =>
      rate(control, member, stars).then(
        () => true,
        () => false,
      ),
    (isRated) => isRated,
  );
}

/** The next full second: Grafana's windows are cut there. */
async function secondsFrom(at: number): Promise<number> {
  const next = Math.floor(at / 1_000) + 1;
  await until(
    async () => Date.now(),
    (now) => now > next * 1_000,
  );
  return next;
}

/** What happened, in seconds: a period before `from`, one after. */
export type Happened = {
  guildId: string;
  from: number;
  to: number;
  /** Who opened a ticket in the later period. */
  members: string[];
  staff: string[];
  /** Tickets that were rated in the later period. */
  rated: number;
};

/**
 * Lets people live through a few tickets, some before and some after a moment, and one that is opened before it and answered seconds after it.
 * One row is a letter that cannot be read.
 */
export async function happen(stack: Stack, databaseUrl: string): Promise<Happened> {
  const { control } = stack;
  const began = Math.floor(Date.now() / 1_000);
  await control.limits({ heartbeatIntervalMs: 1_000 });
  await control.fault({ kind: 'reconnect' }); // the next HELLO tells the interval; and a session is resumed
  const desk = await openDesk(control);
  const [first = '', second = '', patient = '', ...rest] = desk.members;
  const open = (member: string) => openTicket(control, desk, member);
  const waiting = await open(patient);
  await live(stack, desk, first, await open(first), 5);
  await live(stack, desk, second, await open(second), 4);

  const from = await secondsFrom(Date.now());
  const pool = createPool({ url: databaseUrl, name: 'test', log: createLog({ role: 'test', level: 'silent' }) });
  await appendOutbox(pool, [{ kind: 'event', guildId: desk.guild.id, ticketId: 1, row: { name: 'nonsense' } }]);
  await pool.end();
  const members = rest.slice(0, 3);
  await Promise.all(members.map(async (member, i) => live(stack, desk, member, await open(member), 3 + i)));
  await secondsFrom(Date.now() + 1_000);
  await live(stack, desk, patient, waiting, 2);
  const last = await secondsFrom(Date.now());
  // The period before is as long, and has to reach back to the beginning.
  const to = Math.max(last, from + (from - began)) + 1;
  return { guildId: desk.guild.id, from, to, members, staff: desk.staff, rated: members.length + 1 };
}

/** People who look at the dashboard without pause, until stopped: rates need requests while Prometheus looks. */
export function look(stack: Stack): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const paths = ['/', '/api/openapi.json', '/api/me', '/api/guilds/1/overview'];
  const run = async (): Promise<void> => {
    for (let i = 0; !stopping.signal.aborted; i += 1) {
      const answer = await fetch(new URL(paths[i % paths.length] ?? '/', stack.ready.web));
      await answer.arrayBuffer();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
