import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { tree } from './tree.ts';
import type { Tools } from './tools.ts';

const run = promisify(execFile);

/** An object as Kubernetes is told it. */
export type Manifest = {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  spec?: Record<string, unknown>;
  data?: Record<string, string>;
};

/** The outcome of a program that tells by its exit code what it found. */
export type Verdict = { readonly ok: boolean; readonly said: string };

/** Runs a tool; a finding is an answer, not an error. */
export async function ask(program: string, args: readonly string[]): Promise<Verdict> {
  type Failed = { stdout: string; stderr: string; code: unknown };
  const options = { maxBuffer: 64_000_000, timeout: 180_000, cwd: tree };
  return run(program, [...args], options).then(
    ({ stdout }) => ({ ok: true, said: stdout }),
    (error: Failed) => {
      if (typeof error.code !== 'number') throw error;
      return { ok: false, said: `${error.stdout}${error.stderr}` };
    },
  );
}

/** The chart as `helm template` renders it, this commit's unless another is named, with these value files and single values. Throws what helm refuses. */
export async function renderChart(
  tools: Tools,
  o: { chart?: string; values: readonly string[]; set?: readonly string[]; version?: string; revision?: 'upgrade' },
): Promise<string> {
  const args = ['template', 'docket', o.chart ?? 'charts/docket', '--namespace', 'docket'];
  if (o.version) args.push('--kube-version', o.version);
  if (o.revision) args.push('--is-upgrade');
  for (const file of o.values) args.push('--values', file);
  for (const each of o.set ?? []) args.push('--set', each);
  const { ok, said } = await ask(tools.helm, args);
  if (!ok) throw new Error(said);
  return said;
}

/** Reads a stream of YAML documents. */
export function manifestsIn(yaml: string): Manifest[] {
  return parseAllDocuments(yaml).flatMap((document) => {
    const value = document.toJS() as Manifest | null;
    return value ? [value] : [];
  });
}

/** Holds files against the schemas of one version of Kubernetes and of the operators, strictly. `skip` names kinds without a schema. */
export function conform(
  tools: Tools,
  version: string,
  files: readonly string[],
  skip: readonly string[] = [],
): Promise<Verdict> {
  const folders = [tools.schemas[version] ?? '', ...tools.crds];
  const where = folders.flatMap((each) => ['-schema-location', `${each}/{{.ResourceKind}}{{.KindSuffix}}.json`]);
  return ask(tools.kubeconform, ['-strict', '-summary', '-skip', skip.join(','), ...where, ...files]);
}
