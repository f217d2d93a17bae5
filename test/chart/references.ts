import type { Manifest } from './render.ts';

// What no schema tells, for it lies between objects or between two fields: rules that Kubernetes applies when it is too late.

type Tree = { readonly [key: string]: unknown };
type Container = {
  name: string;
  env?: { name: string; valueFrom?: { secretKeyRef?: { name: string }; configMapKeyRef?: { name: string } } }[];
  envFrom?: { configMapRef?: { name: string }; secretRef?: { name: string } }[];
  ports?: { name?: string; containerPort: number }[];
  volumeMounts?: { name: string }[];
  resources?: { requests?: Record<string, string | number>; limits?: Record<string, string | number> };
} & Partial<Record<'startupProbe' | 'livenessProbe' | 'readinessProbe', { httpGet?: { port: string | number } }>>;
type Pod = {
  metadata?: { labels?: Record<string, string> };
  spec: {
    serviceAccountName?: string;
    containers: Container[];
    initContainers?: Container[];
    volumes?: { name: string; hostPath?: unknown; configMap?: { name: string }; secret?: { secretName: string } }[];
  };
};

const kindsWithPods = new Set(['Deployment', 'StatefulSet', 'Job', 'DaemonSet', 'Pod']);

const podOf = (one: Manifest): Pod | null => {
  if (!kindsWithPods.has(one.kind)) return null;
  if (one.kind === 'Pod') return { metadata: { labels: one.metadata.labels ?? {} }, spec: one.spec as Pod['spec'] };
  return (one.spec?.['template'] ?? null) as Pod | null;
};

const selects = (selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

const factors: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};
const amount = (quantity: string | number): number => {
  const [, digits = '', unit = ''] = /^([0-9.]+)(\D*)$/.exec(String(quantity)) ?? [];
  return Number(digits) * (factors[unit] ?? Number.NaN);
};

function containerProblems(container: Container, pod: Pod): string[] {
  const problems: string[] = [];
  const names = (container.env ?? []).map((each) => each.name);
  for (const name of new Set(names.filter((each, at) => names.indexOf(each) !== at)))
    problems.push(`env ${name} is set twice`);
  const volumes = new Set((pod.spec.volumes ?? []).map((each) => each.name));
  for (const { name } of container.volumeMounts ?? [])
    if (!volumes.has(name)) problems.push(`volume ${name} is not there`);
  const ports = container.ports ?? [];
  for (const { containerPort } of ports) if (containerPort > 65_535) problems.push(`port ${containerPort} is too high`);
  for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'] as const) {
    const port = container[probe]?.httpGet?.port;
    if (typeof port === 'string' && !ports.some((each) => each.name === port))
      problems.push(`${probe} asks port ${port}`);
  }
  const { requests = {}, limits = {} } = container.resources ?? {};
  for (const [what, limit] of Object.entries(limits)) {
    if (requests[what] !== undefined && amount(requests[what]) > amount(limit))
      problems.push(`${what}: request over limit`);
  }
  return problems.map((problem) => `${container.name}: ${problem}`);
}

function podProblems(one: Manifest, pod: Pod, has: (kind: string, name: string) => boolean): string[] {
  const problems: string[] = [];
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  problems.push(...containers.flatMap((each) => containerProblems(each, pod)));
  for (const volume of pod.spec.volumes ?? [])
    if (volume.hostPath) problems.push(`volume ${volume.name} is the node's own`);
  const wanted = [
    ['ServiceAccount', pod.spec.serviceAccountName],
    ...(pod.spec.volumes ?? []).flatMap((each) => [
      ['ConfigMap', each.configMap?.name],
      ['Secret', each.secret?.secretName],
    ]),
    ...containers.flatMap((each) => [
      ...(each.env ?? []).map((env) => ['Secret', env.valueFrom?.secretKeyRef?.name]),
      ...(each.env ?? []).map((env) => ['ConfigMap', env.valueFrom?.configMapKeyRef?.name]),
      ...(each.envFrom ?? []).map((from) => ['ConfigMap', from.configMapRef?.name]),
    ]),
  ];
  for (const [kind = '', name] of wanted) if (name && !has(kind, name)) problems.push(`${kind} ${name} is not there`);
  const selector = (one.spec?.['selector'] as { matchLabels?: Record<string, string> } | undefined)?.matchLabels;
  if (selector && !selects(selector, pod.metadata?.labels ?? {}))
    problems.push('the selector does not select its own pods');
  return [...new Set(problems)];
}

function selectorProblems(one: Manifest, pods: readonly Pod[]): string[] {
  const spec = (one.spec ?? {}) as { selector?: Tree; podSelector?: Tree; ports?: { targetPort?: unknown }[] };
  const selector = {
    Service: spec.selector,
    PodDisruptionBudget: spec.selector?.['matchLabels'],
    NetworkPolicy: spec.podSelector?.['matchLabels'],
  }[one.kind] as Record<string, string> | undefined;
  if (!selector) return [];
  const chosen = pods.filter((pod) => selects(selector, pod.metadata?.labels ?? {}));
  if (chosen.length === 0) return ['it selects no pod'];
  if (one.kind !== 'Service') return [];
  const names = new Set(
    chosen.flatMap((pod) => pod.spec.containers.flatMap((each) => (each.ports ?? []).map((port) => port.name))),
  );
  return (spec.ports ?? []).flatMap(({ targetPort }) =>
    typeof targetPort === 'string' && !names.has(targetPort) ? [`no pod has a port ${targetPort}`] : [],
  );
}

function boundProblems(one: Manifest, all: readonly Manifest[]): string[] {
  const spec = (one.spec ?? {}) as Record<string, unknown>;
  if (one.kind === 'PodDisruptionBudget' && 'minAvailable' in spec && 'maxUnavailable' in spec)
    return ['min and max at once'];
  if (one.kind !== 'HorizontalPodAutoscaler') return [];
  const problems: string[] = [];
  if (Number(spec['minReplicas']) > Number(spec['maxReplicas'])) problems.push('fewest pods over most pods');
  const target = spec['scaleTargetRef'] as { kind: string; name: string };
  const found = all.find((each) => each.kind === target.kind && each.metadata.name === target.name);
  if (!found) problems.push(`${target.kind} ${target.name} is not there`);
  if (found?.spec && 'replicas' in found.spec) problems.push('its target sets replicas too');
  return problems;
}

/**
 * What is wrong between the objects of a release, one sentence each. `given` are objects that the release expects to be there,
 * as `Kind/name`.
 */
export function referenceProblems(all: readonly Manifest[], given: readonly string[]): string[] {
  const there = new Set([...all.map((one) => `${one.kind}/${one.metadata.name}`), ...given]);
  const made = all.filter((one) => one.kind === 'ExternalSecret').map((one) => `Secret/${one.metadata.name}`);
  const has = (kind: string, name: string): boolean => there.has(`${kind}/${name}`) || made.includes(`${kind}/${name}`);
  const pods = all.flatMap((one) => podOf(one) ?? []);
  const seen = new Set<string>();
  return all.flatMap((one) => {
    const id = `${one.kind}/${one.metadata.name}`;
    const pod = podOf(one);
    const problems = [
      ...(seen.has(id) ? ['it is there twice'] : []),
      ...(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(one.metadata.name) ? [] : ['its name is none']),
      ...(pod ? podProblems(one, pod, has) : []),
      ...selectorProblems(one, pods),
      ...boundProblems(one, all),
    ];
    seen.add(id);
    return problems.map((problem) => `${id}: ${problem}`);
  });
}

const changeable: Readonly<Record<string, readonly string[]>> = {
  // https://kubernetes.io/docs/concepts/workloads/controllers/statefulset: everything else of the spec is refused.
  StatefulSet: [
    'replicas',
    'ordinals',
    'template',
    'updateStrategy',
    'revisionHistoryLimit',
    'persistentVolumeClaimRetentionPolicy',
    'minReadySeconds',
  ],
};

/** Fields that differ between two releases though Kubernetes does not let them change. */
export function immutableChanges(before: readonly Manifest[], after: readonly Manifest[]): string[] {
  return after.flatMap((next) => {
    const id = `${next.kind}/${next.metadata.name}`;
    const last = before.find((each) => `${each.kind}/${each.metadata.name}` === id);
    if (!last) return [];
    const fields =
      next.kind === 'StatefulSet'
        ? Object.keys({ ...last.spec, ...next.spec }).filter((key) => !changeable['StatefulSet']?.includes(key))
        : ({ Deployment: ['selector'], Job: ['selector', 'template', 'completions'], Service: ['clusterIP'] }[
            next.kind
          ] ?? []);
    return fields
      .filter((field) => JSON.stringify(last.spec?.[field]) !== JSON.stringify(next.spec?.[field]))
      .map((field) => `${id}: spec.${field}`);
  });
}
