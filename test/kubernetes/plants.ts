import type { Plant } from '../chart/plants.ts';

// What the checks without a server cannot see, and what the server makes of every mistake.

const at = (value: unknown, key: string): Record<string, unknown> =>
  (value as Record<string, Record<string, unknown>>)[key] ?? {};

/** Mistakes that only an API server knows to be some. */
export const morePlants: readonly Plant[] = [
  ['schema', 'an unknown pull policy', ({ container }) => void (container['imagePullPolicy'] = 'Sometimes')],
  [
    'schema',
    'an unknown protocol',
    ({ container }) => void (container['ports'] = [{ name: 'health', containerPort: 3001, protocol: 'HTTP' }]),
  ],
  ['schema', 'an unknown strategy', ({ spec }) => void (spec['strategy'] = { type: 'Rolling' })],
  ['schema', 'an unknown restart policy', ({ pod }) => void (pod['restartPolicy'] = 'Never')],
  ['schema', 'a container’s name with capitals', ({ container }) => void (container['name'] = 'Worker')],
  [
    'schema',
    'a label that is none',
    ({ spec }) => void (at(at(spec, 'template'), 'metadata')['labels'] = { 'a b': 'c' }),
  ],
  [
    'schema',
    'no more and no fewer pods in a roll',
    ({ spec }) =>
      void (spec['strategy'] = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } }),
  ],
];

/**
 * What an API server whose namespace is under Pod Security `restricted` makes of the mistakes that it does not refuse: it warns where it
 * will refuse the pod later, and does not see what is no business of its own (the checks of test/chart do).
 */
export const seen: Readonly<Record<string, 'warned' | 'unseen'>> = {
  'a variable twice': 'warned',
  'a folder of the node': 'warned',
  'privilege escalation': 'warned',
  'capabilities kept': 'warned',
  'the root user': 'warned',
  'no seccomp profile': 'warned',
  'the node’s network': 'warned',
  'a probe of a port that is not there': 'unseen',
  'a ServiceAccount that is not there': 'unseen',
  'a Secret that is not there': 'unseen',
  'no requests and limits': 'unseen',
  'the tag latest': 'unseen',
  'a writable root file system': 'unseen',
  'a service account token': 'unseen',
  'no liveness probe': 'unseen',
};
