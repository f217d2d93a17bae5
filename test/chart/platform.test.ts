import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { policyProblems } from './policy.ts';
import { referenceProblems } from './references.ts';
import { ask, conform, type Manifest, manifestsIn, renderChart } from './render.ts';
import { version as strimzi } from './strimzi.ts';
import { crds, hasTools, kubernetesVersions, openTools, type Tools } from './tools.ts';
import { tree } from './tree.ts';

const overlays = ['laptop', 'production'] as const;
/** No package carries the schemas of these. */
const unknown = ['ClickHouseInstallation', 'ClickHouseKeeperInstallation'];
/** Made by operators out of what k8s/ declares, or by hand as docs/kubernetes.md says. */
const made = [
  'docket-postgres-app',
  'docket-events',
  'docket-cluster-ca-cert',
  'docket',
  'docket-clickhouse',
  'docket-backup',
];

describe.skipIf(!(await hasTools()))('the platform', () => {
  let tools: Tools;
  let folder = '';
  const built = new Map<string, Manifest[]>();

  beforeAll(async () => {
    tools = await openTools();
    folder = await mkdtemp(join(tmpdir(), 'docket-platform-'));
    for (const overlay of overlays) {
      const { ok, said } = await ask(tools.kubectl, ['kustomize', `k8s/overlays/${overlay}`]);
      if (!ok) throw new Error(said);
      await writeFile(join(folder, `${overlay}.yaml`), said);
      built.set(overlay, manifestsIn(said));
    }
  }, 900_000);
  afterAll(async () => {
    if (folder) await rm(folder, { recursive: true });
  });

  const objects = (overlay: string): Manifest[] => built.get(overlay) ?? [];

  test.each(overlays)('%s is what Kubernetes and its operators know', async (overlay) => {
    for (const version of kubernetesVersions) {
      const files = [join(folder, `${overlay}.yaml`), 'k8s/drills/postgres-restore.yaml', 'k8s/drills/backup-now.yaml'];
      const { ok, said } = await conform(tools, version, files, unknown);
      expect(said).toContain(`Skipped: ${objects(overlay).filter(({ kind }) => unknown.includes(kind)).length}`);
      expect(ok, said).toBe(true);
    }
  });

  test.each([
    ['Cluster', { instancs: 3 }],
    ['Kafka', { kafka: { listeners: [], listenrs: [] } }],
    ['KafkaTopic', { partitions: '24' }],
    ['KafkaNodePool', { roles: ['brokr'] }],
    ['KafkaUser', { authentication: { type: 'scram-sha-512', paswordRef: {} } }],
    ['ScheduledBackup', { cluster: {} }],
    ['ObjectStore', { configuration: { destination: 's3://x' } }],
  ])('a mistake in a %s is seen', async (kind, change) => {
    const one = objects('production').find((each) => each.kind === kind);
    const file = join(folder, `${kind}.yml`);
    await writeFile(file, stringify({ ...one, spec: { ...one?.spec, ...change } }));
    expect((await conform(tools, kubernetesVersions[0], [file], unknown)).ok).toBe(false);
  });

  test('Postgres made anew in earnest takes the place of the one before, and its archive does not', async () => {
    const { ok, said } = await ask(tools.kubectl, ['kustomize', 'k8s/drills/in-earnest']);
    expect(ok, said).toBe(true);
    const anew = manifestsIn(said);
    const file = join(folder, 'anew.yml');
    await writeFile(file, said);
    expect(await conform(tools, kubernetesVersions[0], [file], unknown)).toMatchObject({ ok: true });
    type Archive = { parameters: { serverName?: string } };
    type Cluster = { bootstrap: object; plugins: Archive[]; externalClusters: { plugin: Archive }[] };
    const of = (all: Manifest[]): Cluster => all.find((one) => one.kind === 'Cluster')?.spec as unknown as Cluster;
    expect(Object.keys(of(anew).bootstrap)).toEqual(['recovery']);
    expect(of(anew).externalClusters[0]?.plugin.parameters.serverName).toBe('docket-postgres');
    expect(of(anew).plugins.map((one) => one.parameters.serverName)).toEqual(['docket-postgres-2']);
    const others = (all: Manifest[]): Manifest[] => all.filter((one) => one.kind !== 'Cluster');
    expect(others(anew)).toEqual(others(objects('production')));
  });

  test('the documentation installs the versions that everything is held against', () => {
    const page = readFileSync(join(tree, 'docs/kubernetes.md'), 'utf8');
    const version = (module: string): string => crds.find(([name]) => name.endsWith(`/${module}`))?.[1] ?? '?';
    expect(page).toContain(`cnpg-${version('cloudnative-pg').slice(1)}.yaml`);
    for (const module of ['cert-manager', 'plugin-barman-cloud'])
      expect(page).toContain(`/${module}/releases/download/${version(module)}/`);
    expect(page).toMatch(new RegExp(`strimzi-kafka-operator --version ${strimzi.replaceAll('.', '\\.')} `));
    expect(page).toContain('docket-postgres-2');
  });

  test('keeps the policy', async () => {
    const { checked, problems } = await policyProblems(tools, folder);
    expect([...problems.values()].flat()).toEqual([]);
    expect(checked).toBeGreaterThan(20);
  });

  test.each(overlays)('the chart fits on %s', async (overlay) => {
    const yaml = await renderChart(tools, { values: [`k8s/overlays/${overlay}/docket.yaml`] });
    await writeFile(join(folder, 'chart.yml'), yaml);
    for (const version of kubernetesVersions) {
      const { ok, said } = await conform(tools, version, [join(folder, 'chart.yml')]);
      expect(ok, said).toBe(true);
    }
    const release = manifestsIn(yaml);
    expect(
      referenceProblems(
        release,
        made.map((name) => `Secret/${name}`),
      ),
    ).toEqual([]);
    const classes = new Set(
      objects(overlay).flatMap((one) => (one.kind === 'PriorityClass' ? [one.metadata.name] : [])),
    );
    for (const [, name = ''] of yaml.matchAll(/priorityClassName: (\S+)/g)) expect(classes).toContain(name);
    for (const [, name = ''] of JSON.stringify(objects(overlay)).matchAll(/"priorityClassName":"([^"]+)"/g)) {
      expect(classes).toContain(name);
    }
  });

  test('Kafka’s copies agree, and its topic has the partitions that Docket expects', () => {
    for (const overlay of overlays) {
      const all = objects(overlay);
      const brokers = all.find((one) => one.kind === 'KafkaNodePool' && one.metadata.name === 'broker')?.spec?.[
        'replicas'
      ];
      const topic = all.find((one) => one.kind === 'KafkaTopic');
      expect(topic?.metadata.name).toBe('docket.events');
      expect(topic?.spec).toMatchObject({ partitions: 24, replicas: brokers });
      const kafka = all.find((one) => one.kind === 'Kafka')?.spec?.['kafka'] as { config: Record<string, number> };
      expect(kafka.config['default.replication.factor']).toBe(brokers);
    }
  });

  // No machine here knows the operator's schema: what must agree between files is compared.
  test('ClickHouse’s cluster is the one that Docket is told of, and has a Keeper, copies and a backup of each shard', async () => {
    type Installation = {
      configuration: {
        clusters: { name: string; layout: { shardsCount: number; replicasCount: number }; secret?: { auto: string } }[];
        zookeeper?: { nodes: { host: string; port: number }[] };
        users: Record<string, string[]>;
      };
    };
    const told = async (overlay: string): Promise<unknown> => {
      const release = manifestsIn(await renderChart(tools, { values: [`k8s/overlays/${overlay}/docket.yaml`] }));
      return release
        .flatMap((one) => (one.kind === 'ConfigMap' ? [one.data?.['CLICKHOUSE_CLUSTER']] : []))
        .find(Boolean);
    };
    const of = (overlay: string, kind: string): Manifest => {
      const found = objects(overlay).find((one) => one.kind === kind);
      if (!found) throw new Error(`${overlay} has no ${kind}`);
      return found;
    };
    const { configuration } = of('production', 'ClickHouseInstallation').spec as Installation;
    const [cluster, ...others] = configuration.clusters;
    expect(others).toEqual([]);
    expect(cluster).toMatchObject({ name: await told('production'), secret: { auto: 'true' } });
    expect(cluster?.layout.shardsCount).toBeGreaterThan(1);
    expect(cluster?.layout.replicasCount).toBeGreaterThan(1);
    expect(configuration.users['docket/grants/query']).toEqual(
      expect.arrayContaining(['GRANT REMOTE ON *.*', 'GRANT CLUSTER ON *.*']),
    );
    const keeper = of('production', 'ClickHouseKeeperInstallation');
    expect(keeper.spec).toMatchObject({ configuration: { clusters: [{ layout: { replicasCount: 3 } }] } });
    expect(configuration.zookeeper?.nodes).toEqual([{ host: `keeper-${keeper.metadata.name}`, port: 2181 }]);
    const backup = objects('production').find((one) => one.metadata.name === 'docket-clickhouse-backup');
    expect(JSON.stringify(backup)).toContain(`BACKUP DATABASE docket ON CLUSTER ${cluster?.name} TO`);

    const laptop = of('laptop', 'ClickHouseInstallation').spec as Installation;
    expect(laptop.configuration.clusters[0]?.layout).toEqual({ shardsCount: 1, replicasCount: 1 });
    expect(laptop.configuration.zookeeper).toBeUndefined();
    expect(await told('laptop')).toBeUndefined();
  });
});
