import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { childEnv } from '#runtime/config.ts';

const main = fileURLToPath(new URL('../../main.ts', import.meta.url));

/** How a role ended and what it said. */
export type Outcome = { code: number | null; out: string; err: string };

/** A role that runs in a process of its own. */
export type RunningRole = {
  readonly pid: number;
  readonly process: ChildProcess;
  /** Resolves with the first line of standard output that `matches`; rejects with what was said when the role ends before. */
  line(matches: (line: string) => boolean): Promise<string>;
  /** Resolves when the role has ended. */
  readonly ended: Promise<Outcome>;
  /** Sends a signal and waits for the end. */
  end(signal?: NodeJS.Signals): Promise<Outcome>;
};

// Nothing of the machine's own configuration may reach a role under test.
const unset = Object.fromEntries(
  'DATABASE_URL CLICKHOUSE_URL ENCRYPTION_KEY DISCORD_TOKEN DISCORD_API_URL PUBLIC_URL HTTP_EXTERNAL DATA_DIR KAFKA_BROKERS'
    .split(' ')
    .map((name) => [name, undefined]),
);

/** Starts `main.ts ARGS` with these variables. The caller ends it. */
export function startRole(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningRole {
  const child = spawn(process.execPath, [main, ...args], {
    env: childEnv({ ...unset, ...env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const look of waiting) look();
  };
  child.stderr.on('data', (bytes: Buffer) => (said.err += bytes.toString()));
  createInterface({ input: child.stdout }).on('line', (line) => {
    said.out += `${line}\n`;
    lines.push(line);
    wake();
  });
  let outcome: Outcome | undefined;
  const ended = new Promise<Outcome>((resolve) => {
    child.once('close', (code) => {
      outcome = { code, ...said };
      resolve(outcome);
      wake();
    });
  });
  return {
    pid: child.pid ?? 0,
    process: child,
    ended,
    line: (matches) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.find(matches);
          if (found === undefined && !outcome) return;
          waiting.delete(look);
          if (found !== undefined) resolve(found);
          else reject(new Error(`${args[0]} ended with ${outcome?.code}:\n${said.out}${said.err}`));
        };
        waiting.add(look);
        look();
      }),
    async end(signal = 'SIGTERM') {
      child.kill(signal);
      return ended;
    },
  };
}

/** Runs a role to its end. */
export function runRole(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  return startRole(args, env).ended;
}
