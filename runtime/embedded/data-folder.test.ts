import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createRestartBudget } from './restart-budget.ts';
import { lockDataDir, readRunFile, removeRunFile, unlockDataDir, writeRunFile } from './run-file.ts';
import { readSecrets } from './secrets.ts';

const folder = mkdtempSync(join(tmpdir(), 'docket-data-'));
const addresses = {
  databaseUrl: 'postgres://u:p@127.0.0.1:1/docket',
  clickhouseUrl: 'http://127.0.0.1:2/docket',
  discordApiUrl: 'http://127.0.0.1:3/api',
  discordToken: 'token',
  web: 'http://localhost:4',
};
const me = 'node';

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('secrets are made once and are readable by their owner alone', () => {
  const first = readSecrets(folder);
  expect(Buffer.from(first.encryptionKey, 'base64')).toHaveLength(32);
  expect(readSecrets(folder)).toEqual(first);
  const file = join(folder, 'secrets.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  chmodSync(file, 0o644);
  readSecrets(folder);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('damaged secrets are never replaced', () => {
  const damaged = mkdtempSync(join(folder, 'damaged-'));
  writeFileSync(join(damaged, 'secrets.json'), '{"encryptionKey":"x"}');
  expect(() => readSecrets(damaged)).toThrow(/lacks a secret/);
});

test('the addresses count only while the process that wrote them lives', async () => {
  expect(readRunFile(folder)).toBeUndefined();
  expect(lockDataDir(folder, me)).toBeUndefined();
  writeRunFile(folder, addresses);
  expect(statSync(join(folder, 'run.json')).mode & 0o777).toBe(0o600);
  expect(readRunFile(folder)).toEqual(addresses);
  unlockDataDir(folder);
  expect(readRunFile(folder)).toBeUndefined();
  removeRunFile(folder);
});

test('a second process on the folder is told of the first, and one that was killed is forgotten', async () => {
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await new Promise((resolve) => other.once('spawn', resolve));
  writeFileSync(join(folder, 'up.pid'), JSON.stringify({ pid: other.pid, mark: 'setInterval' }));
  expect(lockDataDir(folder, me)).toBe(other.pid);
  other.kill('SIGKILL');
  await new Promise((resolve) => other.once('exit', resolve));
  expect(lockDataDir(folder, me)).toBeUndefined();
  unlockDataDir(folder);
});

test('five ends within a minute are too many, five in five minutes are not', () => {
  let now = 0;
  const often = createRestartBudget(() => now);
  expect([often(), often(), often(), often(), often()]).toEqual([100, 300, 900, 2_700, null]);
  const seldom = createRestartBudget(() => now);
  const pauses = Array.from({ length: 10 }, () => {
    now += 30_000;
    return seldom();
  });
  expect(pauses).not.toContain(null);
});
