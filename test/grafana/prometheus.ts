import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { flag, readConfig, text } from '#runtime/config.ts';
import { freePort } from '#runtime/embedded/ports.ts';
import { printLine } from '#runtime/stdout.ts';
import { until } from '../harness/desk.ts';

const run = promisify(execFile);
const config = readConfig({
  REQUIRE_ALL: flag({ default: false, doc: 'whether a skipped test is a failure' }),
  PROMETHEUS_PATH: text({ optional: true, doc: 'the folder of the programs prometheus and promtool' }),
  PROMETHEUS_CACHE: text({
    default: join(homedir(), '.cache', 'docket-prometheus'),
    doc: 'where tests keep a Prometheus that they fetched',
  }),
  PATH: text({ default: '', doc: 'where programs are looked for' }),
});
const fetched = join(config.PROMETHEUS_CACHE, 'usr', 'bin');
const isThere = (folder: string): boolean => ['prometheus', 'promtool'].every((name) => existsSync(join(folder, name)));
const found = [config.PROMETHEUS_PATH ?? [], config.PATH.split(delimiter), fetched].flat().find(isThere);

/** Whether what needs Prometheus can be tested. With REQUIRE_ALL it is tried all the same, and Debian's package is fetched (not installed). */
export const hasPrometheus = found !== undefined || config.REQUIRE_ALL;
if (!hasPrometheus)
  printLine(
    'What needs Prometheus is skipped: install Debian’s package prometheus or set PROMETHEUS_PATH to its folder',
  );

async function fetchPackage(): Promise<string> {
  await mkdir(resolve(config.PROMETHEUS_CACHE, '..'), { recursive: true });
  const place = await mkdtemp(`${config.PROMETHEUS_CACHE}-`);
  try {
    await run('apt-get', ['download', 'prometheus'], { cwd: place });
    const [file = ''] = (await readdir(place)).filter((name) => name.endsWith('.deb'));
    await run('dpkg', ['-x', file, 'x'], { cwd: place });
    await rename(join(place, 'x'), config.PROMETHEUS_CACHE);
  } catch (cause) {
    throw new Error('there is no Prometheus: install Debian’s package or set PROMETHEUS_PATH', { cause });
  } finally {
    await rm(place, { recursive: true });
  }
  return fetched;
}

let folder: Promise<string> | undefined;

/** The folder of prometheus and promtool. Throws when they are not there and Debian's package cannot be had. */
export function programs(): Promise<string> {
  folder ??= found === undefined ? fetchPackage() : Promise.resolve(found);
  return folder;
}

type Answer = { status: string; error?: string; data: unknown };
/** A series as the API answers it: values are texts. */
export type Series = { metric: Record<string, string>; value?: [number, string]; values?: [number, string][] };
/** A rule as the API tells of it. */
export type Rule = { name: string; health: string; state: string; lastError?: string };

/** A running Prometheus. */
export type Prometheus = {
  /** What is true now. */
  instant(expr: string): Promise<Series[]>;
  /** The last minute. */
  range(expr: string): Promise<Series[]>;
  rules(): Promise<Rule[]>;
  stop(): Promise<void>;
};

/** Starts a Prometheus that scrapes /metrics of these ports each second, as one job, and evaluates rules. */
export async function startPrometheus(o: { ports: readonly number[]; rules: string }): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'docket-prometheus-'));
  const port = await freePort();
  await writeFile(
    join(folder, 'prometheus.yml'),
    JSON.stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [resolve(o.rules)],
      scrape_configs: [{ job_name: 'docket', static_configs: [{ targets: o.ports.map((one) => `127.0.0.1:${one}`) }] }],
    }),
  );
  const child: ChildProcess = spawn(
    join(await programs(), 'prometheus'),
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const ask = async (path: string, parameters: Record<string, string> = {}): Promise<unknown> => {
    const url = `http://127.0.0.1:${port}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`;
    const answer = (await (await fetch(url, { signal: AbortSignal.timeout(10_000) })).json()) as Answer;
    if (answer.status !== 'success') throw new Error(`${path}: ${answer.error}`);
    return answer.data;
  };
  const seriesOf = (data: unknown): Series[] => (data as { result: Series[] }).result;
  await until(
    () => ask('query', { query: '1' }).catch(() => null),
    (answer) => answer !== null || child.exitCode !== null,
  );
  return {
    instant: async (query) => seriesOf(await ask('query', { query })),
    range: async (query) => {
      const end = Date.now() / 1_000;
      return seriesOf(await ask('query_range', { query, start: String(end - 60), end: String(end), step: '1' }));
    },
    rules: async () => {
      const { groups } = (await ask('rules')) as { groups: { rules: Rule[] }[] };
      return groups.flatMap(({ rules }) => rules);
    },
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
