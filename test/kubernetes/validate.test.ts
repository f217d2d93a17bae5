import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { planted, plants } from '../chart/plants.ts';
import { ask, type Manifest, manifestsIn, renderChart } from '../chart/render.ts';
import { fileOf, given, sets } from '../chart/values.ts';
import { ask as request } from './client.ts';
import { type Desk, hasKubernetes, openNamespace, type Said } from './desk.ts';
import { morePlants, seen } from './plants.ts';

/** As JSON: YAML has an older reading of on and off that a writer of today does not quote. */
const listOf = (objects: readonly Manifest[], namespace: string): string => {
  const items = objects.map((one) => ({ ...one, metadata: { ...one.metadata, namespace } }));
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
};

const workloads = ['Deployment', 'StatefulSet', 'Job'];

describe.skipIf(!hasKubernetes)('a real API server', () => {
  const desks: Desk[] = [];
  const fresh = async (about: string): Promise<Desk> => {
    const desk = await openNamespace(about);
    desks.push(desk);
    return desk;
  };
  afterAll(() => Promise.all(desks.map((desk) => desk.close())));

  const create = (desk: Desk, yaml: string, ...more: string[]): Promise<Said> =>
    desk.kubectl(['create', '--validate=strict', ...more, '-f', '-'], yaml);

  test.each(sets)('takes everything that the chart renders with %s, strictly, and admits its pods', async (set) => {
    const desk = await fresh('takes');
    for (const each of given[set] ?? []) {
      const [kind = '', name = ''] = each.split('/');
      if (kind === 'ServiceAccount') await desk.kubectl(['create', 'serviceaccount', name]);
    }
    const yaml = (await renderChart(desk.tools, { values: [fileOf(set)] })).replaceAll(
      'namespace: docket',
      `namespace: ${desk.name}`,
    );
    const { ok, err } = await create(desk, yaml);
    expect(err).toBe(''); // a warning is one of Pod Security, of a field that is given twice or of a version that goes
    expect(ok).toBe(true);
    const objects = manifestsIn(yaml);
    for (const one of objects.filter(({ kind }) => workloads.includes(kind))) {
      const role = one.metadata.labels?.['app.kubernetes.io/component'] ?? '';
      await expect.poll(async () => (await desk.pods(role)).length, { timeout: 30_000 }).toBeGreaterThan(0);
    }
  });

  test.each(['laptop', 'production'])(
    'takes what k8s/overlays/%s says to Kubernetes and the operators',
    async (name) => {
      const desk = await fresh('platform');
      const { ok: isBuilt, said } = await ask(desk.tools.kubectl, ['kustomize', `k8s/overlays/${name}`]);
      expect(isBuilt, said).toBe(true);
      // Altinity's resource has no schema in any package; the rest is there once for all files.
      const left = ['ClickHouseInstallation', 'ClickHouseKeeperInstallation', 'PriorityClass', 'Namespace'];
      const objects = manifestsIn(said).filter(({ kind }) => !left.includes(kind));
      expect(objects.length).toBeGreaterThanOrEqual(5);
      const { ok, err } = await create(desk, listOf(objects, desk.name));
      expect(err).toBe('');
      expect(ok).toBe(true);
    },
  );

  test('refuses what the operators’ own rules refuse', async () => {
    const desk = await fresh('rules');
    const { said } = await ask(desk.tools.kubectl, ['kustomize', 'k8s/overlays/production']);
    const cluster = manifestsIn(said).find(({ kind }) => kind === 'Cluster');
    const bad = structuredClone(cluster) as Manifest;
    bad.spec = { ...bad.spec, instances: 0 };
    const { ok, err } = await create(desk, listOf([bad], desk.name));
    expect(ok).toBe(false);
    expect(err).toContain('spec.instances');
  });

  describe('a planted mistake', () => {
    let desk: Desk;
    let worker: Manifest;
    beforeAll(async () => {
      desk = await fresh('plants');
      const all = manifestsIn(await renderChart(desk.tools, { values: [fileOf('least')] }));
      const found = all.find((one) => one.kind === 'Deployment' && one.metadata.name === 'docket-worker');
      if (!found) throw new Error('there is no worker');
      worker = found;
    });
    const tryOut = (one: unknown): Promise<Said> => create(desk, JSON.stringify(one), '--dry-run=server');

    test('is not seen where there is none', async () => {
      expect(await tryOut(worker)).toMatchObject({ ok: true, err: '' });
    });

    test.each([...plants, ...morePlants].map(([, what, plant]) => ({ what, plant, how: seen[what] ?? 'refused' })))(
      'is $how: $what',
      async ({ what, plant, how }) => {
        const { ok, err } = await tryOut(planted(worker, plant));
        expect({ ok, isWarned: err.includes('Warning') }, `${what}: ${err}`).toEqual(
          {
            refused: { ok: false, isWarned: false },
            warned: { ok: true, isWarned: true },
            unseen: { ok: true, isWarned: false },
          }[how],
        );
      },
    );

    test.each(Object.entries(seen).filter(([what, how]) => how === 'warned' && what !== 'a variable twice'))(
      'that the Deployment was only warned of does not reach a pod: %s',
      async (what) => {
        const plant = plants.find(([, name]) => name === what)?.[2];
        if (!plant) throw new Error('there is no such mistake');
        const template = planted(worker, plant).spec?.['template'] as { metadata: object; spec: object };
        const pod = { apiVersion: 'v1', kind: 'Pod', ...template, metadata: { ...template.metadata, name: 'planted' } };
        const path = `/api/v1/namespaces/${desk.name}/pods?dryRun=All`;
        const spec = { ...pod.spec, serviceAccountName: 'default' };
        const { status, body } = await request<{ message: string }>(desk.access, 'POST', path, { ...pod, spec });
        expect(status, body.message).toBe(403);
        expect(body.message).toContain('violates PodSecurity "restricted');
      },
    );

    test.each([
      [
        'a budget with least and most at once',
        'policy/v1',
        'PodDisruptionBudget',
        { minAvailable: 1, maxUnavailable: 1, selector: {} },
      ],
      ['a version that is gone', 'policy/v1beta1', 'PodDisruptionBudget', { minAvailable: 1 }],
      [
        'an autoscaler whose least is over its most',
        'autoscaling/v2',
        'HorizontalPodAutoscaler',
        { minReplicas: 5, maxReplicas: 2, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' } },
      ],
      [
        'a network policy with a port that is none',
        'networking.k8s.io/v1',
        'NetworkPolicy',
        { podSelector: {}, ingress: [{ ports: [{ port: 70_000 }] }] },
      ],
      ['a service with a port that is none', 'v1', 'Service', { ports: [{ port: 0 }] }],
      ['a kind that nobody knows', 'example.com/v1', 'Wish', {}],
    ])('is refused: %s', async (_, apiVersion, kind, spec) => {
      expect((await tryOut({ apiVersion, kind, metadata: { name: 'planted' }, spec })).ok).toBe(false);
    });

    test('is refused: a change of what a StatefulSet and a Job never change', async () => {
      const all = manifestsIn(await renderChart(desk.tools, { values: [fileOf('least')] }));
      const one = (kind: string): Manifest => all.find((each) => each.kind === kind) as Manifest;
      const apply = (what: Manifest): Promise<Said> => desk.kubectl(['apply', '-f', '-'], JSON.stringify(what));
      for (const kind of ['StatefulSet', 'Job']) expect((await apply(one(kind))).ok).toBe(true);
      const ordered = structuredClone(one('StatefulSet'));
      ordered.spec = { ...ordered.spec, podManagementPolicy: 'OrderedReady' };
      const other = planted(one('Job'), ({ container }) => void (container['image'] = 'example.com/docket:2'));
      for (const what of [ordered, other]) {
        const { ok, err } = await apply(what);
        expect(ok).toBe(false);
        expect(err).toMatch(/Forbidden|immutable/);
      }
    });
  });
});
