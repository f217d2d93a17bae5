import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, type Manifest, manifestsIn, renderChart } from './render.ts';
import type { Tools } from './tools.ts';
import { fileOf, setsIn } from './values.ts';

async function git(...args: readonly string[]): Promise<string> {
  const { ok, said } = await ask('git', args);
  if (!ok) throw new Error(said);
  return said.trim();
}

/** The newest release before this commit, a tag like `v1.2.3`; before the second release this commit; nothing in a tree without its history. */
export async function previousRelease(): Promise<string | undefined> {
  if (!(await ask('git', ['rev-parse', 'HEAD'])).ok) return undefined;
  const tags = await git('tag', '--list', 'v[0-9]*', '--sort=-version:refname', '--merged=HEAD', '--no-contains=HEAD');
  return tags.split('\n')[0] || 'HEAD';
}

/** What a commit's own chart renders, by each of its own value sets' names. */
export async function renderRelease(tools: Tools, commit: string): Promise<ReadonlyMap<string, Manifest[]>> {
  const folder = await mkdtemp(join(tmpdir(), 'docket-release-'));
  try {
    const archive = join(folder, 'release.tar');
    await git('archive', '--output', archive, commit, 'charts/docket', 'test/chart/values');
    const unpacked = await ask('tar', ['-xf', archive, '-C', folder]);
    if (!unpacked.ok) throw new Error(unpacked.said);
    const chart = join(folder, 'charts/docket');
    const rendered = new Map<string, Manifest[]>();
    for (const set of await setsIn(folder)) {
      rendered.set(set, manifestsIn(await renderChart(tools, { chart, values: [join(folder, fileOf(set))] })));
    }
    return rendered;
  } finally {
    await rm(folder, { recursive: true });
  }
}
