import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import { until } from '../harness/desk.ts';
import type { Tools } from '../chart/tools.ts';
import { tree } from '../chart/tree.ts';
import { type Access, ask, tell } from './client.ts';
import { isReady, type Kubelet, type Pod, startKubelet } from './kubelet.ts';

const run = promisify(execFile);

/** Whether there is a control plane to test with; the reason was printed. */
export const hasKubernetes = inject('kubernetes') !== null;

/** What a program said, and whether it was content. */
export type Said = { readonly ok: boolean; readonly out: string; readonly err: string };

/** A namespace of one's own under Pod Security `restricted`, with nodes that play its pods. */
export type Desk = {
  readonly name: string;
  readonly access: Access;
  readonly tools: Tools;
  readonly kubelet: Kubelet;
  helm(...args: string[]): Promise<Said>;
  /** As `helm`, and throws when it was not content. */
  mustHelm(...args: string[]): Promise<string>;
  kubectl(args: readonly string[], input?: string): Promise<Said>;
  pods(role?: string): Promise<Pod[]>;
  /** Reads an object: `apis/apps/v1` `deployments/x`. */
  get<T>(group: string, path: string): Promise<T>;
  /** Waits until a role has so many ready pods of a version and no others. */
  settled(role: string, version: number, count: number): Promise<Pod[]>;
  close(): Promise<void>;
};

const roleLabel = 'app.kubernetes.io/component';
let count = 0;

async function runProgram(program: string, args: readonly string[], input?: string): Promise<Said> {
  const running = run(program, [...args], { cwd: tree, maxBuffer: 64_000_000, timeout: 120_000 });
  running.child.stdin?.end(input ?? '');
  return running.then(
    ({ stdout, stderr }) => ({ ok: true, out: stdout, err: stderr }),
    (error: { stdout: string; stderr: string; code: unknown }) => {
      if (typeof error.code !== 'number') throw error;
      return { ok: false, out: error.stdout, err: error.stderr };
    },
  );
}

/** Makes a fresh namespace; nodes that play its pods come with it. */
export async function openNamespace(about: string): Promise<Desk> {
  const kubernetes = inject('kubernetes');
  if (!kubernetes) throw new Error('there is no Kubernetes');
  const { access, tools } = kubernetes;
  const name = `${about}-${process.pid}-${++count}`;
  const security = ['enforce', 'warn'].map((each) => [`pod-security.kubernetes.io/${each}`, 'restricted']);
  const metadata = { name, labels: Object.fromEntries(security) as Record<string, string> };
  await tell(access, 'POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
  const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
  await until(
    async () => (await ask(access, 'GET', account)).status,
    (status) => status === 200,
  );
  const kubelet = startKubelet(access, name);
  const desk: Desk = {
    name,
    access,
    tools,
    kubelet,
    helm: (...args) => runProgram(tools.helm, ['--kubeconfig', access.kubeconfig, '--namespace', name, ...args]),
    async mustHelm(...args) {
      const { ok, out, err } = await desk.helm(...args);
      if (!ok) throw new Error(err);
      return out;
    },
    kubectl: (args, input) =>
      runProgram(tools.kubectl, ['--kubeconfig', access.kubeconfig, '--namespace', name, ...args], input),
    async pods(role) {
      const selector = role ? `?labelSelector=${encodeURIComponent(`${roleLabel}=${role}`)}` : '';
      return (await tell<{ items: Pod[] }>(access, 'GET', `/api/v1/namespaces/${name}/pods${selector}`)).items;
    },
    get: (group, path) => tell(access, 'GET', `/${group}/namespaces/${name}/${path}`),
    settled: (role, version, wantedCount) =>
      until(
        () => desk.pods(role),
        (pods) =>
          pods.length === wantedCount &&
          pods.every(
            (pod) =>
              isReady(pod) &&
              !pod.metadata.deletionTimestamp &&
              Number.parseInt(pod.spec.containers[0]?.image.split(':').at(-1) ?? '', 10) === version,
          ),
        60_000,
      ),
    close: () => kubelet.stop(),
  };
  return desk;
}

/** Arguments of helm that give the image of a version. */
export const ofVersion = (tag: string): string[] => [
  '--set-string',
  `image.repository=example.com/docket,image.tag=${tag}`,
];
