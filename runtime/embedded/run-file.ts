import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from './processes.ts';

/** What `up` tells the roles that a person starts beside it. */
export type RunFile = {
  readonly databaseUrl: string;
  readonly clickhouseUrl: string;
  readonly discordApiUrl: string;
  readonly discordToken: string;
  readonly web: string;
  /** The KAFKA_ variables that it was started with, as texts; absent without Kafka. */
  readonly kafka?: Readonly<Record<string, string>>;
};

type Owned = { readonly pid: number; readonly mark: string };

const fileIn = (dataDir: string): string => join(dataDir, 'run.json');
const lockIn = (dataDir: string): string => join(dataDir, 'up.pid');

function read<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined; // none, or one that a crash left half-written
  }
}

/**
 * Makes this process the only `up` of a data folder. `mark` is a part of its command line.
 * Returns the number of the process that is it already, else undefined.
 */
export function lockDataDir(dataDir: string, mark: string): number | undefined {
  mkdirSync(dataDir, { recursive: true });
  const lock = lockIn(dataDir);
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, JSON.stringify({ pid: process.pid, mark } satisfies Owned), { mode: 0o600 });
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        linkSync(mine, lock); // unlike a write, it fails when somebody was first
        return undefined;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 3) throw error;
      }
      const owner = read<Owned>(lock);
      if (owner && owner.pid !== process.pid && isAlive(owner.pid, owner.mark)) return owner.pid;
      rmSync(lock, { force: true }); // left by a kill -9
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Gives the data folder free. */
export function unlockDataDir(dataDir: string): void {
  rmSync(lockIn(dataDir), { force: true });
}

/** Writes the addresses, for this user's eyes only: they hold passwords. */
export function writeRunFile(dataDir: string, addresses: RunFile): void {
  const file = fileIn(dataDir);
  writeFileSync(`${file}.new`, `${JSON.stringify(addresses, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Removes the addresses: from now on nothing answers there. */
export function removeRunFile(dataDir: string): void {
  rmSync(fileIn(dataDir), { force: true });
}

/** The addresses of the Docket that runs on this data folder; undefined when none runs (a file left by a kill -9 does not count). */
export function readRunFile(dataDir: string): RunFile | undefined {
  const owner = read<Owned>(lockIn(dataDir));
  if (!owner || !isAlive(owner.pid, owner.mark)) return undefined;
  return read<RunFile>(fileIn(dataDir));
}
