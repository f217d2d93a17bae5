import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { createLog } from '../log.ts';
import { type Child, type ChildSpec, startChild } from './children.ts';
import { isAlive } from './processes.ts';

type Ready = { port: number };
const file = fileURLToPath(new URL('./fixtures/child.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'docket-children-'));
const started: Child<Ready>[] = [];
let givenUp: string[] = [];

const specOf = (name: string, manner?: string, patienceMs = 5_000): ChildSpec<Ready> => ({
  name,
  args: (before) => [file, String(before?.port ?? 0), ...(manner ? [manner] : [])],
  env: {},
  patienceMs,
});

async function start(spec: ChildSpec<Ready>): Promise<Child<Ready>> {
  const child = await startChild(spec, {
    folder,
    log: createLog({ role: 'test', level: 'silent' }),
    onGiveUp: (name, lastWords) => givenUp.push(`${name}: ${lastWords}`),
  });
  started.push(child);
  return child;
}

const ask = async (child: Child<Ready>, path = '/'): Promise<string> =>
  (await fetch(`http://127.0.0.1:${child.ready.port}${path}`)).text();

afterEach(async () => {
  await Promise.all(started.splice(0).map((child) => child.stop()));
  rmSync(folder, { recursive: true, force: true });
  givenUp = [];
});

test('a child announces itself, and is gone with its pid file after stop', async () => {
  const child = await start(specOf('plain'));
  const pid = Number(await ask(child));
  expect(pid).toBe(child.pid());
  expect(statSync(join(folder, 'plain.pid')).mode & 0o777).toBe(0o600);
  await child.stop();
  expect(isAlive(pid, file)).toBe(false);
  expect(existsSync(join(folder, 'plain.pid'))).toBe(false);
});

test('a child that ends is started again at the same address', async () => {
  const child = await start(specOf('mortal'));
  const first = await ask(child);
  await ask(child, '/die').catch(() => undefined);
  await expect.poll(() => ask(child).catch(() => first), { timeout: 15_000 }).not.toBe(first);
});

test('the address stays from one start to the next', async () => {
  const first = await start(specOf('stable'));
  await first.stop();
  const second = await start(specOf('stable'));
  expect(second.ready.port).toBe(first.ready.port);
});

test('a remembered address that is taken by now is given up', async () => {
  const first = await start(specOf('moved'));
  writeFileSync(join(folder, 'other.ready.json'), JSON.stringify(first.ready));
  const second = await start(specOf('other'));
  expect(second.ready.port).not.toBe(first.ready.port);
});

test('a child that ends five times within a minute is given up with its last words', async () => {
  const child = await start({ ...specOf('doomed'), args: (before) => [file, '0', ...(before ? ['broken'] : [])] });
  await ask(child, '/die').catch(() => undefined);
  await expect.poll(() => givenUp, { timeout: 25_000 }).toEqual([expect.stringContaining('doomed: cannot do that')]);
});

test('a child that cannot start says why', async () => {
  await expect(start(specOf('hopeless', 'broken'))).rejects.toThrow(/hopeless ended with 3 .*\ncannot do that/);
});

test('a child that never gets ready is ended when its starting is given up', async () => {
  const given = new AbortController();
  const starting = startChild(specOf('slow', 'silent'), {
    folder,
    log: createLog({ role: 'test', level: 'silent' }),
    onGiveUp: () => undefined,
    signal: given.signal,
  });
  const { pid } = JSON.parse(readFileSync(join(folder, 'slow.pid'), 'utf8')) as { pid: number };
  given.abort();
  await expect(starting).rejects.toThrow(/slow ended with SIGTERM before it was ready/);
  expect(isAlive(pid, file)).toBe(false);
});

test('a child that ignores SIGTERM is killed when the patience is over', async () => {
  const child = await start(specOf('stubborn', 'stubborn', 200));
  const pid = child.pid() ?? 0;
  await child.stop();
  expect(isAlive(pid, file)).toBe(false);
});

test('what a killed predecessor left is ended before the next starts', async () => {
  const left = spawn(process.execPath, [file, '0'], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  await new Promise((resolve) => left.once('message', resolve));
  const mark = `${file} 0`;
  await start(specOf('first')); // makes the folder
  writeFileSync(join(folder, 'heir.pid'), JSON.stringify({ pid: left.pid, mark }));
  const heir = await start(specOf('heir'));
  expect(isAlive(left.pid ?? 0, mark)).toBe(false);
  expect(JSON.parse(readFileSync(join(folder, 'heir.pid'), 'utf8'))).toMatchObject({ pid: heir.pid() });
});

test('a pid file whose number belongs to somebody else by now harms nobody', async () => {
  await start(specOf('first'));
  writeFileSync(join(folder, 'careful.pid'), JSON.stringify({ pid: process.pid, mark: 'no such command' }));
  await start(specOf('careful'));
  expect(isAlive(process.pid, 'node')).toBe(true);
});
