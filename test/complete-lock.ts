/**
 * Adds to package-lock.json the optional packages for other platforms that a registry copy may lack. Without them `npm ci` says
 * "Missing … from lock file" there. Run after every change of dependencies: `npm run lock`.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { printLine } from '#runtime/stdout.ts';

type Locked = { optionalDependencies?: Record<string, string>; dev?: boolean; resolved?: string } & Record<
  string,
  unknown
>;
const systems = ['android', 'darwin', 'freebsd', 'openbsd', 'netbsd', 'linux', 'win32', 'sunos', 'aix', 'openharmony'];
const processors = ['x64', 'arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64', 'mips64el', 'wasm32'];

const lock = JSON.parse(await readFile('package-lock.json', 'utf8')) as { packages: Record<string, Locked> };
let added = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
  // A download address ties the lock to one registry; the integrity hash is what protects.
  delete entry.resolved;
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const isKnown = lock.packages[`${path}/node_modules/${name}`] ?? lock.packages[`node_modules/${name}`];
    if (isKnown || !/^\d/.test(version)) continue;
    const os = name.includes('windows') ? 'win32' : systems.find((one) => name.includes(one));
    if (!os) continue;
    const cpu = processors.find((one) => new RegExp(`[-_]${one}([-_]|$)`).test(name));
    lock.packages[`node_modules/${name}`] = {
      version,
      ...(cpu && { cpu: [cpu] }),
      ...(entry.dev && { dev: true }),
      optional: true,
      os: [os],
    };
    added += 1;
  }
}
const { '': root, ...rest } = lock.packages;
const sorted = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
lock.packages = { '': root ?? {}, ...Object.fromEntries(sorted) };
await writeFile('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
printLine(`added ${added} packages of other platforms`);
