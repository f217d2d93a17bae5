import type { Manifest } from './render.ts';

// One mistake of each kind, and which check must see it. What no check here sees (values that only an API server knows, such as an
// unknown imagePullPolicy) belongs to the tests with a real one.

type Pod = { containers: Record<string, unknown>[] } & Record<string, unknown>;
type Deployment = { spec: Record<string, unknown>; pod: Pod; container: Record<string, unknown> };

/** Which check must see a mistake, what it is, how it is made in a Deployment. */
export type Plant = readonly [by: 'schema' | 'policy' | 'references', what: string, plant: (it: Deployment) => void];

const at = (value: unknown, key: string): Record<string, unknown> =>
  (value as Record<string, Record<string, unknown>>)[key] ?? {};

export const plants: readonly Plant[] = [
  ['schema', 'an unknown field', ({ container }) => void (container['imagePulPolicy'] = 'Always')],
  [
    'schema',
    'an unknown field deep inside',
    ({ container }) => void (at(at(container, 'readinessProbe'), 'httpGet')['pth'] = '/'),
  ],
  ['schema', 'a number written as text', ({ spec }) => void (spec['replicas'] = '2')],
  ['schema', 'text written as a number', ({ container }) => void (container['env'] = [{ name: 'A', value: 1 }])],
  ['schema', 'no selector', ({ spec }) => void delete spec['selector']],
  ['schema', 'a bad quantity', ({ container }) => void (at(at(container, 'resources'), 'requests')['memory'] = '2 GB')],
  [
    'references',
    'a selector that differs from the labels',
    ({ spec }) => void (spec['selector'] = { matchLabels: { app: 'x' } }),
  ],
  [
    'references',
    'a request over its limit',
    ({ container }) => void (container['resources'] = { requests: { memory: '2Gi' }, limits: { memory: '1Gi' } }),
  ],
  [
    'references',
    'a volume that is not there',
    ({ container }) => void (container['volumeMounts'] = [{ name: 'x', mountPath: '/x' }]),
  ],
  [
    'references',
    'a variable twice',
    ({ container }) =>
      void (container['env'] = [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ]),
  ],
  [
    'references',
    'a port out of range',
    ({ container }) => void (container['ports'] = [{ name: 'health', containerPort: 70_000 }]),
  ],
  [
    'references',
    'a probe of a port that is not there',
    ({ container }) => void (at(at(container, 'livenessProbe'), 'httpGet')['port'] = 'web'),
  ],
  [
    'references',
    'a folder of the node',
    ({ pod }) => void (pod['volumes'] = [{ name: 'tmp', hostPath: { path: '/' } }]),
  ],
  ['references', 'a ServiceAccount that is not there', ({ pod }) => void (pod['serviceAccountName'] = 'nobody')],
  [
    'references',
    'a Secret that is not there',
    ({ container }) =>
      void (container['env'] = [{ name: 'A', valueFrom: { secretKeyRef: { name: 'none', key: 'a' } } }]),
  ],
  ['policy', 'no requests and limits', ({ container }) => void delete container['resources']],
  ['policy', 'the tag latest', ({ container }) => void (container['image'] = 'example.com/docket:latest')],
  ['policy', 'a privileged container', ({ container }) => void (at(container, 'securityContext')['privileged'] = true)],
  [
    'policy',
    'privilege escalation',
    ({ container }) => void (at(container, 'securityContext')['allowPrivilegeEscalation'] = true),
  ],
  ['policy', 'capabilities kept', ({ container }) => void delete at(container, 'securityContext')['capabilities']],
  [
    'policy',
    'a writable root file system',
    ({ container }) => void (at(container, 'securityContext')['readOnlyRootFilesystem'] = false),
  ],
  [
    'policy',
    'the root user',
    ({ pod, container }) => {
      pod['securityContext'] = { runAsUser: 0, seccompProfile: { type: 'RuntimeDefault' } };
      container['securityContext'] = { ...at(container, 'securityContext'), runAsUser: 0, runAsNonRoot: false };
    },
  ],
  ['policy', 'no seccomp profile', ({ pod }) => void delete at(pod, 'securityContext')['seccompProfile']],
  ['policy', 'a service account token', ({ pod }) => void (pod['automountServiceAccountToken'] = true)],
  ['policy', 'no liveness probe', ({ container }) => void delete container['livenessProbe']],
  ['policy', 'the node’s network', ({ pod }) => void (pod['hostNetwork'] = true)],
];

/** The manifest with the mistake in it. */
export function planted(good: Manifest, plant: Plant[2]): Manifest {
  const bad = structuredClone(good);
  const spec = bad.spec ?? {};
  const pod = at(at(spec, 'template'), 'spec') as unknown as Pod;
  const container = pod.containers[0];
  if (!container) throw new Error('the pod has no container');
  plant({ spec, pod, container });
  return bad;
}
