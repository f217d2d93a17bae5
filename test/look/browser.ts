import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';
import { childEnv, readConfig, text } from '#runtime/config.ts';

const { CHROMIUM_PATH } = readConfig({
  CHROMIUM_PATH: text({ optional: true, doc: 'a Chromium for browser tests, instead of the one that npm installs' }),
});
const output = fileURLToPath(new URL('../output', import.meta.url));

const unpackProgram = fileURLToPath(new URL('./unpack-chromium.ts', import.meta.url));

/** Unpacks the browser and its libraries once; several test files may come at the same time. */
const unpack = async (): Promise<string> => {
  const packageFile = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '../package.json');
  const { version } = createRequire(import.meta.url)(packageFile) as { version: string };
  const folder = join(output, `chromium-${version}`);
  if (existsSync(folder)) return folder;
  // The package unpacks into the temporary folder and takes whatever stands there for complete, half a file too.
  // So it gets a temporary folder of its own, which takes its place when it is complete.
  const partial = join(output, `chromium-${randomUUID()}`);
  await mkdir(partial, { recursive: true });
  const libraries = join(dirname(packageFile), 'bin/al2023.tar.br');
  await promisify(execFile)(process.execPath, [unpackProgram, libraries], { env: childEnv({ TMPDIR: partial }) });
  try {
    await rename(partial, folder);
  } catch (err) {
    await rm(partial, { recursive: true });
    if (!existsSync(folder)) throw err;
  }
  return folder;
};

/** The browser for tests: the one that npm installs, with the libraries that a bare machine lacks. */
export const launchBrowser = async (): Promise<Browser> => {
  const args = ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none'];
  if (CHROMIUM_PATH !== undefined) return await chromium.launch({ executablePath: CHROMIUM_PATH, args });
  const folder = await unpack();
  const env = childEnv({
    LD_LIBRARY_PATH: join(folder, 'al2023/lib'),
    ...(!existsSync('/etc/fonts') && { FONTCONFIG_PATH: join(folder, 'fonts') }),
  });
  const defined = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return await chromium.launch({ executablePath: join(folder, 'chromium'), args, env: Object.fromEntries(defined) });
};
