import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { childEnv } from '../config.ts';
import type { Log } from '../log.ts';
import { waitMs } from '../retry.ts';
import { endProcess } from './processes.ts';
import { isReadyMessage } from './ready.ts';
import { createRestartBudget } from './restart-budget.ts';

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
  /** Aborted when this process is asked to end: a child that is still starting is ended then, and starting it fails. */
  readonly signal?: AbortSignal;
  /** Called when a child ended five times within a minute, with the end of its log. */
  readonly onGiveUp: (name: string, lastWords: string) => void;
};

type PidFile = { readonly pid: number; readonly mark: string };

function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined; // none, or one that a crash left half-written
  }
}

function lastWordsOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n') : '';
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** Asks a child to end, and ends it when `patienceMs` has passed. Resolves when it is gone. */
async function end(child: ChildProcess, patienceMs: number): Promise<void> {
  if (hasEnded(child)) return;
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  child.kill('SIGTERM');
  const cut = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  await gone;
  clearTimeout(cut);
}

/**
 * Starts a child in a session of its own (Ctrl-C in the terminal reaches only this process, which then ends its children in order)
 * and resolves when it has announced that it serves. Ends first what a killed predecessor left under the same name. A child that
 * ends by itself is started again, after a pause.
 */
export async function startChild<Ready>(spec: ChildSpec<Ready>, o: Options): Promise<Child<Ready>> {
  const { name, patienceMs } = spec;
  mkdirSync(o.folder, { recursive: true, mode: 0o700 });
  const fileOf = (kind: string): string => join(o.folder, `${name}.${kind}`);
  const pidFile = fileOf('pid');
  const logFile = fileOf('log');
  const left = readJson<PidFile>(pidFile);
  if (left) await endProcess(left.pid, left.mark, patienceMs);
  writeFileSync(logFile, '', { mode: 0o600 }); // this run's words only
  const nextPauseMs = createRestartBudget();
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
    const mine: PidFile = { pid: child.pid ?? 0, mark: args.join(' ') };
    writeFileSync(pidFile, JSON.stringify(mine), { mode: 0o600 });
    const onAbort = (): void => void end(child, patienceMs); // its exit rejects the promise below
    o.signal?.addEventListener('abort', onAbort);
    if (o.signal?.aborted) onAbort();
    const ready = await new Promise<Ready>((resolve, reject) => {
      child.on('message', (message) => {
        if (isReadyMessage(message)) resolve(message.ready as Ready);
      });
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        reject(new Error(`${name} ended with ${signal ?? code} before it was ready:\n${lastWordsOf(logFile)}`));
      });
    }).finally(() => o.signal?.removeEventListener('abort', onAbort));
    writeFileSync(fileOf('ready.json'), JSON.stringify(ready), { mode: 0o600 });
    child.once('exit', (code, signal) => {
      if (isStopping) return;
      o.log.warn({ child: name, code, signal }, 'a child ended and is started again');
      void restart(ready); // reports its own failure through onGiveUp
    });
    return ready;
  };

  const restart = async (before: Ready): Promise<void> => {
    for (;;) {
      const pauseMs = nextPauseMs();
      if (pauseMs === null) {
        o.onGiveUp(name, lastWordsOf(logFile));
        return;
      }
      await waitMs(pauseMs);
      if (isStopping) return;
      try {
        await launch(before);
        o.log.warn({ child: name }, 'a child serves again');
        return;
      } catch (err) {
        if (isStopping) return;
        o.log.warn({ err, child: name }, 'a child could not be started again');
      }
    }
  };

  // What was announced in an earlier run is tried first, so that addresses stay; its port may be somebody else's by now.
  const remembered = readJson<Ready>(fileOf('ready.json'));
  const starting = launch(remembered).catch((error: unknown) => {
    if (remembered === undefined || o.signal?.aborted) throw error;
    return launch(undefined);
  });
  const ready = await starting.catch((error: unknown) => {
    rmSync(pidFile, { force: true });
    throw error;
  });
  return {
    ready,
    pid: () => current?.pid,
    async stop() {
      isStopping = true;
      if (current) await end(current, patienceMs);
      rmSync(pidFile, { force: true });
    },
  };
}
