import type { Variable } from '#runtime/config.ts';
import {
  flag,
  type Json,
  type Leaf,
  list,
  map,
  oneOf,
  orNull,
  type Section,
  section,
  shaped,
  text,
  texts,
  whole,
} from './declare.ts';
import { autoscaling, cpuTarget, disruption, externalTarget, jobValues, roleValues } from './role-values.ts';

type Spec = Readonly<Record<string, Variable<unknown>>>;

/** Variables by name: of every role that runs in a cluster, and of each. */
export type Variables = {
  readonly all: Spec;
  readonly byRole: Readonly<Record<string, Spec>>;
  /** How long a process may take to end. */
  readonly stopWithinS: number;
};

/** Where roles that differ would work against each other, or answer people differently. */
const isOneForAll = (name: string): boolean =>
  (name.startsWith('KAFKA_') && name !== 'KAFKA_CLIENT_ID') ||
  ['CLICKHOUSE_CLUSTER', 'DISCORD_API_URL', 'INTERACTIONS', 'PREMIUM', 'PUBLIC_URL', 'VOTE_URL'].includes(name);

const fromVariable = (variable: Variable<unknown>): Leaf => {
  const own = variable.fallback === undefined ? '' : ` When null: ${JSON.stringify(variable.fallback)}.`;
  const doc = `${variable.doc[0]?.toUpperCase()}${variable.doc.slice(1)}.${own}`;
  return shaped(doc, null, orNull({ ...variable.schema }));
};

const select = (spec: Spec, isSecret: boolean): Record<string, Leaf> =>
  Object.fromEntries(
    Object.entries(spec)
      .filter(([, variable]) => variable.isSecret === isSecret)
      .map(([name, variable]) => [name, fromVariable(variable)]),
  );

/** What the pods of one role are told besides: their own variables, and others. */
const environmentOf = (variables: Variables, role: string): { config: Section; extraEnv: Leaf } => {
  const own = Object.entries(variables.byRole[role] ?? {}).filter(([name]) => !isOneForAll(name));
  return {
    config: section(
      'Variables of these pods alone; null leaves what `config` says.',
      select(Object.fromEntries(own), false),
    ),
    extraEnv: list('Further environment variables, as in a container; not those of `config` and `secrets`.', [], {
      type: 'object',
      required: ['name'],
      properties: { name: { type: 'string', not: { enum: Object.keys(variables.all) } } },
    }),
  };
};

/** charts/docket/files/variables.json: which variables of `config` a role is told, and what its grace period follows from. */
export const chartRoles = (variables: Variables): Json => ({
  stopWithinS: variables.stopWithinS,
  drainS: variables.all['DRAIN_S']?.fallback as number,
  roles: Object.fromEntries(
    Object.entries(variables.byRole).map(([role, spec]) => [role, Object.keys(select(spec, false))]),
  ),
});

const name = { type: 'string', minLength: 1, maxLength: 253 } as const;
const keyRef: Json = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'key'],
  properties: { name, key: name },
};

const secrets = (variables: Variables): Section => {
  const secret = select(variables.all, true);
  const names = Object.keys(secret);
  const refs = Object.fromEntries(names.map((each) => [each, keyRef]));
  return section('Where the secret variables come from: exactly one of `existingSecret`, `external` and `values`.', {
    existingSecret: text('A Secret in this namespace whose keys are the variables’ names.'),
    from: shaped(
      'Single variables from other Secrets, each `{name, key}`: an operator’s, for example.',
      {},
      {
        type: 'object',
        additionalProperties: false,
        properties: refs,
      },
    ),
    external: section('The Secret is made by the External Secrets Operator.', {
      enabled: flag('Whether to make an ExternalSecret.', false),
      storeName: text('The store’s name.'),
      storeKind: oneOf('The store’s kind.', ['SecretStore', 'ClusterSecretStore'], 'ClusterSecretStore'),
      remoteKey: text('The entry in the store; its properties are the variables’ names.', 'docket'),
      keys: list(
        'The variables that the entry holds.',
        ['DISCORD_TOKEN', 'DATABASE_URL', 'CLICKHOUSE_URL', 'ENCRYPTION_KEY', 'OBJECT_STORE_URL'],
        { type: 'string', enum: names },
      ),
      refreshInterval: text('How often the store is asked.', '1h', '^[0-9]+(s|m|h)$'),
    }),
    values: section('The Secret is made by the chart. For trials: Helm keeps a copy of them in its release.', secret),
  });
};

const tls = list('TLS: hosts and the Secrets of their certificates.');
const peers = (doc: string, port: number): Section =>
  section(doc, {
    port: whole('TCP port.', port, 1, 65_535),
    to: list('NetworkPolicy peers; none means any address on that port.'),
  });

/** Every value of the chart. */
export const chartValues = (variables: Variables): Section =>
  section('', {
    nameOverride: text('Instead of the chart’s name.', '', '^([a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?)?$'),
    fullnameOverride: text('Instead of release and chart name.', '', '^([a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?)?$'),
    image: section('The image of every pod.', {
      repository: text('Registry and name.', 'ghcr.io/docket/docket', '^[a-z0-9][a-z0-9./_:-]*$'),
      tag: shaped('The tag, never `latest`; empty: the chart’s appVersion.', '', {
        type: 'string',
        pattern: '^[A-Za-z0-9_.-]*$',
        not: { const: 'latest' },
      }),
      digest: text('The digest; wins over the tag.', '', '^(sha256:[0-9a-f]{64})?$'),
      pullPolicy: oneOf('When it is pulled.', ['Always', 'IfNotPresent', 'Never'], 'IfNotPresent'),
      pullSecrets: list('Secrets to pull it with, each `{name}`.'),
    }),
    config: section(
      'Variables that are no secret, by the names of docs/cli.md; null leaves what the process takes itself. A role is told those that it reads.',
      select(variables.all, false),
    ),
    secrets: secrets(variables),
    kafkaCa: section('The certificate that signs the brokers’, for drain and ingest; only with `config.KAFKA_TLS`.', {
      secret: text('The Secret that holds it; empty: those that Node knows.'),
      key: text('Its key.', 'ca.crt', '^[-._a-zA-Z0-9]+$'),
    }),
    cluster: roleValues({
      doc: 'The bot’s gateway connections (StatefulSet). Its number of pods is POD_COUNT: a change moves shards between pods.',
      replicas: 1,
      most: 1_000,
      cpu: '500m',
      memory: '512Mi',
      memoryLimit: '1Gi',
      more: { ...environmentOf(variables, 'cluster'), ...disruption() },
    }),
    interactions: roleValues({
      doc: 'Discord’s interactions by HTTP; only with `config.INTERACTIONS: http`.',
      replicas: 2,
      most: 200,
      cpu: '250m',
      memory: '256Mi',
      memoryLimit: '512Mi',
      more: {
        ...environmentOf(variables, 'interactions'),
        ...disruption(),
        autoscaling: autoscaling('Its autoscaler.', 2, 10, cpuTarget()),
      },
    }),
    worker: roleValues({
      doc: 'Makes Discord look like the tickets; timers.',
      replicas: 2,
      most: 200,
      cpu: '250m',
      memory: '256Mi',
      memoryLimit: '512Mi',
      more: {
        ...environmentOf(variables, 'worker'),
        ...disruption(),
        autoscaling: autoscaling(
          'Its autoscaler.',
          2,
          10,
          externalTarget('docket_jobs_due', 'jobs that could run now', 100),
        ),
      },
    }),
    drain: roleValues({
      doc: 'Takes the outbox to Kafka, or straight into ClickHouse without `config.KAFKA_BROKERS`. One drains, the others stand by.',
      replicas: 2,
      most: 5,
      cpu: '250m',
      memory: '256Mi',
      memoryLimit: '512Mi',
      more: { ...environmentOf(variables, 'drain'), ...disruption() },
    }),
    ingest: roleValues({
      doc: 'Takes events from Kafka into ClickHouse; only with `config.KAFKA_BROKERS`. More pods than partitions (24) are idle.',
      replicas: 2,
      most: 24,
      cpu: '500m',
      memory: '384Mi',
      memoryLimit: '768Mi',
      more: {
        ...environmentOf(variables, 'ingest'),
        ...disruption(),
        autoscaling: autoscaling(
          'Its autoscaler.',
          2,
          6,
          externalTarget('docket_kafka_lag_messages', 'events that wait in Kafka', 20_000),
        ),
      },
    }),
    api: roleValues({
      doc: 'The dashboard and its API.',
      replicas: 2,
      most: 200,
      cpu: '250m',
      memory: '256Mi',
      memoryLimit: '768Mi',
      more: {
        ...environmentOf(variables, 'api'),
        ...disruption(),
        autoscaling: autoscaling('Its autoscaler.', 2, 10, cpuTarget()),
      },
    }),
    migrate: jobValues('The Job that brings both databases to this version; pods wait for it.', {
      ...environmentOf(variables, 'migrate'),
      enabled: flag('Whether to render it. Without it, run `docket migrate` before each upgrade.', true),
      activeDeadlineSeconds: whole('After this long it counts as failed.', 3_600, 60, 86_400),
      backoffLimit: whole('How often it is tried again.', 10, 0, 100),
      keepSeconds: whole('How long a finished Job is kept.', 86_400, 60, 2_592_000),
      waitSeconds: whole('How long a pod waits for the schema before it starts over.', 600, 10, 86_400),
    }),
    register: section('The Job that tells Discord the slash commands of this version.', {
      config: environmentOf(variables, 'register').config,
      enabled: flag('Whether to render it.', true),
    }),
    serviceAccount: section('The pods’ identity. No token is mounted: nothing here speaks to Kubernetes.', {
      create: flag('Whether to make it.', true),
      name: text('Its name; empty: the release’s.'),
      annotations: texts('Its annotations (workload identity of a cloud).'),
    }),
    topologySpread: section('How pods of a role are spread.', {
      enabled: flag('Whether they are.', true),
      zones: oneOf('When zones cannot be even.', ['ScheduleAnyway', 'DoNotSchedule'], 'ScheduleAnyway'),
      nodes: oneOf('When nodes cannot be even.', ['ScheduleAnyway', 'DoNotSchedule'], 'ScheduleAnyway'),
    }),
    service: section('The Services of api and interactions.', {
      port: whole('Their port.', 80, 1, 65_535),
      annotations: texts('Their annotations.'),
    }),
    ingress: section('The dashboard, and with `config.INTERACTIONS: http` Discord’s requests, by an Ingress.', {
      enabled: flag('Whether to make it.', false),
      className: text('The IngressClass.'),
      host: text('The host name.', '', '^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$'),
      annotations: texts('Its annotations.'),
      tls,
    }),
    gateway: section('The same by the Gateway API (HTTPRoute).', {
      enabled: flag('Whether to make it.', false),
      parentRefs: list('The Gateways it belongs to.'),
      hostnames: list('Host names.', [], { type: 'string', minLength: 1 }),
      annotations: texts('Its annotations.'),
    }),
    networkPolicy: section('Who may speak to whom: each role reaches what it needs and nothing else.', {
      enabled: flag('Whether to make them.', true),
      ingressFrom: list('Peers that reach api and interactions: the ingress controller. None means any.'),
      monitoringFrom: list('Peers that read metrics: Prometheus. None means any.'),
      dns: list('Peers that answer names; none means any, on port 53.'),
      postgres: peers('Postgres.', 5_432),
      clickhouse: peers('ClickHouse.', 8_123),
      kafka: peers('Kafka.', 9_093),
      objectStore: peers('The object store.', 443),
      discord: section('Discord and other public addresses.', {
        port: whole('TCP port.', 443, 1, 65_535),
        cidr: text('The addresses.', '0.0.0.0/0'),
        except: list(
          'Addresses that are not public, so that a role never reaches the cluster this way.',
          ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '100.64.0.0/10'],
          { type: 'string' },
        ),
        to: list('Peers instead of these addresses: a proxy, or a Discord of one’s own.'),
      }),
    }),
    metrics: section('What the cluster’s monitoring reads; needs the Prometheus Operator.', {
      podMonitor: section('Who scrapes.', {
        enabled: flag('Whether to make a PodMonitor.', false),
        interval: text('How often.', '15s', '^[0-9]+(ms|s|m)$'),
        labels: texts('Its labels, by which a Prometheus selects it.'),
      }),
      rules: section('Alerts.', {
        enabled: flag('Whether to make a PrometheusRule.', false),
        labels: texts('Its labels, by which a Prometheus selects it.'),
      }),
      dashboards: section('Grafana’s dashboards as ConfigMaps for its sidecar.', {
        enabled: flag('Whether to make them.', false),
        labels: texts('The labels that the sidecar looks for.', { grafana_dashboard: '1' }),
        annotations: texts('Their annotations, such as the folder.', { grafana_folder: 'Docket' }),
      }),
    }),
    commonLabels: texts('Labels of every object.'),
    extraObjects: list('Further objects of the release.'),
    podSecurityContext: map('Beside what the policy “restricted” asks for, which is always set.'),
  });
