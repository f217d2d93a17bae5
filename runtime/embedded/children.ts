import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { childEnv } from '../config.ts';
import type { Log } from '../log.ts';
import { waitMs } from '../retry.ts';
import { endProcess } from './processes.ts';
import { isReadyMessage } from './ready.ts';

/** A process that this one starts, watches and ends. */
export type ChildSpec<Ready> = {
  /** Names its pid file and its log. */
  readonly name: string;
  /** What to run with this Node; `before` is what the child announced the last time, so that it can take the same port again. */
  readonly args: (before: Ready | undefined) => readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How long it may take to end before it is killed. */
  readonly patienceMs: number;
};

/** A running child. */
export type Child<Ready> = {
  readonly ready: Ready;
  readonly pid: () => number | undefined;
  /** Ends it, in the child's own order, and removes its pid file. */
  stop(): Promise<void>;
};

type Options = {
  /** Where pid files and logs are kept. */
  readonly folder: string;
  readonly log: Log;
  /** Called when a child ended five times within a minute, with the end of its log. */
  readonly onGiveUp: (name: string, lastWords: string) => void;
};

const windowMs = 60_000;
const restartsPerWindow = 5;

type PidFile = { readonly pid: number; readonly mark: string };

function readPidFile(file: string): PidFile | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as PidFile;
  } catch {
    return undefined; // none, or one that a crash left half-written
  }
}

/** The last lines of a child's log, for the person who has to mend it. */
export function lastWordsOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n') : '';
}

const exitOf = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });

/**
 * Starts a child in a session of its own (Ctrl-C in the terminal reaches only this process, which then ends its children in order)
 * and resolves when it has announced that it serves. Ends first what a killed predecessor left under the same name. A child that
 * ends by itself is started again, after 0.1 to 5 s.
 */
export async function startChild<Ready>(spec: ChildSpec<Ready>, o: Options): Promise<Child<Ready>> {
  mkdirSync(o.folder, { recursive: true, mode: 0o700 });
  const pidFile = join(o.folder, `${spec.name}.pid`);
  const logFile = join(o.folder, `${spec.name}.log`);
  const left = readPidFile(pidFile);
  if (left) await endProcess(left.pid, left.mark, spec.patienceMs);
  writeFileSync(logFile, '', { mode: 0o600 }); // this run's words only
  const starts: number[] = [];
  let isStopping = false;
  let current: ChildProcess | undefined;

  const launch = async (before: Ready | undefined): Promise<Ready> => {
    const args = [...spec.args(before)];
    const output = openSync(logFile, 'a', 0o600);
    const child = spawn(process.execPath, args, {
      detached: true,
      env: childEnv(spec.env),
      stdio: ['ignore', output, output, 'ipc'],
    });
    closeSync(output);
    current = child;
    if (child.pid)
      writeFileSync(pidFile, JSON.stringify({ pid: child.pid, mark: args.join(' ') } satisfies PidFile), {
        mode: 0o600,
      });
    return new Promise<Ready>((resolve, reject) => {
      child.on('message', (message) => {
        if (isReadyMessage(message)) resolve(message.ready as Ready);
      });
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        reject(new Error(`${spec.name} ended with ${signal ?? code} before it was ready:\n${lastWordsOf(logFile)}`));
      });
    });
  };

  const watch = (child: ChildProcess, ready: Ready): void => {
    child.once('exit', (code, signal) => {
      if (isStopping) return;
      o.log.warn({ child: spec.name, code, signal }, 'a child ended and is started again');
      void restart(ready); // reports its own failure through onGiveUp
    });
  };

  const restart = async (ready: Ready): Promise<void> => {
    for (;;) {
      const now = performance.now();
      starts.push(now);
      const recent = starts.filter((at) => at > now - windowMs).length;
      if (recent >= restartsPerWindow) {
        o.onGiveUp(spec.name, lastWordsOf(logFile));
        return;
      }
      await waitMs(Math.min(5_000, 100 * 3 ** (recent - 1)));
      if (isStopping) return;
      try {
        const again = await launch(ready);
        if (current) watch(current, again);
        o.log.info({ child: spec.name }, 'a child serves again');
        return;
      } catch (err) {
        if (isStopping) return;
        o.log.warn({ err, child: spec.name }, 'a child could not be started again');
      }
    }
  };

  const ready = await launch(undefined).catch((error: unknown) => {
    rmSync(pidFile, { force: true });
    throw error;
  });
  if (current) watch(current, ready);
  return {
    ready,
    pid: () => current?.pid,
    async stop() {
      isStopping = true;
      if (current && current.exitCode === null && current.signalCode === null) {
        current.kill('SIGTERM');
        const cut = setTimeout(() => current?.kill('SIGKILL'), spec.patienceMs);
        await exitOf(current);
        clearTimeout(cut);
      }
      rmSync(pidFile, { force: true });
    },
  };
}
