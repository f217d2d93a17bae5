import {
  flag,
  type Leaf,
  list,
  map,
  orNull,
  resources,
  type Section,
  section,
  shaped,
  text,
  texts,
  whole,
} from './declare.ts';

// What every role's pods can be told, so that no role differs by accident.

/** A process ends within 25 s of SIGTERM (runtime/stop.ts); the template adds what a role waits for besides. */
const shortestGraceS = 30;

type RoleOptions = {
  doc: string;
  replicas: number;
  most: number;
  cpu: string;
  memory: string;
  memoryLimit: string;
  more?: Readonly<Record<string, Leaf | Section>>;
};

const placement = (): Record<string, Leaf> => ({
  nodeSelector: texts('Labels that a node must have.'),
  tolerations: list('Taints that the pods tolerate.'),
  affinity: map('Affinity, beside the spread over nodes and zones.'),
  priorityClassName: text('PriorityClass of the pods.'),
  podAnnotations: texts('Annotations of the pods.'),
  podLabels: texts('Labels of the pods, beside those that select them.'),
});

/** The values of a role that runs for ever. */
export const roleValues = (o: RoleOptions): Section =>
  section(o.doc, {
    replicas: whole('How many pods.', o.replicas, 0, o.most),
    resources: resources('Requests and limits.', {
      requests: { cpu: o.cpu, memory: o.memory },
      limits: { memory: o.memoryLimit },
    }),
    terminationGracePeriodSeconds: shaped(
      'From SIGTERM to SIGKILL. When null: as long as the role may take to end, of which DRAIN_S is a part for interactions.',
      null,
      orNull({ type: 'integer', minimum: shortestGraceS, maximum: 3_600 }),
    ),
    ...o.more,
    ...placement(),
  });

/** The values of a role that ends by itself. */
export const jobValues = (doc: string, more: Readonly<Record<string, Leaf | Section>>): Section =>
  section(doc, {
    resources: resources('Requests and limits.', {
      requests: { cpu: '100m', memory: '192Mi' },
      limits: { memory: '512Mi' },
    }),
    ...more,
    ...placement(),
  });

/** How many pods may be away at once by an eviction. */
export const disruption = (): Record<string, Leaf> => ({
  maxUnavailable: whole('Pods that evictions may take away at once (PodDisruptionBudget).', 1, 1, 100),
});

/** Bounds of an autoscaler, and whether there is one. */
export const autoscaling = (doc: string, min: number, max: number, drivers: Record<string, Leaf>): Section =>
  section(doc, {
    enabled: flag('Whether a HorizontalPodAutoscaler sets the number of pods instead of `replicas`.', false),
    minReplicas: whole('Never fewer pods.', min, 1, 200),
    maxReplicas: whole('Never more pods.', max, 1, 200),
    ...drivers,
    scaleDownSeconds: whole('How long the need must have been lower before pods are taken away.', 300, 0, 3_600),
  });

export const cpuTarget = (): Record<string, Leaf> => ({
  cpuPercent: whole('CPU that pods shall use, in percent of their request.', 70, 10, 100),
});

/** A metric of the whole fleet, served to autoscalers by an adapter (k8s/base/monitoring). */
export const externalTarget = (metric: string, doc: string, target: number): Record<string, Leaf> => ({
  metric: text(`External metric: ${doc}.`, metric, '^[a-z_:][a-z0-9_:]*$'),
  targetPerPod: whole('How much of it one pod shall have.', target, 1, 1_000_000),
});
