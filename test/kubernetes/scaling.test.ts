import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fileOf } from '../chart/values.ts';
import { until } from '../harness/desk.ts';
import { type Desk, hasKubernetes, ofVersion, openNamespace } from './desk.ts';
import { type Figures, serveMetrics } from './metrics-server.ts';

const scaled = ['interactions', 'worker', 'ingest', 'api'] as const;

describe.skipIf(!hasKubernetes)('the autoscalers', () => {
  let desk: Desk;
  const figures: Figures = { external: {}, cpuMilli: { api: 100, interactions: 100 } };
  let stopMetrics = async (): Promise<void> => {};
  beforeAll(async () => {
    desk = await openNamespace('scaling');
    stopMetrics = await serveMetrics(desk.access, desk.name, figures);
    const quick = scaled.map((role) => `${role}.autoscaling.scaleDownSeconds=0`).join();
    const more = ['--set', 'image.digest=', '--set', quick, ...ofVersion('1')];
    await desk.mustHelm('install', 'docket', 'charts/docket', '--values', fileOf('production'), ...more);
  });
  afterAll(async () => {
    await stopMetrics();
    await desk?.close();
  });

  type Scaler = {
    spec: { minReplicas: number; maxReplicas: number };
    status?: { conditions?: { type: string; status: string; reason: string; message: string }[] };
  };
  const scaler = (role: string): Promise<Scaler> =>
    desk.get('apis/autoscaling/v2', `horizontalpodautoscalers/docket-${role}`);
  const pods = (role: string, count: number) => desk.settled(role, 1, count);

  test('hold the least while there is nothing to do, and say that they know the figure', async () => {
    figures.external = { docket_jobs_due: 0, docket_kafka_lag_messages: 0 };
    await Promise.all([pods('worker', 2), pods('ingest', 2), pods('api', 2), pods('interactions', 3)]);
    for (const role of scaled) {
      await until(
        async () => (await scaler(role)).status?.conditions ?? [],
        (all) => all.some(({ type, status }) => type === 'ScalingActive' && status === 'True'),
      );
    }
  });

  test('give worker more pods when jobs wait, up to the most, and take them away again', async () => {
    figures.external['docket_jobs_due'] = 450; // 100 a pod
    await pods('worker', 5);
    figures.external['docket_jobs_due'] = 1_000_000;
    await pods('worker', (await scaler('worker')).spec.maxReplicas);
    figures.external['docket_jobs_due'] = 0;
    await pods('worker', 2);
  });

  test('give ingest more pods when events wait in Kafka', async () => {
    figures.external['docket_kafka_lag_messages'] = 70_000; // 20,000 a pod
    await pods('ingest', 4);
    figures.external['docket_kafka_lag_messages'] = 0;
    await pods('ingest', 2);
  });

  test('give api more pods when its processors are busy', async () => {
    figures.cpuMilli['api'] = 350; // twice the 70 % of 250 thousandths
    await until(
      async () => (await desk.pods('api')).length,
      (count) => count >= 4,
      60_000,
    );
    figures.cpuMilli['api'] = 1;
    await pods('api', 2);
  });

  test('keep their number of pods over an upgrade', async () => {
    figures.external['docket_jobs_due'] = 450;
    await pods('worker', 5);
    await desk.mustHelm('upgrade', 'docket', 'charts/docket', '--reuse-values', ...ofVersion('2'));
    const { spec } = await desk.get<{ spec: { replicas: number } }>('apis/apps/v1', 'deployments/docket-worker');
    expect(spec.replicas).toBe(5);
    await desk.settled('worker', 2, 5);
  });

  test('do nothing while nobody knows the figure', async () => {
    delete figures.external['docket_jobs_due'];
    await until(
      async () => (await scaler('worker')).status?.conditions ?? [],
      (all) => all.some(({ type, status }) => type === 'ScalingActive' && status === 'False'),
    );
    await desk.settled('worker', 2, 5);
  });
});
