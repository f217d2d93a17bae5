import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnv } from '#runtime/config.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const web = join(root, 'dashboards/web');
const built = join(web, 'dist');
const stampIn = (folder: string): string => join(folder, '.built-from');

// What the web app is made of (its import rules, design.md 2); versions of libraries are in the lock.
const sources = [
  'dashboards/web/**/*.{ts,tsx,css,html,svg,json}',
  'analytics/{plot,metrics,query}/**/*.ts',
  'tickets/**/registry.ts',
  'locales/**/*.{json,ts}',
  'package-lock.json',
];

function fingerprint(): string {
  const hash = createHash('sha256');
  const files = globSync(sources, {
    cwd: root,
    exclude: (path) => /dist(-\d+)?(-old)?$/.test(path) || path.endsWith('.test.ts'),
  });
  for (const file of files.toSorted())
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  return hash.digest('hex');
}

/** Where Vite's program is; undefined in an image, which carries the built app instead. */
function viteProgram(): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin/vite.js');
  } catch {
    return undefined;
  }
}

/** Builds the web app unless what it is made of is what it was built from. Throws with Vite's words when it cannot be built. */
export async function buildWeb(o: { signal: AbortSignal; onBuild: () => void }): Promise<void> {
  const vite = viteProgram();
  if (!vite || !existsSync(join(web, 'vite.config.ts'))) return;
  const current = fingerprint();
  if (existsSync(stampIn(built)) && readFileSync(stampIn(built), 'utf8') === current) return;
  o.onBuild();
  // A process of its own: it takes seconds of a core, and `up` has databases to start meanwhile.
  const fresh = `${built}-${process.pid}`;
  const child = spawn(process.execPath, [vite, 'build', '--outDir', fresh, '--emptyOutDir'], {
    cwd: web,
    env: childEnv({ NODE_ENV: 'production' }),
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: o.signal,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    throw new Error(`The web app could not be built:\n${said}`);
  }
  writeFileSync(stampIn(fresh), current);
  replace(fresh);
}

/** Puts a whole build in the place of the last one: whoever serves it meanwhile never finds it half written, nor another `up` that built too. */
function replace(fresh: string): void {
  const old = `${fresh}-old`;
  if (existsSync(built)) renameSync(built, old);
  try {
    renameSync(fresh, built);
  } catch {
    rmSync(fresh, { recursive: true, force: true }); // somebody else was faster, from the same sources
  }
  rmSync(old, { recursive: true, force: true });
}
