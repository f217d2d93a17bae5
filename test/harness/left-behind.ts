import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '#runtime/embedded/processes.ts';

const readText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // never written, or removed in this moment
  }
};

/** The children of an `up` that may still run on its DATA_DIR: by the pid files that it keeps, and by Postgres' own. */
function* childrenOf(dataDir: string): Generator<{ pid: number; mark: string; signal: NodeJS.Signals }> {
  const run = join(dataDir, 'run');
  let files: string[] = [];
  try {
    files = readdirSync(run).filter((file) => file.endsWith('.pid'));
  } catch {
    // It never came as far as starting any.
  }
  for (const file of files) {
    const text = readText(join(run, file));
    if (text !== '') yield { ...(JSON.parse(text) as { pid: number; mark: string }), signal: 'SIGKILL' };
  }
  const data = join(dataDir, 'postgres', 'data');
  // SIGQUIT: at once too, but it takes its shared memory with it.
  yield { pid: Number(readText(join(data, 'postmaster.pid')).split('\n')[0]), mark: data, signal: 'SIGQUIT' };
}

const patienceMs = 5_000;

/** Ends at once what an `up` that was killed, or that nobody stopped, has left running, and waits for it: also while this process exits. */
export function endLeftBehind(dataDir: string): void {
  const left = [...childrenOf(dataDir)].filter(({ pid, mark }) => isAlive(pid, mark));
  for (const { pid, signal } of left) process.kill(pid, signal);
  const clock = new Int32Array(new SharedArrayBuffer(4));
  const deadline = performance.now() + patienceMs;
  while (left.some(({ pid, mark }) => isAlive(pid, mark)) && performance.now() < deadline)
    Atomics.wait(clock, 0, 0, 20);
}
