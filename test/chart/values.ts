import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { tree } from './tree.ts';

/** The names of the value sets in a copy of the project. */
export const setsIn = async (folder: string): Promise<string[]> =>
  (await readdir(join(folder, 'test/chart/values'))).map((file) => file.replace('.yaml', '')).toSorted();

/** The names of the value sets that everything is rendered with. */
export const sets = await setsIn(tree);

/** A value set's file. */
export const fileOf = (set: string): string => `test/chart/values/${set}.yaml`;

/** What each value set expects to find in its namespace. */
export const given: Readonly<Record<string, readonly string[]>> = {
  least: ['Secret/docket'],
  production: ['Secret/docket', 'Secret/docket-postgres-app', 'Secret/docket-cluster-ca-cert'],
  external: ['ServiceAccount/shared'],
};

/** What an operator may change between two releases, all of it at once. */
export const everyChange = [
  'image.tag=9.9.9',
  'cluster.replicas=7',
  'cluster.terminationGracePeriodSeconds=60',
  'cluster.maxUnavailable=2',
  'config.TOTAL_SHARDS=112',
  'config.LOG_LEVEL=debug',
  'worker.replicas=5',
  'api.resources.limits.memory=1Gi',
  'commonLabels.team=other',
  'service.port=8080',
  'topologySpread.enabled=false',
  'networkPolicy.enabled=false',
  'cluster.podLabels.tier=gateway',
  'cluster.podAnnotations.a=b',
  'metrics.podMonitor.enabled=true',
  'metrics.rules.enabled=true',
  'metrics.dashboards.enabled=true',
  'migrate.waitSeconds=60',
  'cluster.nodeSelector.pool=other',
  'cluster.priorityClassName=high',
  'podSecurityContext.supplementalGroups[0]=5',
  'drain.replicas=3',
];
