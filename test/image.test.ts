import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, matchesGlob, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { roleNames } from '#roles/names.ts';
import { childEnv } from '#runtime/config.ts';

// The image without a container runtime: the files that its last stage copies, with the packages that `npm ci --omit=dev` leaves.

const dockerfile = readFileSync('Dockerfile', 'utf8').replaceAll('\\\n', ' ');
const ignored = readFileSync('.dockerignore', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('**/'));
const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
const copied = [...last.matchAll(/^COPY (?!--from)(.+)$/gm)].flatMap(([, paths = '']) =>
  paths.split(/\s+/).slice(0, -1),
);
const removed =
  /rm -rf (.+)/
    .exec(dockerfile)?.[1]
    ?.split(/\s+/)
    .map((path) => path.replace(/^node_modules\//, '')) ?? [];

type Locked = { packages: Record<string, { dev?: boolean; devOptional?: boolean }> };
const packages = Object.entries((JSON.parse(readFileSync('package-lock.json', 'utf8')) as Locked).packages)
  .filter(([path, { dev, devOptional }]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && !dev && !devOptional)
  .map(([path]) => path.slice('node_modules/'.length))
  .filter((name) => !removed.some((each) => name === each || name.startsWith(`${each}/`)));

let image: string;
beforeAll(() => {
  image = mkdtempSync(join(tmpdir(), 'docket-image-'));
  const isWanted = (path: string): boolean =>
    !ignored.some(
      (pattern) => matchesGlob(relative('.', path), pattern) || matchesGlob(relative('.', path), `${pattern}/**`),
    );
  for (const path of copied) cpSync(path, join(image, path), { recursive: true, filter: isWanted });
  for (const name of packages) {
    if (!existsSync(join('node_modules', name))) continue; // for another platform
    const place = join(image, 'node_modules', name);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(join(process.cwd(), 'node_modules', name), place);
  }
});
afterAll(() => rmSync(image, { recursive: true, force: true }));

const unset = Object.fromEntries(
  'DATABASE_URL CLICKHOUSE_URL ENCRYPTION_KEY DISCORD_TOKEN DISCORD_API_URL PUBLIC_URL'
    .split(' ')
    .map((name) => [name, undefined]),
);

/** Starts a role in the image's folder. Links stay links, so that a package finds only what the image has. */
async function start(args: readonly string[]): Promise<{ code: number; said: string }> {
  const flags = '--preserve-symlinks --preserve-symlinks-main';
  const env = childEnv({ ...unset, NODE_OPTIONS: flags, DATA_DIR: join(image, 'none') });
  return promisify(execFile)(process.execPath, ['main.ts', ...args], { cwd: image, env, timeout: 30_000 }).then(
    ({ stdout, stderr }) => ({ code: 0, said: stdout + stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      said: error.stdout + error.stderr,
    }),
  );
}

const once = ['migrate', 'register', 'verify', 'rebuild', 'key'];
const serving = Object.keys(roleNames).filter((name) => !['up', 'simulator', 'doctor', ...once].includes(name));

describe('the image', () => {
  test('is not root, has a health check and ends by the process it starts', () => {
    expect(last).toMatch(/^USER \d{5}:\d{5}$/m);
    expect(last).toMatch(/^HEALTHCHECK /m);
    expect(last).toMatch(/^ENTRYPOINT \["node", "main.ts"\]$/m);
    expect(dockerfile).toMatch(/^ARG NODE_IMAGE=node:24\./m);
  });

  test('holds no test, and no package of development', () => {
    expect(existsSync(join(image, 'roles/once.test.ts'))).toBe(false);
    for (const name of ['typescript', 'vitest', 'react', 'chdb']) expect(packages).not.toContain(name);
    expect(packages).toContain('pg');
  });

  // A role that is not told where anything is says so and ends with 2; a module that is missing ends it with 1.
  test.each([...serving, ...once])('holds everything that %s loads', async (name) => {
    const { code, said } = await start([name]);
    expect(said).not.toContain('ERR_MODULE_NOT_FOUND');
    expect(code, said).toBe(2);
  });

  test('holds the doctor, which is what it runs when told nothing', async () => {
    const { code, said } = await start(['doctor']);
    expect(code).toBe(1);
    expect(said).toMatch(/things are wrong/);
  });
});
