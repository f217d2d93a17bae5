import { chmodSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLog } from '#runtime/log.ts';
import { commandOf } from '#runtime/embedded/processes.ts';
import { readRunFile } from '#runtime/embedded/run-file.ts';
import { createControl } from '#simulator/client.ts';
import { startSimulator } from '#simulator/server.ts';
import { type RunningRole, runRole, startRole } from '#test/harness/role.ts';

// Everything on one machine, as `npm start` runs it: started, asked, killed, started again, stopped.
const folder = mkdtempSync(join(tmpdir(), 'docket-up-'));
chmodSync(folder, 0o755); // as root, Postgres runs as another user and has to pass through
const env = { DATA_DIR: folder, PORT: '0', HEALTH_PORT: '0' };
const roles: RunningRole[] = [];
const readyWithinMs = 90_000;

type Ready = {
  web: string;
  api: string;
  simulator: string | null;
  guilds: { id: string; name: string }[];
  people: { id: string; name: string; guildId: string; role: string }[];
};

async function start(more: Readonly<Record<string, string>> = {}): Promise<{ role: RunningRole; ready: Ready }> {
  const role = startRole(['up'], { ...env, ...more });
  roles.push(role);
  const line = await role.line((said) => said.startsWith('docket ready '));
  return { role, ready: JSON.parse(line.slice('docket ready '.length)) as Ready };
}

/** Process numbers of a role's direct children. */
function childrenOf(pid: number): number[] {
  return globSync('/proc/[0-9]*/stat').flatMap((file) => {
    try {
      const [, number, parent] = /^(\d+) .*\) \S (\d+)/s.exec(readFileSync(file, 'utf8')) ?? [];
      return Number(parent) === pid ? [Number(number)] : [];
    } catch {
      return []; // ended meanwhile
    }
  });
}

let first: Awaited<ReturnType<typeof start>>;
beforeAll(async () => {
  first = await start();
}, readyWithinMs);

afterAll(async () => {
  await Promise.all(roles.map((role) => role.end('SIGTERM')));
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

test('tells people where to go and scripts the same in one line', () => {
  const { ready } = first;
  expect(ready.api).toBe(`${ready.web}/api`);
  expect(ready.simulator).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api$/);
  expect(ready.guilds).toHaveLength(2);
  expect(new Set(ready.people.map((person) => person.role))).toEqual(new Set(['owner', 'admin', 'support', 'member']));
  const ids = new Set(ready.guilds.map((guild) => guild.id));
  expect(ready.people.every((person) => ids.has(person.guildId) && person.id && person.name)).toBe(true);
});

test('serves the web app and the API', async () => {
  const page = await fetch(first.ready.web);
  expect(page.headers.get('content-type')).toContain('text/html');
  const session = await (await fetch(`${first.ready.api}/session`)).json();
  expect(session).toMatchObject({ user: null, signIn: 'on' });
});

test('the sign-in page hears whom to choose in the local Discord', async () => {
  const { people } = (await (await fetch(`${first.ready.api}/session`)).json()) as { people: unknown[] };
  for (const { name } of first.ready.guilds)
    expect(people).toContainEqual(expect.objectContaining({ role: 'owner', guildName: name }));
  expect(people).toHaveLength(first.ready.people.length);
});

test('figures move, and the roles that run once find the running Docket', async () => {
  const guildId = first.ready.guilds[0]?.id ?? '';
  const key = await runRole(['key', 'create', '--guild', guildId, '--scope', 'analytics:read'], { DATA_DIR: folder });
  expect(key.code).toBe(0);
  const headers = { authorization: `Bearer ${key.out.trim()}` };
  const read = async (): Promise<number> => {
    const answer = await fetch(`${first.ready.api}/guilds/${guildId}/analytics/overview?days=7`, { headers });
    return ((await answer.json()) as { tickets?: { d7: number } }).tickets?.d7 ?? 0;
  };
  await expect.poll(read, { timeout: 60_000, interval: 500 }).toBeGreaterThan(0);
  const verified = await runRole(['verify'], { DATA_DIR: folder });
  expect(JSON.parse(verified.out)).toMatchObject({ differences: 0, deadLetters: 0 });
  expect(verified.code).toBe(0);
  const doctor = await runRole(['doctor'], { DATA_DIR: folder });
  expect(doctor).toMatchObject({ code: 0, out: expect.stringContaining('Nothing is wrong.') });
}, 120_000);

test('what it keeps secret is for its user alone', () => {
  for (const file of ['run.json', 'secrets.json']) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
});

test('a second one on the same folder, or on the same port, is refused with the fix', async () => {
  const again = await runRole(['up'], env);
  expect(again).toMatchObject({ code: 2, err: expect.stringContaining(`process ${first.role.pid}`) });
  const { port } = new URL(first.ready.web);
  const other = await runRole(['up'], { ...env, DATA_DIR: join(folder, 'other'), PORT: port });
  expect(other).toMatchObject({ code: 2, err: expect.stringMatching(new RegExp(`port ${port}.*PORT=`)) });
});

test('after a kill -9 nothing is taken for running, and the next start continues', async () => {
  const before = readRunFile(folder);
  const children = childrenOf(first.role.pid);
  expect(children.length).toBeGreaterThanOrEqual(3);
  await first.role.end('SIGKILL');
  expect(readRunFile(folder)).toBeUndefined();
  expect((await runRole(['verify'], { DATA_DIR: folder })).code).toBe(2);

  const second = await start();
  expect(second.ready.guilds).toEqual(first.ready.guilds);
  // The same Postgres, with its data; the others ended with the process that had started them.
  expect(readRunFile(folder)?.databaseUrl).toBe(before?.databaseUrl);
  expect(children.filter((pid) => commandOf(pid))).toEqual([]);
  const verified = JSON.parse((await runRole(['verify'], { DATA_DIR: folder })).out) as {
    tickets: number;
    differences: number;
  };
  expect(verified.tickets).toBeGreaterThan(0);
  expect(verified.differences).toBe(0);

  const left = childrenOf(second.role.pid);
  expect((await second.role.end('SIGINT')).code).toBe(0);
  expect(left.filter((pid) => commandOf(pid))).toEqual([]);
  expect(existsSync(join(folder, 'run.json'))).toBe(false);
  expect(existsSync(join(folder, 'postgres/data/postmaster.pid'))).toBe(false);
}, 180_000);

test('with DISCORD_TOKEN and DISCORD_API_URL it serves that Discord, without people of its own', async () => {
  const log = createLog({ role: 'test', level: 'silent' });
  const elsewhere = await startSimulator({ port: 0, dataDir: null, guilds: 1, log });
  const bot = { DISCORD_TOKEN: elsewhere.token, DISCORD_API_URL: elsewhere.api };
  const { role, ready } = await start({ ...bot, DATA_DIR: join(folder, 'real') });
  expect(ready).toMatchObject({ simulator: null, people: [], guilds: [{ id: elsewhere.guilds[0]?.id }] });
  expect(await (await fetch(`${ready.api}/session`)).json()).toMatchObject({ signIn: 'off' });
  const control = createControl(elsewhere.control);
  const guild = (await control.state()).guilds[0];
  const { id } = await control.runCommand({
    guildId: guild?.id ?? '',
    channelId: guild?.channels.find((channel) => channel.type === 0)?.id ?? '',
    userId: guild?.ownerId ?? '',
    name: 'viewstaff',
  });
  expect(await control.interaction(id, { waitMs: 5_000 })).toMatchObject({ state: 'acknowledged' });
  expect((await role.end('SIGTERM')).code).toBe(0);
  await elsewhere.close();
}, 120_000);
