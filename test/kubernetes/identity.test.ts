import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fileOf } from '../chart/values.ts';
import { ask, tell } from './client.ts';
import { type Desk, hasKubernetes, ofVersion, openNamespace } from './desk.ts';

type Mounted = {
  spec: {
    serviceAccountName: string;
    automountServiceAccountToken: boolean;
    volumes: { name: string; projected?: unknown }[];
  };
};

describe.skipIf(!hasKubernetes)('the pods’ identity', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await openNamespace('identity');
    await desk.mustHelm('install', 'docket', 'charts/docket', '--values', fileOf('least'), ...ofVersion('1'));
    await desk.settled('api', 1, 2);
    await desk.settled('cluster', 1, 1);
  });
  afterAll(() => desk?.close());

  test('is the release’s own, and no pod holds a token of it', async () => {
    const pods = (await desk.pods()) as unknown as Mounted[];
    expect(pods.length).toBeGreaterThan(5);
    for (const { spec } of pods) {
      expect(spec.serviceAccountName).toBe('docket');
      expect(spec.volumes.filter((volume) => volume.projected)).toEqual([]);
    }
  });

  test('may do nothing, even with a token', async () => {
    const path = `/api/v1/namespaces/${desk.name}/serviceaccounts/docket/token`;
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 600 } };
    const { status } = await tell<{ status: { token: string } }>(desk.access, 'POST', path, request);
    const as = { ...desk.access, token: status.token };
    const base = `/api/v1/namespaces/${desk.name}`;
    for (const what of ['pods', 'secrets', 'configmaps', 'services', 'serviceaccounts']) {
      expect((await ask(as, 'GET', `${base}/${what}`)).status, what).toBe(403);
    }
    expect((await ask(as, 'GET', `${base}/secrets/docket`)).status).toBe(403);
    expect((await ask(as, 'GET', '/api/v1/nodes')).status).toBe(403);
    expect((await ask(as, 'POST', `${base}/configmaps`, { metadata: { name: 'x' } })).status).toBe(403);
    expect((await ask(as, 'DELETE', `${base}/pods/docket-cluster-0`)).status).toBe(403);
    // What everybody who is known may do: ask who one is and what one may.
    const { out } = await desk.kubectl([
      'auth',
      'can-i',
      '--list',
      `--as=system:serviceaccount:${desk.name}:docket`,
      '--as-group=system:serviceaccounts',
      '--as-group=system:authenticated',
    ]);
    const resources = out
      .split('\n')
      .slice(1)
      .map((line) => line.split(/\s+/)[0])
      .filter((name) => name !== '');
    expect(new Set(resources)).toEqual(
      new Set([
        'selfsubjectaccessreviews.authorization.k8s.io',
        'selfsubjectreviews.authentication.k8s.io',
        'selfsubjectrulesreviews.authorization.k8s.io',
      ]),
    );
  });
});
