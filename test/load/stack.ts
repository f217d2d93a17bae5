import { readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ReadyLine, runRole, startRole, startStack } from '../harness/stack.ts';
import { openDesk } from '../harness/desk.ts';
import { quantile } from './bed.ts';
import type { Row } from './table.ts';

/** What is written of a process in /proc; empty once it has ended, or when it is another user's. */
function readProcess(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

/** Memory of a process, of those whose command or environment names `mark`, and of all below these, bytes (Linux). */
function residentBytes(mark: string, root: number): number {
  const pids = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  // After the command's name, which may hold anything, come state and parent.
  const parents = new Map(pids.map((pid) => [pid, Number(/^.*\) \S (\d+)/s.exec(readProcess(pid, 'stat'))?.[1] ?? 0)]));
  const isMarked = (pid: number): boolean =>
    pid === root || readProcess(pid, 'environ').includes(mark) || readProcess(pid, 'cmdline').includes(mark);
  const marked = new Set(pids.filter(isMarked));
  const isOurs = (pid: number): boolean => pid > 1 && (marked.has(pid) || isOurs(parents.get(pid) ?? 0));
  // Proportional, so that pages that Postgres' processes share count once.
  const bytesOf = (pid: number): number =>
    Number(/^Pss:\s+(\d+)/m.exec(readProcess(pid, 'smaps_rollup'))?.[1] ?? 0) * 1_024;
  return pids.filter(isOurs).reduce((sum, pid) => sum + bytesOf(pid), 0);
}

/** From `npm start` on an empty folder to the first point on the chart, and the memory of everything. */
export async function benchStart(): Promise<Row> {
  const folder = await mkdtemp(join(tmpdir(), 'docket-start-'));
  await chmod(folder, 0o755); // as root, Postgres runs as another user and has to pass through
  const from = performance.now();
  const mark = 'docket ready ';
  const env = {
    DATA_DIR: join(folder, 'data'),
    PORT: '0',
    HEALTH_PORT: '0',
    LOG_LEVEL: 'error',
    DISCORD_TOKEN: undefined,
  };
  const up = await startRole(['up'], env, (line) => line.startsWith(mark));
  const ready = JSON.parse(up.line.slice(mark.length)) as ReadyLine;
  const guildId = ready.guilds[0]?.id ?? '';
  const token = (await runRole(['key', 'create', '--guild', guildId, '--scope', 'analytics:read'], env)).stdout;
  for (;;) {
    const response = await fetch(`${ready.api}/guilds/${guildId}/analytics/overview?days=30`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const answer = response.ok ? ((await response.json()) as { perDay: { opened: number }[] }) : undefined;
    if ((answer?.perDay.at(-1)?.opened ?? 0) > 0 || performance.now() - from > 180_000) break;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  const seconds = (performance.now() - from) / 1_000;
  const gigabytes = residentBytes(folder, up.child.pid ?? 0) / 2 ** 30;
  await up.stop();
  await rm(folder, { recursive: true, force: true });
  return {
    what: 'start, empty folder',
    measured: `first chart point after ${seconds.toFixed(1)} s, ${gigabytes.toFixed(2)} GB of memory`,
    budget: '≤ 90 s, ≤ 1.2 GB',
    holds: seconds <= 90 && gigabytes <= 1.2,
  };
}

/** Acknowledgements while commands come at 200 a second, the whole stack on this machine. */
export async function benchAck(seconds = 15, perSecond = 200): Promise<Row> {
  const stack = await startStack({ guilds: 1, env: { LOG_LEVEL: 'error' } });
  try {
    const desk = await openDesk(stack.control);
    const started: Promise<{ id: string }>[] = [];
    const from = performance.now();
    for (let n = 0; n < seconds * perSecond; n += 1) {
      const wait = from + (n * 1_000) / perSecond - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      const place = {
        guildId: desk.guild.id,
        channelId: desk.guild.deskChannelId,
        userId: desk.members[n % desk.members.length] ?? '',
      };
      started.push(stack.control.runCommand({ ...place, name: 'viewstaff', options: [] }));
    }
    const ids = await Promise.all(started);
    const answers = await Promise.all(ids.map(({ id }) => stack.control.interaction(id, { waitMs: 5_000 })));
    const times = answers.map((one) => one.acknowledgedAfterMs ?? Number.POSITIVE_INFINITY);
    const p99 = quantile(times, 0.99);
    const late = times.filter((ms) => ms > 2_500).length;
    return {
      what: `interaction ack, ${perSecond}/s`,
      measured: `p99 ${Math.round(p99)} ms, ${late} late of ${times.length}`,
      budget: 'p99 ≤ 300 ms',
      holds: p99 <= 300 && late === 0,
    };
  } finally {
    await stack.stop();
  }
}
