import { ask } from './render.ts';
import type { Tools } from './tools.ts';

/** Rules that this chart does not follow, each with the reason. */
const deviations: Readonly<Record<string, string>> = {
  CKV_K8S_11: 'no CPU limits: a throttled gateway misses heartbeats, and requests already share the CPU out',
  CKV_K8S_15: 'a release’s tag is never moved, and a pod must start while the registry is away',
  CKV_K8S_21: 'the namespace is chosen at the installation',
  CKV_K8S_35: 'secrets are variables: every process reads its configuration once, from its environment',
  CKV_K8S_43: 'a digest is offered (image.digest) but a tag may be enough',
};
/** Rules about what serves for ever, which a test of some seconds does not. */
const serving = new Set(['CKV_K8S_8', 'CKV_K8S_9']);

type Finding = { check_id: string; check_name: string; resource: string; file_path: string };
type Report = { results: { failed_checks: Finding[]; passed_checks: unknown[] } };

/** What checkov finds wrong in the YAML files of a folder: one sentence each, by file name. */
export async function policyProblems(
  tools: Tools,
  folder: string,
): Promise<{ checked: number; problems: Map<string, string[]> }> {
  const args = ['--directory', folder, '--framework', 'kubernetes', '--skip-download', '--output', 'json'];
  const { said } = await ask(tools.checkov, args);
  const report = JSON.parse(said) as Report | Report[];
  const { failed_checks: failed, passed_checks: passed } = (Array.isArray(report) ? report[0] : report)?.results ?? {
    failed_checks: [],
    passed_checks: [],
  };
  const problems = new Map<string, string[]>();
  for (const { check_id: id, check_name: name, resource, file_path: path } of failed) {
    if (deviations[id] || (serving.has(id) && resource.startsWith('Pod.'))) continue;
    const file = path.replace(/^\//, '');
    problems.set(file, [...(problems.get(file) ?? []), `${resource}: ${id} ${name}`]);
  }
  return { checked: passed.length + failed.length, problems };
}
