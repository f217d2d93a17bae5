import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readConfig, type ValueSchema, type Variable } from '#runtime/config.ts';
import { stopWithinMs } from '#runtime/stop.ts';
import { chartVariables } from '#roles/chart-variables.ts';
import { manifestsIn, type Manifest, renderChart } from './render.ts';
import { hasTools, openTools, type Tools } from './tools.ts';
import { tree } from './tree.ts';
import { fileOf } from './values.ts';

type Container = {
  args: string[];
  env: { name: string }[];
  envFrom: { configMapRef: { name: string } }[];
  lifecycle?: { preStop: { sleep: { seconds: number } } };
};
type PodSpec = { containers: Container[]; terminationGracePeriodSeconds: number };
type Json = string | number | boolean;

/** A value that is allowed, as far from the usual one as it may be. */
function unusual(schema: ValueSchema, at: 'least' | 'most'): Json {
  if (schema.type === 'integer') return at === 'least' ? schema.minimum : schema.maximum;
  if (schema.type === 'boolean') return at === 'most';
  if ('enum' in schema) return schema.enum.at(at === 'least' ? 0 : -1) ?? '';
  const protocol = /^\^\((\w+)/.exec(schema.pattern ?? '')?.[1];
  return protocol ? `${protocol}://${at}.example.com` : at;
}

const plain = (spec: Readonly<Record<string, Variable<unknown>>>): [string, Variable<unknown>][] =>
  Object.entries(spec).filter(([, variable]) => !variable.isSecret);

describe.skipIf(!(await hasTools()))('variables', () => {
  let tools: Tools;
  let folder = '';
  beforeAll(async () => {
    tools = await openTools();
    folder = await mkdtemp(join(tmpdir(), 'docket-variables-'));
  }, 900_000);
  afterAll(async () => {
    if (folder) await rm(folder, { recursive: true });
  });

  const render = async (values: unknown): Promise<Manifest[]> => {
    const file = join(folder, 'values.yaml');
    await writeFile(file, stringify(values));
    return manifestsIn(await renderChart(tools, { values: [fileOf('least'), file] }));
  };
  const podOf = (objects: Manifest[], role: string): PodSpec => {
    const found = objects.find(
      (one) =>
        ['Deployment', 'StatefulSet', 'Job'].includes(one.kind) &&
        one.metadata.labels?.['app.kubernetes.io/component'] === role,
    );
    if (!found) throw new Error(`there is no ${role}`);
    return (found.spec as unknown as { template: { spec: PodSpec } }).template.spec;
  };
  const configOf = (objects: Manifest[], role: string): Record<string, string> => {
    const name = podOf(objects, role).containers[0]?.envFrom[0]?.configMapRef.name;
    return objects.find((one) => one.kind === 'ConfigMap' && one.metadata.name === name)?.data ?? {};
  };

  const everything = (at: 'least' | 'most'): Record<string, Json> => ({
    ...Object.fromEntries(plain(chartVariables.all).map(([name, { schema }]) => [name, unusual(schema, at)])),
    INTERACTIONS: 'http', // else there are no pods of that role
  });

  test.each(['least', 'most'] as const)('each role is told every variable that it reads, at its %s', async (at) => {
    const config = everything(at);
    const objects = await render({ config });
    for (const [role, spec] of Object.entries(chartVariables.byRole)) {
      const told = configOf(objects, role);
      const wanted = plain(spec).map(([name]) => [name, String(config[name])]);
      expect(told, role).toEqual({
        PORT: '3000',
        HEALTH_PORT: '3001',
        DATA_DIR: '/tmp',
        ...(Object.fromEntries(wanted) as object),
      });
      const secrets = Object.entries(spec).filter(([, { isSecret }]) => isSecret);
      const kept = Object.fromEntries(secrets.map(([name, { schema }]) => [name, String(unusual(schema, at))]));
      expect(() => readConfig(spec, { ...told, ...(kept as object) }), role).not.toThrow();
    }
  });

  test('each role has every secret that it reads', async () => {
    const objects = await render({ config: everything('most') });
    for (const [role, spec] of Object.entries(chartVariables.byRole)) {
      const has = podOf(objects, role).containers[0]?.env.map((each) => each.name);
      // With Kafka, who drains has no use for ClickHouse.
      const wanted = Object.keys(spec).filter(
        (name) => spec[name]?.isSecret && !(role === 'drain' && name === 'CLICKHOUSE_URL'),
      );
      expect(has, role).toEqual(expect.arrayContaining(wanted));
    }
  });

  test('a role’s own value wins, for it alone, and rolls no other role', async () => {
    const before = await render({ config: { LOG_LEVEL: 'warn' } });
    const after = await render({ config: { LOG_LEVEL: 'warn' }, worker: { config: { LOG_LEVEL: 'debug' } } });
    const roles = ['cluster', 'worker', 'drain', 'api', 'migrate', 'register'];
    expect(roles.map((role) => configOf(after, role)['LOG_LEVEL'])).toEqual(
      roles.map((role) => (role === 'worker' ? 'debug' : 'warn')),
    );
    const changed = roles.filter((role) => JSON.stringify(podOf(after, role)) !== JSON.stringify(podOf(before, role)));
    expect(changed).toEqual([]); // the annotation is beside the spec
    const rolled = after.filter((one, at) => JSON.stringify(one) !== JSON.stringify(before[at]));
    expect(rolled.map((one) => `${one.kind} ${one.metadata.name}`)).toEqual([
      'ConfigMap docket-worker',
      'Deployment docket-worker',
    ]);
  });

  test('every role can take under itself what its section of values.yaml offers', async () => {
    const schema = JSON.parse(readFileSync(join(tree, 'charts/docket/values.schema.json'), 'utf8')) as {
      properties: Record<string, { properties: { config: { properties: object } } }>;
    };
    const own = Object.entries(chartVariables.byRole).map(([role, spec]) => {
      const names = Object.keys(schema.properties[role]?.properties.config.properties ?? {});
      return [
        role,
        Object.fromEntries(names.map((name) => [name, unusual(spec[name]?.schema as ValueSchema, 'least')])),
      ];
    });
    const values = Object.fromEntries(own.map(([role, config]) => [role, { config }])) as object;
    const objects = await render({ config: everything('most'), ...values });
    for (const [role, config] of own as [string, Record<string, Json>][]) {
      const texts = Object.entries(config).map(([name, value]) => [name, String(value)]);
      expect(configOf(objects, role), role).toMatchObject(Object.fromEntries(texts));
    }
  });

  test.each([
    [{}],
    [{ config: { DRAIN_S: 0, SHARD_LEASE_S: 5, SHARD_GRACE_S: 1 } }],
    [{ config: { DRAIN_S: 300, SHARD_LEASE_S: 300, SHARD_GRACE_S: 3_600 } }],
    [{ config: { DRAIN_S: 5 }, interactions: { config: { DRAIN_S: 60 } } }],
  ] as { config?: Record<string, number>; interactions?: { config: Record<string, number> } }[][])(
    'a pod may take longer to end than its process takes, with %j',
    async (values = {}) => {
      const set = { ...values, config: { ...values.config, KAFKA_BROKERS: 'kafka:9092', INTERACTIONS: 'http' } };
      const objects = await render(set);
      for (const role of ['cluster', 'interactions', 'worker', 'drain', 'ingest', 'api']) {
        const pod = podOf(objects, role);
        const sleepS = pod.containers[0]?.lifecycle?.preStop.sleep.seconds ?? 0;
        const drainS = values.interactions?.config['DRAIN_S'] ?? values.config?.['DRAIN_S'] ?? 5;
        const takesS = stopWithinMs / 1_000 + sleepS + (role === 'interactions' ? drainS : 0);
        expect(pod.terminationGracePeriodSeconds, role).toBeGreaterThan(takesS);
      }
    },
  );

  test('a grace period that is too short for what is set is refused, a longer one is taken', async () => {
    const interactions = { config: { DRAIN_S: 60 }, terminationGracePeriodSeconds: 60 };
    const http = { config: { INTERACTIONS: 'http' } };
    await expect(render({ ...http, interactions })).rejects.toThrow('stopping may take 90 s');
    await expect(render({ api: { terminationGracePeriodSeconds: 30 } })).rejects.toThrow('stopping may take 35 s');
    const longer = await render({ cluster: { terminationGracePeriodSeconds: 90 } });
    expect(podOf(longer, 'cluster').terminationGracePeriodSeconds).toBe(90);
  });

  test('a variable that the chart knows is refused among others', async () => {
    const extraEnv = [{ name: 'SHARD_LEASE_S', value: '5' }];
    await expect(render({ cluster: { extraEnv } })).rejects.toThrow('extraEnv');
  });
});
