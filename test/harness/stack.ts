import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { childEnv, flag, readConfig } from '#runtime/config.ts';
import { type Control, createControl } from '#simulator/client.ts';
import { endLeftBehind } from './left-behind.ts';

const { KEEP_STACK } = readConfig({
  KEEP_STACK: flag({ default: false, doc: "whether a test's stack leaves its folder behind" }),
});

/** What `docket simulator` prints when it is ready (docs/cli.md). */
export type SimulatorLine = {
  api: string;
  token: string;
  applicationId: string;
  publicKey: string;
  clientSecret: string;
  guilds: { id: string; ownerId: string; memberIds: string[]; roleIds: string[] }[];
  control: string;
};
/** What `npm start` prints when it serves (docs/cli.md). */
export type ReadyLine = {
  web: string;
  api: string;
  simulator: string | null;
  guilds: { id: string; name: string }[];
  people: { id: string; name: string; guildId: string; role: string }[];
};

/** A process of the product with what it wrote. */
export type Started = {
  child: ChildProcess;
  lines: string[];
  errors: () => string;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
};

/** Starts a role as a user would and resolves with the first line of its output that `isReady` accepts. */
export async function startRole(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  isReady: (line: string) => boolean,
  onChild?: (child: ChildProcess) => void,
): Promise<Started & { line: string }> {
  const child = spawn(process.execPath, ['main.ts', ...args], {
    env: childEnv(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onChild?.(child);
  const lines: string[] = [];
  const errors: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => {
    errors.push(chunk.toString());
    if (errors.length > 500) errors.shift();
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const started: Started = {
    child,
    lines,
    errors: () => errors.join(''),
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      return ended;
    },
  };
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (text) => {
      lines.push(text);
      if (isReady(text)) resolve(text);
    });
    void ended.then((code) =>
      reject(new Error(`${args.join(' ')} ended with ${code}:\n${lines.join('\n')}\n${errors.join('')}`)),
    );
  });
  return { ...started, line };
}

/** Runs a one-shot role to its end. */
export async function runRole(args: readonly string[], env: Readonly<Record<string, string | undefined>>) {
  const child = spawn(process.execPath, ['main.ts', ...args], {
    env: childEnv(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout: stdout.trim(), stderr };
}

/** Everything of one machine, with a simulator of its own beside it: a Discord that the product did not start itself. */
export type Stack = {
  simulator: SimulatorLine;
  control: Control;
  ready: ReadyLine;
  env: Record<string, string>;
  dataDir: string;
  up: Started;
  /** The process id that the product keeps for a child: postgres, chdb, cluster, … */
  pidOf(name: string): number;
  /** Starts `up` again on the same folder, after it was stopped or killed. */
  restart(): Promise<void>;
  /** What `docket verify` says; throws its output when it ends with anything but 0 or 1. */
  verify(): Promise<{ code: number; answer: Record<string, unknown> }>;
  stop(): Promise<void>;
};

const readyMark = 'docket ready ';

/** What this process has started and not stopped. A test that timed out while its stack was starting has nothing to stop it by. */
const running = new Set<() => void>();
const endAll = (): void => {
  for (const end of running) end();
};
process.once('exit', endAll);
// Without a listener these two end a process before anybody hears of its exit.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1));

/** Starts a simulator with `guilds` servers and the whole product on it. With KEEP_STACK its folder stays, logs and databases included. */
export async function startStack(o: { guilds?: number; env?: Record<string, string> } = {}): Promise<Stack> {
  const dataDir = await mkdtemp(join(tmpdir(), 'docket-stack-'));
  await chmod(dataDir, 0o755); // as root, Postgres runs as another user and has to pass through
  const sim = await startRole(
    ['simulator', '--port', '0', '--guilds', String(o.guilds ?? 2)],
    { DATA_DIR: join(dataDir, 'sim'), LOG_LEVEL: 'warn' },
    (line) => line.startsWith('{'),
  );
  const simulator = JSON.parse(sim.line) as SimulatorLine;
  const env: Record<string, string> = {
    PORT: '0',
    HEALTH_PORT: '0',
    DATA_DIR: join(dataDir, 'docket'),
    DISCORD_TOKEN: simulator.token,
    DISCORD_API_URL: simulator.api,
    DISCORD_CLIENT_SECRET: simulator.clientSecret,
    LOG_LEVEL: 'warn',
    KAFKA_BROKERS: '', // the machine's own is not this stack's
    ...o.env,
  };
  const children = new Set([sim.child]);
  const end = (): void => {
    for (const child of children) child.kill('SIGKILL');
    endLeftBehind(env['DATA_DIR'] ?? '');
    running.delete(end);
    if (!KEEP_STACK) rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  };
  running.add(end);
  const startUp = () =>
    startRole(
      ['up'],
      env,
      (line) => line.startsWith(readyMark),
      (child) => children.add(child),
    );
  let up = await startUp().catch((error: unknown) => {
    end();
    throw error;
  });
  const parse = (): ReadyLine => JSON.parse(up.line.slice(readyMark.length)) as ReadyLine;
  const stack: Stack = {
    simulator,
    control: createControl(simulator.control),
    ready: parse(),
    env,
    dataDir,
    up,
    pidOf: (name) =>
      (JSON.parse(readFileSync(join(env['DATA_DIR'] ?? '', 'run', `${name}.pid`), 'utf8')) as { pid: number }).pid,
    async restart() {
      up = await startUp();
      stack.up = up;
      stack.ready = parse();
    },
    async verify() {
      const { code, stdout, stderr } = await runRole(['verify'], env);
      if (code !== 0 && code !== 1) throw new Error(`verify ended with ${code}:\n${stdout}\n${stderr}`);
      return { code, answer: JSON.parse(stdout) as Record<string, unknown> };
    },
    async stop() {
      await stack.up.stop();
      await sim.stop();
      if (KEEP_STACK) await writeFile(join(dataDir, 'up.log'), stack.up.errors());
      end();
    },
  };
  return stack;
}
