import { randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

// A process number means something only on its host and in its namespace: two containers may both have a process 7.
function whereabouts(): string {
  let namespace = '';
  try {
    namespace = readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
  } catch {
    // Not Linux: there the host's name alone tells processes apart.
  }
  return `${hostname()}:${namespace}`;
}

/** A name for this process among all owners of shards, in which others on the same host can see whether it still lives. */
export function ownerName(clusterName: string): string {
  return [clusterName, whereabouts(), process.pid, randomUUID().slice(0, 8)].join('|');
}

/**
 * Whether an owner is a process of this host that has ended: its shards can be taken over at once instead of after their lease. Unsure
 * is no: another host, or a number that some other process has taken since.
 */
export function isDead(owner: string): boolean {
  const [, where, pid] = owner.split('|');
  if (where !== whereabouts() || !/^\d+$/.test(pid ?? '') || Number(pid) === process.pid) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
