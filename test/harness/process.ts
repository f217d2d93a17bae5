import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnv } from '#runtime/config.ts';
import { isReadyMessage } from '#runtime/embedded/ready.ts';
import { waitMs } from '#runtime/retry.ts';

const main = fileURLToPath(new URL('../../main.ts', import.meta.url));

type Environment = Readonly<Record<string, string | undefined>>;

/** A role of the product that runs in a process of its own, under a name, and can be broken and started again. */
export type RoleProcess = {
  readonly name: string;
  /** Where it says whether it is ready; undefined for roles that announce it. */
  readonly healthPort: number | undefined;
  readonly pid: number;
  readonly isRunning: boolean;
  /** How often it ended without being asked to; it is started again then, as Kubernetes would. */
  readonly fallen: number;
  /** What it announced when it was ready, for roles that do. */
  readonly announced: unknown;
  /** Starts it and waits until it is ready. `env` replaces what an earlier start added. */
  start(env?: Environment): Promise<void>;
  /** kill -9, and waits for the end. */
  kill(): Promise<void>;
  /** SIGTERM, and waits for the end; returns the exit code. */
  terminate(): Promise<number | null>;
  /** SIGSTOP: it lives, and does nothing. */
  pause(): void;
  resume(): void;
  /** The end of what it wrote. */
  lastWords(lines?: number): string;
};

const usuallyReadyWithinMs = 90_000;
const restartPauseMs = 500;

/** Declares a role of the product as a process; nothing runs before `start`. Readiness is /readyz of its fixed HEALTH_PORT, else what it announces. */
export function declareRole(o: {
  name: string;
  args: readonly string[];
  env: Environment;
  folder: string;
  healthPort?: number;
  readyWithinMs?: number;
}): RoleProcess {
  const logFile = join(o.folder, `${o.name}.log`);
  let child: ChildProcess | undefined;
  let ended: Promise<number | null> = Promise.resolve(null);
  let extra: Environment = {};
  let isAsked = true;
  let announced: unknown;
  let fallen = 0;

  const isRunning = (): boolean => child !== undefined && child.exitCode === null && child.signalCode === null;
  const lastWords = (lines = 25): string =>
    existsSync(logFile) ? readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n') : '';

  const launch = (): void => {
    const output = openSync(logFile, 'a');
    // The IPC channel tells when it is ready, and ends it when this process is killed.
    const mine = spawn(process.execPath, [main, ...o.args], {
      env: childEnv({ ...o.env, ...(o.healthPort && { HEALTH_PORT: String(o.healthPort) }), ...extra }),
      stdio: ['ignore', output, output, 'ipc'],
    });
    closeSync(output);
    child = mine;
    announced = undefined;
    mine.on('message', (message) => {
      if (isReadyMessage(message)) announced = message.ready;
    });
    ended = new Promise((resolve) => mine.once('exit', (code) => resolve(code)));
    mine.once('exit', () => {
      if (isAsked) return;
      fallen += 1;
      setTimeout(() => !isAsked && !isRunning() && launch(), restartPauseMs);
    });
  };

  const isReady = async (): Promise<boolean> => {
    if (!isRunning()) return false;
    if (!o.healthPort) return announced !== undefined;
    const answer = await fetch(`http://127.0.0.1:${o.healthPort}/readyz`, { signal: AbortSignal.timeout(3_000) }).catch(
      () => undefined,
    );
    return answer?.ok ?? false;
  };

  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    isAsked = true;
    if (isRunning()) child?.kill(signal);
    return ended;
  };

  return {
    name: o.name,
    healthPort: o.healthPort,
    get pid() {
      return child?.pid ?? 0;
    },
    get isRunning() {
      return isRunning();
    },
    get fallen() {
      return fallen;
    },
    get announced() {
      return announced;
    },
    async start(env = {}) {
      if (isRunning()) throw new Error(`${o.name} runs already`);
      extra = env;
      isAsked = false;
      const before = fallen;
      launch();
      for (const deadline = performance.now() + (o.readyWithinMs ?? usuallyReadyWithinMs); !(await isReady()); ) {
        // One that keeps falling will not stand by waiting longer.
        if (performance.now() > deadline || fallen > before + 5)
          throw new Error(`${o.name} is not ready:\n${lastWords()}`);
        await waitMs(50);
      }
    },
    async kill() {
      await end('SIGKILL');
    },
    terminate: () => end('SIGTERM'),
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    lastWords,
  };
}

/** The living children of a process (Linux), in the order of their numbers. */
export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return []; // it has ended
  }
}
