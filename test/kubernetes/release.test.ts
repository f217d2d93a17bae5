import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../harness/desk.ts';
import { everyChange, fileOf } from '../chart/values.ts';
import { type Desk, hasKubernetes, ofVersion, openNamespace } from './desk.ts';
import { isReady, type Event, type Pod } from './kubelet.ts';

// One release through its life, each test where the one before left it.

const roles = { cluster: 4, worker: 2, drain: 2, api: 2, ingest: 2, interactions: 3 } as const;
type Role = keyof typeof roles;
const every = Object.entries(roles) as [Role, number][];
// The production values with fixed numbers of pods: what the autoscalers do is another file's.
const values = [
  '--values',
  fileOf('production'),
  '--set',
  'image.digest=',
  '--set',
  `cluster.replicas=${roles.cluster},interactions.replicas=${roles.interactions}`,
  '--set',
  ['interactions', 'worker', 'ingest', 'api'].map((role) => `${role}.autoscaling.enabled=false`).join(),
];

describe.skipIf(!hasKubernetes)('a release', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await openNamespace('release');
  });
  afterAll(() => desk?.close());

  const to = (tag: string, ...more: string[]): Promise<string> =>
    desk.mustHelm('upgrade', '--install', 'docket', 'charts/docket', ...values, ...ofVersion(tag), ...more);
  const settled = (version: number): Promise<Pod[][]> =>
    Promise.all(every.map(([role, count]) => desk.settled(role, version, count)));
  const since = (mark: number, filter: (event: Event) => boolean): Event[] =>
    desk.kubelet.events.slice(mark).filter(filter);
  const isServing = ({ pod }: Event): boolean => !/-(migrate|register)-/.test(pod);

  test('comes up only when its Job has brought the databases to its version', async () => {
    desk.kubelet.holdMigrations(true);
    await to('1');
    const count = every.reduce((sum, [, each]) => sum + each, 0);
    await until(
      async () => since(0, (event) => event.what === 'init' && isServing(event)),
      (all) => all.length >= count,
    );
    await until(
      async () => since(0, ({ what, pod }) => what === 'run' && pod.includes('-migrate-')),
      (all) => all.length === 1,
    );
    expect(since(0, (event) => event.what === 'run' && isServing(event))).toEqual([]);
    desk.kubelet.holdMigrations(false);
    await settled(1);
    const order = since(
      0,
      (event) => (event.what === 'run' && isServing(event)) || (event.what === 'end' && /-migrate-/.test(event.pod)),
    );
    expect(order[0]?.what).toBe('end');
  });

  test('spreads the pods of a role over the zones', async () => {
    for (const [role, count] of every) {
      const byNode = Map.groupBy(await desk.pods(role), (pod) => pod.spec.nodeName);
      expect(byNode.size, role).toBe(Math.min(count, 3));
    }
  });

  test('answers helm test', async () => {
    const said = await desk.mustHelm('test', 'docket', '--timeout', '60s');
    expect(said).toMatch(/Phase:\s+Succeeded/);
  });

  test('is upgraded pod by pod: clusters from the highest on, one at a time, and never less of what answers Discord and people', async () => {
    const mark = desk.kubelet.events.length;
    desk.kubelet.holdMigrations(true);
    await to('2');
    await until(
      async () => since(mark, (event) => event.what === 'init' && isServing(event) && event.version === 2),
      (all) => all.length > 3,
    );
    // While the schema is the old one, the old pods go on. A roll may have taken one pod of each role that nobody waits for.
    for (const role of ['api', 'interactions'] as const) {
      const old = (await desk.pods(role)).filter((pod) => isReady(pod) && !pod.metadata.deletionTimestamp);
      expect(old.length, role).toBe(roles[role]);
    }
    expect((await desk.pods('cluster')).filter(isReady).length).toBe(roles.cluster - 1);
    desk.kubelet.holdMigrations(false);
    await settled(2);

    const steps = since(mark, ({ pod, what }) => /-cluster-\d+$/.test(pod) && ['stop', 'ready'].includes(what));
    const expected = [3, 2, 1, 0].flatMap((ordinal) => [
      `stop docket-cluster-${ordinal}`,
      `ready docket-cluster-${ordinal}`,
    ]);
    expect(steps.map(({ pod, what }) => `${what} ${pod}`)).toEqual(expected);
    for (const role of ['api', 'interactions'] as const) {
      let up: number = roles[role];
      for (const { what } of since(mark, ({ pod }) => pod.startsWith(`docket-${role}-`))) {
        if (what === 'ready') up += 1;
        if (what === 'stop') up -= 1;
        expect(up, role).toBeGreaterThanOrEqual(roles[role]);
      }
    }
  });

  test('comes back from an image that never gets ready', async () => {
    await to('3-bad');
    await until(
      async () =>
        (await desk.pods('cluster')).filter((pod) => !isReady(pod)).map((pod) => pod.spec.containers[0]?.image),
      (images) => images.length === 1 && images[0] === 'example.com/docket:3-bad',
    );
    // One pod is down and stays down: the roll waits for it.
    expect((await desk.pods('cluster')).filter(isReady).length).toBe(roles.cluster - 1);
    await desk.mustHelm('rollback', 'docket');
    await settled(2);
  });

  test('keeps its newer schema when it goes back, and what is older runs on it', async () => {
    expect(desk.kubelet.schema()).toBe(3);
    await desk.mustHelm('rollback', 'docket', '1');
    await settled(1);
    expect(desk.kubelet.schema()).toBe(3);
  });

  test('tries a migration again that failed', async () => {
    const mark = desk.kubelet.events.length;
    desk.kubelet.failMigrations(1);
    await to('4');
    await settled(4);
    // The Job that came with going back may still be at it.
    const ofFour = since(mark, ({ pod, version }) => version === 4 && pod.includes('-migrate-'));
    expect(new Set(ofFour.map(({ pod }) => pod)).size).toBe(2);
  });

  test('has no cluster for a while, when its shards are counted anew', async () => {
    await to('4', '--set', 'cluster.replicas=0');
    await until(
      () => desk.pods('cluster'),
      (pods) => pods.length === 0,
    );
    await to('4', '--set', 'cluster.config.TOTAL_SHARDS=128');
    await settled(4);
  });

  test('makes again what was deleted so that nobody writes, while Postgres is made anew', async () => {
    const what = 'statefulset,deployment,horizontalpodautoscaler';
    const { ok } = await desk.kubectl(['delete', what, '-l', 'app.kubernetes.io/instance=docket']);
    expect(ok).toBe(true);
    await until(
      async () => (await Promise.all(every.map(([role]) => desk.pods(role)))).flat(),
      (pods) => pods.length === 0,
    );
    await to('4');
    await settled(4);
  });

  test('takes an upgrade that changes everything that may be changed', async () => {
    await to(
      '5',
      ...everyChange.filter((each) => !each.startsWith('image.')).flatMap((each) => ['--set', each]),
      '--set',
      'cluster.nodeSelector.pool=general,cluster.priorityClassName=docket-stores',
    );
    const changed = { ...roles, cluster: 7, worker: 5, drain: 3 };
    await Promise.all(Object.entries(changed).map(([role, count]) => desk.settled(role, 5, count)));
    const budget = await desk.get<{ spec: { maxUnavailable: number } }>(
      'apis/policy/v1',
      'poddisruptionbudgets/docket-cluster',
    );
    expect(budget.spec.maxUnavailable).toBe(2);
  });

  test('leaves nothing of its own behind', async () => {
    await desk.mustHelm('uninstall', 'docket', '--wait', '--timeout', '90s');
    const kinds =
      'statefulset,deployment,job,pod,service,configmap,secret,serviceaccount,poddisruptionbudget,networkpolicy,ingress';
    const { out } = await desk.kubectl(['get', kinds, '-l', 'app.kubernetes.io/part-of=docket', '-o', 'name']);
    expect(out).toBe('');
    await until(
      () => desk.pods(),
      (pods) => pods.length === 0,
    );
  });
});
