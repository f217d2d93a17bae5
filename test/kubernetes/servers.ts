import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { childEnv, flag, readConfig, text } from '#runtime/config.ts';
import { printLine } from '#runtime/stdout.ts';
import { missingTools } from '../chart/tools.ts';

// Kubernetes' own servers, built from their Go modules: no package carries them as programs. The first time on a machine this takes 10 to
// 30 minutes of its processors and 5 GB of Go's caches; what was built is kept.

const run = promisify(execFile);

/** The release that the tests run, between the two whose schemas the chart is held against. */
export const release = '1.35.4';

const { REQUIRE_ALL, KUBERNETES_CACHE } = readConfig({
  REQUIRE_ALL: flag({ default: false, doc: 'whether a skipped test is a failure' }),
  KUBERNETES_CACHE: text({
    default: join(homedir(), '.cache', 'docket-kubernetes'),
    doc: 'where tests keep the servers of Kubernetes that they built',
  }),
});

const home = join(KUBERNETES_CACHE, `v${release}`);
const binaries = join(home, 'bin');
const kubernetes = (name: string): [name: string, from: string] => [name, `k8s.io/kubernetes/cmd/${name}`];
const programs = [
  ['etcd', 'go.etcd.io/etcd/server/v3'],
  kubernetes('kube-apiserver'),
  kubernetes('kube-controller-manager'),
  kubernetes('kube-scheduler'),
] as const;

const minutes = (n: number): number => n * 60_000;
const absentPrograms = () => programs.filter(([name]) => !existsSync(join(binaries, name)));

/** Where runs keep what they need while they last. */
export const runsFolder = join(KUBERNETES_CACHE, 'runs');

/** Why nothing can be tested here; undefined when it can. With REQUIRE_ALL it is tried all the same. */
export async function whyNoServers(): Promise<string | undefined> {
  if (REQUIRE_ALL) return undefined;
  const missing = await missingTools();
  if (missing.length > 0) return `${missing.join(' and ')} must be installed to build what is needed`;
  return undefined;
}

/** k8s.io/kubernetes replaces its parts by folders beside it, which `go install` refuses: a module of our own repeats them by version. */
async function prepareModule(): Promise<string> {
  const path = join(home, 'module');
  if (existsSync(join(path, 'go.sum'))) return path;
  await mkdir(home, { recursive: true });
  const folder = await mkdtemp(join(home, 'part-'));
  const go = (...args: string[]) => run('go', args, { cwd: folder, timeout: minutes(10), maxBuffer: 16_000_000 });
  await go('mod', 'init', 'docket-kubernetes');
  const { stdout } = await go('mod', 'download', '-json', `k8s.io/kubernetes@v${release}`);
  const own = await readFile(join((JSON.parse(stdout) as { Dir: string }).Dir, 'go.mod'), 'utf8');
  const staged = [...own.matchAll(/^\s*(k8s\.io\/[a-z-]+) => \.\/staging\//gm)].map(([, name]) => name ?? '');
  const parts = staged.map((name) => `-replace=${name}=${name}@v${release.replace(/^1/, '0')}`);
  await go('mod', 'edit', ...parts);
  const etcd = /go\.etcd\.io\/etcd\/server\/v3 (v\S+)/.exec(own)?.[1];
  // Each with its version: without one Go takes the newest, which does not fit the replaced parts.
  await go('get', '-tool', ...programs.map(([name, from]) => `${from}@${name === 'etcd' ? etcd : `v${release}`}`));
  await rm(path, { recursive: true, force: true });
  await rename(folder, path);
  return path;
}

/** Builds what the cache lacks. Returns the folder of the programs. Throws when Go cannot. */
export async function buildServers(): Promise<string> {
  const absent = absentPrograms();
  if (absent.length === 0) return binaries;
  const cwd = await prepareModule();
  await mkdir(binaries, { recursive: true });
  const about = 'k8s.io/component-base/version';
  const [major, minor] = release.split('.');
  const ldflags = `-s -w -X ${about}.gitVersion=v${release} -X ${about}.gitMajor=${major} -X ${about}.gitMinor=${minor}`;
  for (const [name, from] of absent) {
    printLine(`Building ${name} ${release}, once on this machine; this takes some minutes.`);
    const part = join(binaries, `${name}.${process.pid}`);
    const args = ['-n', '19', 'go', 'build', '-trimpath', '-ldflags', ldflags, '-o', part, from];
    await run('nice', args, { cwd, env: childEnv({ CGO_ENABLED: '0' }), timeout: minutes(60), maxBuffer: 16_000_000 });
    await rename(part, join(binaries, name));
  }
  return binaries;
}
