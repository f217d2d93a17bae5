import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { freePort } from '#runtime/embedded/ports.ts';
import { isAlive } from '#runtime/embedded/processes.ts';
import { ask } from './client.ts';
import { endLeftovers } from './control-plane.ts';
import { buildServers, runsFolder } from './servers.ts';
import { hasKubernetes } from './desk.ts';

describe.skipIf(!hasKubernetes)('a run that was killed', () => {
  test('leaves servers that the next one ends, and no other', async () => {
    await mkdir(runsFolder, { recursive: true });
    const folder = await mkdtemp(join(runsFolder, 'run-'));
    const urls = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`];
    const args = [
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=${urls[0]}`,
      `--advertise-client-urls=${urls[0]}`,
      `--listen-peer-urls=${urls[1]}`,
      `--initial-advertise-peer-urls=${urls[1]}`,
      `--initial-cluster=default=${urls[1]}`,
    ];
    const child = spawn(join(await buildServers(), 'etcd'), args, { stdio: 'ignore', detached: true });
    await writeFile(join(folder, 'etcd.pid'), String(child.pid));
    // This process' own number, under a name that it does not have: the number was given to somebody else since.
    await writeFile(join(folder, 'owner.json'), JSON.stringify({ pid: process.pid, command: 'a run that is gone' }));
    expect(isAlive(child.pid ?? 0, folder)).toBe(true);
    await endLeftovers();
    expect(isAlive(child.pid ?? 0, folder)).toBe(false);
    expect(existsSync(folder)).toBe(false);
    const kubernetes = inject('kubernetes');
    expect(kubernetes && (await ask(kubernetes.access, 'GET', '/readyz')).status).toBe(200);
  });
});
