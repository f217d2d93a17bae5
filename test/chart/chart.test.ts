import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { printLine } from '#runtime/stdout.ts';
import { askedBy } from './asked.ts';
import { everyChange, fileOf, given, sets } from './values.ts';
import { planted, plants } from './plants.ts';
import { policyProblems } from './policy.ts';
import { immutableChanges, referenceProblems } from './references.ts';
import { previousRelease, renderRelease } from './release.ts';
import { ask, conform, type Manifest, manifestsIn, renderChart } from './render.ts';
import { hasTools, kubernetesVersions, openTools, type Tools } from './tools.ts';

describe.skipIf(!(await hasTools()))('the chart', () => {
  let tools: Tools;
  let folder = '';
  const rendered = new Map<string, string>();
  const objects = (set: string): Manifest[] => manifestsIn(rendered.get(set) ?? '');

  beforeAll(async () => {
    tools = await openTools();
    folder = await mkdtemp(join(tmpdir(), 'docket-chart-'));
    for (const set of sets) {
      const yaml = await renderChart(tools, { values: [fileOf(set)] });
      rendered.set(set, yaml);
      await writeFile(join(folder, `${set}.yaml`), yaml);
    }
  }, 900_000); // the first time on a machine the tools are made
  afterAll(async () => {
    if (folder) await rm(folder, { recursive: true });
  });

  test.each(sets)('passes helm lint --strict with %s', async (set) => {
    const { ok, said } = await ask(tools.helm, ['lint', '--strict', 'charts/docket', '--values', fileOf(set)]);
    expect(said).toContain('0 chart(s) failed');
    expect(ok).toBe(true);
  });

  test.each(kubernetesVersions)(
    'renders only what the schemas of Kubernetes %s and of the operators know',
    async (version) => {
      for (const set of sets) {
        const file = join(folder, `${set}-${version}.yaml`);
        await writeFile(file, await renderChart(tools, { values: [fileOf(set)], version }));
        const { ok, said } = await conform(tools, version, [file]);
        expect(said).toContain('Skipped: 0');
        expect(ok, said).toBe(true);
        await rm(file);
      }
    },
  );

  test.each(sets)('has nothing that points to nothing with %s', (set) => {
    expect(referenceProblems(objects(set), given[set] ?? [])).toEqual([]);
  });

  test('keeps the policy', async () => {
    const { checked, problems } = await policyProblems(tools, folder);
    expect([...problems.values()].flat()).toEqual([]);
    expect(checked).toBeGreaterThan(1_000);
  });

  test('an upgrade that changes everything changes no immutable field', async () => {
    const before = objects('production');
    const after = manifestsIn(await renderChart(tools, { values: [fileOf('production')], set: everyChange }));
    expect(JSON.stringify(after)).not.toBe(JSON.stringify(before));
    expect(immutableChanges(before, after)).toEqual([]);
  });

  test('an upgrade from the release before changes no immutable field', async () => {
    const before = await previousRelease();
    if (before === undefined) return printLine('No history here: nothing to upgrade from.');
    const released = await renderRelease(tools, before);
    const both = [...released].filter(([set]) => rendered.has(set));
    expect(both.map(([set]) => set)).toContain('production');
    for (const [set, old] of both) {
      expect(old.map((one) => one.kind)).toContain('StatefulSet');
      expect(immutableChanges(old, objects(set)), set).toEqual([]);
    }
  });

  test('the check of immutable fields sees one', () => {
    const before = objects('production');
    const after = structuredClone(before);
    for (const one of after)
      if (one.kind === 'StatefulSet') one.spec = { ...one.spec, podManagementPolicy: 'OrderedReady' };
    expect(immutableChanges(before, after)).toEqual(['StatefulSet/docket-cluster: spec.podManagementPolicy']);
  });

  test('clusters can go back from an image that never becomes ready', () => {
    const cluster = objects('production').find((one) => one.kind === 'StatefulSet');
    expect(cluster?.spec?.['podManagementPolicy']).toBe('Parallel');
  });

  test.each([
    ['an unknown value', 'cluster.replicaCount=2', 'replicaCount'],
    ['a value out of a variable’s bounds', 'config.SHARDS_PER_CLUSTER=65', 'SHARDS_PER_CLUSTER'],
    ['a word that a variable does not know', 'config.LOG_LEVEL=loud', 'LOG_LEVEL'],
    ['an address of another kind', 'config.PUBLIC_URL=desk.example.com', 'PUBLIC_URL'],
    [
      'a grace period shorter than stopping takes',
      'worker.terminationGracePeriodSeconds=5',
      'terminationGracePeriodSeconds',
    ],
    ['the tag latest', 'image.tag=latest', 'tag'],
    ['an Ingress without a host', 'ingress.enabled=true', 'ingress'],
    ['two places for secrets', 'secrets.values.DISCORD_TOKEN=x', 'exactly one of'],
    [
      'an autoscaler whose least is over its most',
      'api.autoscaling.enabled=true,api.autoscaling.minReplicas=50',
      'minReplicas is greater',
    ],
  ])('refuses %s', async (_, set, reason) => {
    await expect(renderChart(tools, { values: [fileOf('least')], set: [set] })).rejects.toThrow(reason);
  });

  test('refuses to render without a place for secrets, and secrets that lack one', async () => {
    await expect(renderChart(tools, { values: [] })).rejects.toThrow('exactly one of');
    const lacking = 'secrets.external.keys={DISCORD_TOKEN}';
    await expect(renderChart(tools, { values: [fileOf('external')], set: [lacking] })).rejects.toThrow(
      'DATABASE_URL is in none',
    );
  });

  describe('a planted mistake', () => {
    const files = new Map<string, string>();
    let policy: Map<string, string[]>;
    const workerOf = (): Manifest => {
      const worker = objects('least').find((one) => one.kind === 'Deployment' && one.metadata.name === 'docket-worker');
      if (!worker) throw new Error('there is no worker');
      return worker;
    };
    let bad = '';

    beforeAll(async () => {
      bad = await mkdtemp(join(tmpdir(), 'docket-plants-'));
      for (const [at, [, what, plant]] of plants.entries()) {
        const name = `${at}.yaml`;
        files.set(what, name);
        await writeFile(join(bad, name), stringify(planted(workerOf(), plant)));
      }
      await writeFile(join(bad, 'good.yaml'), stringify(workerOf()));
      policy = (await policyProblems(tools, bad)).problems;
    }, 300_000);
    afterAll(async () => {
      if (bad) await rm(bad, { recursive: true });
    });

    test.each(plants.filter(([by]) => by === 'schema'))('is seen by the %s: %s', async (_, what) => {
      for (const version of kubernetesVersions) {
        expect((await conform(tools, version, [join(bad, files.get(what) ?? '')])).ok).toBe(false);
      }
    });

    test.each(plants.filter(([by]) => by === 'references'))('is seen by the %s: %s', (_, what, plant) => {
      const others = objects('least').filter(
        (one) => one.metadata.name !== 'docket-worker' || one.kind !== 'Deployment',
      );
      expect(referenceProblems([...others, planted(workerOf(), plant)], given['least'] ?? []), what).not.toEqual([]);
    });

    test.each(plants.filter(([by]) => by === 'policy'))('is seen by the %s: %s', (_, what) => {
      const known = new Set(policy.get('good.yaml'));
      expect((policy.get(files.get(what) ?? '') ?? []).filter((each) => !known.has(each))).not.toEqual([]);
    });

    test('is not seen where there is none', async () => {
      for (const version of kubernetesVersions) {
        expect((await conform(tools, version, [join(bad, 'good.yaml')])).ok).toBe(true);
      }
      expect(policy.get('good.yaml')).toEqual([expect.stringContaining('NetworkPolicy')]); // alone it has none
    });

    test('is seen: the same key twice, a version that is gone, a kind that nobody knows', async () => {
      const twice = stringify(workerOf()).replace('kind: Deployment', 'kind: Deployment\nkind: Deployment');
      const gone =
        'apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata:\n  name: x\nspec:\n  maxUnavailable: 1\n';
      const unknown = 'apiVersion: example.com/v1\nkind: Wish\nmetadata:\n  name: x\n';
      for (const text of [twice, gone, unknown]) {
        const file = join(bad, 'one.yml');
        await writeFile(file, text);
        expect((await conform(tools, kubernetesVersions[0], [file])).ok, text).toBe(false);
      }
    });

    test('is seen: a Service and a budget that select nothing, min and max at once, a scaled Deployment that sets replicas', () => {
      const all = objects('production');
      const change = (kind: string, spec: Record<string, unknown>): string[] => {
        const copy = structuredClone(all);
        const one = copy.find((each) => each.kind === kind);
        if (one) one.spec = { ...one.spec, ...spec };
        return referenceProblems(copy, given['production'] ?? []);
      };
      expect(change('Service', { selector: { app: 'x' } })).not.toEqual([]);
      expect(change('PodDisruptionBudget', { selector: { matchLabels: { app: 'x' } } })).not.toEqual([]);
      expect(change('PodDisruptionBudget', { minAvailable: 1 })).not.toEqual([]);
      expect(change('HorizontalPodAutoscaler', { minReplicas: 90 })).not.toEqual([]);
      expect(change('HorizontalPodAutoscaler', { scaleTargetRef: { kind: 'Deployment', name: 'none' } })).not.toEqual(
        [],
      );
    });
  });

  test('each pod has every variable that its role asks for', async () => {
    type Container = { args: string[]; env: { name: string }[]; envFrom: { configMapRef: { name: string } }[] };
    type Spec = { template: { spec: { containers: Container[] } } };
    const asked = new Map<string, Promise<string[]>>();
    for (const set of sets) {
      for (const one of objects(set)) {
        if (!['Deployment', 'StatefulSet', 'Job'].includes(one.kind)) continue;
        const [container] = (one.spec as unknown as Spec).template.spec.containers;
        const args = container?.args ?? [];
        const from = container?.envFrom[0]?.configMapRef.name;
        const config = objects(set).find((each) => each.kind === 'ConfigMap' && each.metadata.name === from)?.data;
        const has = new Set([...Object.keys(config ?? {}), ...(container?.env ?? []).map((each) => each.name)]);
        const key = args.join(' ');
        const lacks = asked.get(key) ?? askedBy(args, join(folder, 'none'));
        asked.set(key, lacks);
        expect((await lacks).filter((name) => !has.has(name))).toEqual([]);
      }
    }
  });
});
