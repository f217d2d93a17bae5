import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { childEnv } from '#runtime/config.ts';

/** The command lines of all processes that name a folder. */
const processesOf = (folder: string): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return ''; // ended in this moment
      }
    })
    .filter((command) => command.includes(folder));

test.runIf(process.platform === 'linux')(
  'nothing of a stack outlives the process that started it, not even when up was killed and nobody stopped it',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'docket-left-'));
    chmodSync(folder, 0o755); // as root, Postgres runs as another user and has to pass through
    const script = `
      import { once } from 'node:events';
      const { startStack } = await import('#test/harness/stack.ts');
      const { up } = await startStack();
      up.child.kill('SIGKILL');
      await once(up.child, 'exit');
      console.log('killed');
      await once(process.stdin, 'data');
      process.exit(1);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: childEnv({ TMPDIR: folder }),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const ended = once(child, 'exit');
    await once(child.stdout, 'data');
    const left = processesOf(folder); // the others end with up
    child.stdin.end('go\n');
    expect((await ended)[0]).toBe(1);
    expect(left.join('\n')).toContain('postgres');
    await expect.poll(() => processesOf(folder), { timeout: 10_000 }).toEqual([]);
    expect(readdirSync(folder).filter((name) => name.startsWith('docket-stack'))).toEqual([]);
    rmSync(folder, { recursive: true, force: true });
  },
  120_000,
);
