import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { waitMs } from '../retry.ts';

/**
 * The command line of a living process; undefined when there is none or it is only waiting to be reaped (a container's first
 * process may never do that). A number alone proves nothing: after a restart it may belong to somebody else.
 */
export function commandOf(pid: number): string | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 1) return undefined;
  if (process.platform === 'linux') {
    try {
      const state = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '')[0];
      return state === 'Z' || state === 'X'
        ? undefined
        : readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    } catch {
      return undefined;
    }
  }
  const { stdout } = spawnSync('ps', ['-o', 'stat=,args=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout === '' || stdout.startsWith('Z') ? undefined : stdout.trim();
}

/** Whether process `pid` lives and its command line holds `mark`. */
export function isAlive(pid: number, mark: string): boolean {
  return commandOf(pid)?.includes(mark) ?? false;
}

/**
 * Asks a process to end (SIGTERM) and, when `patienceMs` has passed, ends it (SIGKILL). Resolves when it is gone;
 * does nothing when the number belongs to something else by now.
 */
export async function endProcess(pid: number, mark: string, patienceMs: number): Promise<void> {
  if (!isAlive(pid, mark)) return;
  process.kill(pid, 'SIGTERM');
  const deadline = performance.now() + patienceMs;
  let wasKilled = false;
  while (isAlive(pid, mark)) {
    if (!wasKilled && performance.now() > deadline) {
      process.kill(pid, 'SIGKILL');
      wasKilled = true;
    }
    await waitMs(25);
  }
}
