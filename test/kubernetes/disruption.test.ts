import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fileOf } from '../chart/values.ts';
import { until } from '../harness/desk.ts';
import { ask } from './client.ts';
import { type Desk, hasKubernetes, ofVersion, openNamespace } from './desk.ts';
import { isReady } from './kubelet.ts';

describe.skipIf(!hasKubernetes)('an eviction', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await openNamespace('eviction');
    const more = ['--set', 'cluster.replicas=3', ...ofVersion('1')];
    await desk.mustHelm('install', 'docket', 'charts/docket', '--values', fileOf('least'), ...more);
    await desk.settled('cluster', 1, 3);
    await desk.settled('worker', 1, 2);
  });
  afterAll(() => desk?.close());

  const evict = async (pod: string): Promise<number> => {
    const path = `/api/v1/namespaces/${desk.name}/pods/${pod}/eviction`;
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace: desk.name } };
    return (await ask(desk.access, 'POST', path, body)).status;
  };
  /** The budgets' controller counts a moment after the pods changed. */
  const allowed = (role: string, count: number) =>
    until(
      () =>
        desk.get<{ status: { disruptionsAllowed: number } }>('apis/policy/v1', `poddisruptionbudgets/docket-${role}`),
      ({ status }) => status.disruptionsAllowed === count,
    );

  test('of a second pod waits until the first is back', async () => {
    await allowed('cluster', 1);
    // The first one comes back no sooner than this test lets it: it waits for a schema that is never made.
    expect(await evict('docket-cluster-2')).toBe(201);
    expect(await evict('docket-cluster-1')).toBe(429);
    await desk.settled('cluster', 1, 3);
    await allowed('cluster', 1);
    expect(await evict('docket-cluster-1')).toBe(201);
    await desk.settled('cluster', 1, 3);
  });

  test('of a pod of another role does not wait for it', async () => {
    await allowed('cluster', 1);
    await allowed('worker', 1);
    const [worker] = await desk.pods('worker');
    expect(await evict('docket-cluster-0')).toBe(201);
    expect(await evict(worker?.metadata.name ?? '')).toBe(201);
    await desk.settled('cluster', 1, 3);
    await desk.settled('worker', 1, 2);
  });

  test('of a pod that is not ready is let through, so that a broken release never holds a node', async () => {
    await desk.mustHelm('upgrade', 'docket', 'charts/docket', '--reuse-values', ...ofVersion('2-bad'));
    const broken = await until(
      async () => (await desk.pods('cluster')).find((pod) => !isReady(pod) && pod.status?.phase === 'Running'),
      (pod) => pod !== undefined,
    );
    await allowed('cluster', 0);
    expect(await evict(broken?.metadata.name ?? '')).toBe(201);
    expect(await evict('docket-cluster-0')).toBe(429);
  });
});
