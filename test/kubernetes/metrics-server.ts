import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { until } from '../harness/desk.ts';
import { type Access, ask, tell } from './client.ts';

/** What the autoscalers of a cluster are told. */
export type Figures = {
  /** An external metric's value, by name. */
  external: Record<string, number>;
  /** What each pod of a role uses, in thousandths of a processor. */
  cpuMilli: Record<string, number>;
};

type Labelled = { metadata: { name: string; namespace: string; labels?: Record<string, string> } };
const now = (): string => new Date().toISOString();
const groups = ['external.metrics.k8s.io', 'metrics.k8s.io'] as const;

/** Serves both metrics APIs that the chart's autoscalers ask, as an adapter and metrics-server would, through the API server. */
export async function serveMetrics(access: Access, namespace: string, figures: Figures): Promise<() => Promise<void>> {
  const podsOf = async (selector: string): Promise<Labelled[]> => {
    const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(selector)}`;
    return (await tell<{ items: Labelled[] }>(access, 'GET', path)).items;
  };
  const answer = async (url: URL): Promise<object | null> => {
    const [, , group, version, , , what = ''] = url.pathname.split('/');
    const apiVersion = `${group}/${version}`;
    if (what === '') return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersion, resources: [] };
    if (group === 'external.metrics.k8s.io') {
      const value = figures.external[what];
      const items =
        value === undefined ? [] : [{ metricName: what, metricLabels: {}, timestamp: now(), value: `${value}` }];
      return { kind: 'ExternalMetricValueList', apiVersion, metadata: {}, items };
    }
    const pods = await podsOf(url.searchParams.get('labelSelector') ?? '');
    const items = pods.map(({ metadata }) => {
      const role = metadata.labels?.['app.kubernetes.io/component'] ?? '';
      const usage = { cpu: `${figures.cpuMilli[role] ?? 0}m`, memory: '100Mi' };
      return {
        metadata: { name: metadata.name, namespace },
        timestamp: now(),
        window: '10s',
        containers: [{ name: role, usage }],
      };
    });
    return { kind: 'PodMetricsList', apiVersion, metadata: {}, items };
  };
  const pki = dirname(access.caFile);
  const server = createServer(
    { cert: readFileSync(access.caFile), key: readFileSync(join(pki, 'apiserver.key')) },
    (request, response) => {
      const send = (status: number, body: unknown): void => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      };
      answer(new URL(request.url ?? '/', 'https://localhost')).then(
        (body) => send(200, body),
        (error: unknown) => send(500, { message: String(error) }),
      );
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  // The API server looks up a Service; one that is only another name leads it to this process.
  const service = { type: 'ExternalName', externalName: 'localhost', ports: [{ port }] };
  const services = `/api/v1/namespaces/${namespace}/services`;
  await tell(access, 'POST', services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'metrics' },
    spec: service,
  });
  for (const group of groups) {
    await tell(access, 'POST', '/apis/apiregistration.k8s.io/v1/apiservices', {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: `v1beta1.${group}` },
      spec: {
        group,
        version: 'v1beta1',
        service: { name: 'metrics', namespace, port },
        insecureSkipTLSVerify: true,
        groupPriorityMinimum: 100,
        versionPriority: 100,
      },
    });
  }
  for (const group of groups) {
    const path = `/apis/${group}/v1beta1`;
    await until(
      async () => (await ask(access, 'GET', path)).status,
      (status) => status === 200,
    );
  }
  return async () => {
    for (const group of groups)
      await ask(access, 'DELETE', `/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.${group}`);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
}
