import { spawn } from 'node:child_process';
import { chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { Log } from '../log.ts';
import { retry, waitMs } from '../retry.ts';
import { type Home, prepareHome } from './postgres-home.ts';
import { freePort } from './ports.ts';
import { isAlive } from './processes.ts';

/** A Postgres that this machine runs for Docket. */
export type EmbeddedPostgres = {
  readonly port: number;
  readonly pid: number;
  /** The address of one of its databases. */
  url(database: string): string;
  /** Ends it in the 'fast' manner: open transactions roll back, a checkpoint is written. */
  stop(): Promise<void>;
};

/** How to run it. */
export type PostgresOptions = {
  /** Its folder; made when missing. As root it may be elsewhere (see postgres-home.ts). */
  folder: string;
  password: string;
  /** The port to listen on; default: a free one. */
  port?: number;
  /** Server settings, such as `{ fsync: 'off' }`. */
  settings?: Readonly<Record<string, string>>;
  /** False skips flushing to disk when the cluster is made: for tests. */
  isDurable?: boolean;
  log: Log;
};

// Postgres gets an environment of its own: PGDATA, PGHOST and locale of the caller must not change what it does.
const environment = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** Runs one of its programs to the end; resolves with the exit code and what it said. */
async function run(home: Home, program: string, args: readonly string[]): Promise<{ code: number; said: string }> {
  const child = spawn(join(home.bin, program), args, {
    ...home.owner,
    cwd: home.folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (said += bytes.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? -1, said: said.trim() }));
  });
}

async function expectSuccess(home: Home, program: string, args: readonly string[]): Promise<void> {
  const { code, said } = await run(home, program, args);
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${said}`);
}

/** Makes the cluster beside its final place and renames it, so that an interrupted start leaves nothing half-made. */
async function initialise(home: Home, data: string, o: PostgresOptions): Promise<void> {
  const fresh = `${data}.new`;
  const passwordFile = join(home.folder, 'password');
  rmSync(fresh, { recursive: true, force: true });
  writeFileSync(passwordFile, o.password, { mode: 0o600 });
  if (home.owner) chownSync(passwordFile, home.owner.uid, home.owner.gid);
  try {
    const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '-E', 'UTF8'];
    const access = ['-U', 'docket', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
    const speed = o.isDurable === false ? ['--no-sync'] : [];
    await expectSuccess(home, 'initdb', ['-D', fresh, ...locale, ...access, ...speed]);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(fresh, data);
}

/** What the server wrote of itself: https://www.postgresql.org/docs/18/storage-file-layout.html (line 1 pid, line 4 port). */
function readIdentity(data: string): { pid: number; port: number } | undefined {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, 'utf8').split('\n');
  return { pid: Number(lines[0]), port: Number(lines[3]) };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined); // a server that dies under the question has answered it
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Finds the server that already runs on this folder. When its process is gone but its pid file is not, the number is made
 * impossible: Postgres would refuse to start if somebody else, or an unreaped process, had that number now. The rest of the file
 * stays, for by it the new server makes sure that no old backend still uses the shared memory.
 */
async function findRunning(
  data: string,
  urlAt: (port: number) => string,
): Promise<{ pid: number; port: number } | undefined> {
  for (const deadline = performance.now() + 60_000; ; ) {
    const identity = readIdentity(data);
    if (!identity) return undefined;
    if (!isAlive(identity.pid, data)) {
      const file = join(data, 'postmaster.pid');
      // 4,194,304 is the highest process number of Linux, macOS stays far below it.
      writeFileSync(file, readFileSync(file, 'utf8').replace(/^\d+/, '4194305'));
      return undefined;
    }
    if (await answers(urlAt(identity.port))) return identity;
    if (performance.now() > deadline) {
      throw new Error(
        `Process ${identity.pid} runs Postgres on ${data} but does not let us in: end it, then start again.`,
      );
    }
    await waitMs(50); // starting, stopping, or just killed
  }
}

async function start(home: Home, data: string, o: PostgresOptions): Promise<void> {
  const settings = {
    port: String(o.port ?? (await freePort())),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '', // as root the default folder may not be writable, and nobody needs it
    ...o.settings,
  };
  const server = Object.entries(settings).map(([name, value]) => `-c ${name}='${value}'`);
  // pg_ctl gives the server a session of its own, so that Ctrl-C in the terminal does not stop it under our feet.
  const args = ['-D', data, '-w', '-t', '60', '-l', join(home.folder, 'postgres.log'), '-o', server.join(' '), 'start'];
  // After a kill -9 old backends hold shared memory for a moment, and a free port may be taken before it is used: try again.
  await retry(
    { attempts: 8, minMs: 200, maxMs: 2_000, onRetry: (err) => o.log.warn({ err }, 'Postgres did not start') },
    () => expectSuccess(home, 'pg_ctl', args),
  );
}

/** Creates a database of that name on the server unless it is there. */
export async function ensureDatabase(server: Pick<EmbeddedPostgres, 'url'>, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.url('postgres') });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}

/**
 * Starts Postgres on its folder, or takes over the one that already runs there (left by a process that was killed).
 * It listens on 127.0.0.1 only and asks for the password; the user is `docket`.
 */
export async function startPostgres(o: PostgresOptions): Promise<EmbeddedPostgres> {
  const home = prepareHome(o.folder);
  const data = join(home.folder, 'data');
  if (home.moved)
    o.log.warn({ folder: home.folder }, 'Postgres keeps its data elsewhere: as root it cannot use the data folder');
  if (!existsSync(data)) await initialise(home, data, o);
  const urlAt = (port: number, database = 'postgres'): string =>
    `postgres://docket:${encodeURIComponent(o.password)}@127.0.0.1:${port}/${database}`;
  const running = await findRunning(data, urlAt);
  if (running) o.log.info({ pid: running.pid }, 'Postgres was already running and is used again');
  else await start(home, data, o);
  const identity = running ?? readIdentity(data);
  if (!identity) throw new Error(`Postgres ended as soon as it had started. See ${join(home.folder, 'postgres.log')}.`);
  const { pid, port } = identity;
  return {
    pid,
    port,
    url: (database) => urlAt(port, database),
    async stop() {
      if (!isAlive(pid, data)) return;
      await expectSuccess(home, 'pg_ctl', ['-D', data, '-w', '-t', '20', '-m', 'fast', 'stop']);
    },
  };
}
