import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { commandOf, endProcess, isAlive } from '#runtime/embedded/processes.ts';
import { freePort } from '#runtime/embedded/ports.ts';
import { waitMs } from '#runtime/retry.ts';
import { type Access, ask, tell } from './client.ts';
import { buildServers, runsFolder } from './servers.ts';

const readyWithinMs = 120_000;
const patienceMs = 5_000;

/** Who asks the API server, and as what. */
const people = {
  admin: 'system:masters',
  'system:kube-controller-manager': '',
  'system:kube-scheduler': '',
} as const;
type Person = keyof typeof people;

/** A running control plane without nodes. */
export type ControlPlane = { readonly access: Access; readonly pids: readonly number[]; stop(): Promise<void> };

/** Ends what runs left behind whose own process is gone, and removes their folders. */
export async function endLeftovers(): Promise<void> {
  await mkdir(runsFolder, { recursive: true });
  for (const name of await readdir(runsFolder)) {
    const folder = join(runsFolder, name);
    const owner = JSON.parse(await readFile(join(folder, 'owner.json'), 'utf8').catch(() => 'null')) as {
      pid: number;
      command: string;
    } | null;
    if (owner && isAlive(owner.pid, owner.command)) continue;
    for (const file of await readdir(folder)) {
      // The folder is in every server's command line: a number that somebody else has by now is left alone.
      if (file.endsWith('.pid'))
        await endProcess(Number(await readFile(join(folder, file), 'utf8')), folder, patienceMs);
    }
    await rm(folder, { recursive: true, force: true });
  }
}

/** A folder for this run. It comes among the others when its owner is in it, so that no run takes it for one that was left. */
async function makeFolder(): Promise<string> {
  const part = await mkdtemp(`${runsFolder}-`);
  const owner = { pid: process.pid, command: commandOf(process.pid) ?? '' };
  await writeFile(join(part, 'owner.json'), JSON.stringify(owner));
  const folder = join(runsFolder, basename(part));
  await rename(part, folder);
  return folder;
}

async function writeKubeconfig(folder: string, person: Person, o: { url: string; token: string }): Promise<string> {
  const file = join(folder, `${person.replace('system:', '')}.kubeconfig`);
  const cluster = { server: o.url, 'certificate-authority': join(folder, 'pki', 'apiserver.crt') };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'x',
    contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
    clusters: [{ name: 'x', cluster }],
    users: [{ name: 'x', user: { token: o.token } }],
  };
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

/** Starts servers one after the other, and knows how to end them. */
function createServers(folder: string, binaries: string) {
  const children: ChildProcess[] = [];
  return {
    pids: () => children.map((child) => child.pid ?? 0),
    async start(name: string, args: readonly string[], isUp: () => Promise<boolean>): Promise<void> {
      const log = await open(join(folder, `${name}.log`), 'w');
      // A group of its own: an interrupt in the terminal is the test runner's to act on.
      const child = spawn(join(binaries, name), args, { stdio: ['ignore', log.fd, log.fd], detached: true });
      children.push(child);
      // At once: a run that is killed in this moment would leave a server that nobody knows.
      writeFileSync(join(folder, `${name}.pid`), String(child.pid));
      child.once('error', () => undefined); // seen below as a server that does not come up
      await log.close();
      const deadline = performance.now() + readyWithinMs;
      while (!(await isUp().catch(() => false))) {
        if (child.pid === undefined || child.exitCode !== null || performance.now() > deadline) {
          const said = (await readFile(join(folder, `${name}.log`), 'utf8')).split('\n').slice(-15).join('\n');
          throw new Error(`${name} did not come up:\n${said}`);
        }
        await waitMs(100);
      }
    },
    async stop(): Promise<void> {
      for (const child of children.toReversed()) await endProcess(child.pid ?? 0, folder, patienceMs);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const answers = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(2_000) }).then((answer) => answer.ok);

/** Starts etcd, kube-apiserver, kube-controller-manager and kube-scheduler on free ports of this machine's loopback, in about 6 s. */
export async function startControlPlane(): Promise<ControlPlane> {
  const binaries = await buildServers();
  await endLeftovers();
  const folder = await makeFolder();
  const servers = createServers(folder, binaries);
  try {
    return { access: await startServers(servers, folder), pids: servers.pids(), stop: () => servers.stop() };
  } catch (error) {
    await servers.stop();
    throw error;
  }
}

async function startServers(servers: ReturnType<typeof createServers>, folder: string): Promise<Access> {
  const [port, client, peer, manager, scheduler] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const url = `https://127.0.0.1:${port}`;
  const etcd = `http://127.0.0.1:${client}`;
  const tokens = Object.fromEntries(Object.keys(people).map((name) => [name, randomBytes(24).toString('hex')]));
  const token = (person: Person): string => tokens[person] ?? '';
  const lines = Object.entries(people).map(([name, group]) => `${token(name as Person)},${name},${name},"${group}"`);
  await writeFile(join(folder, 'tokens.csv'), `${lines.join('\n')}\n`, { mode: 0o600 });
  const keys = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const [signingKey, publicKey] = [join(folder, 'accounts.key'), join(folder, 'accounts.pub')];
  await writeFile(signingKey, keys.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  await writeFile(publicKey, keys.publicKey.export({ type: 'spki', format: 'pem' }));

  await servers.start(
    'etcd',
    [
      `--data-dir=${join(folder, 'etcd')}`,
      '--unsafe-no-fsync', // nothing outlives the run
      `--listen-client-urls=${etcd}`,
      `--advertise-client-urls=${etcd}`,
      `--listen-peer-urls=http://127.0.0.1:${peer}`,
      `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
      `--initial-cluster=default=http://127.0.0.1:${peer}`,
    ],
    () => answers(`${etcd}/health`),
  );
  const caFile = join(folder, 'pki', 'apiserver.crt');
  const kubeconfig = await writeKubeconfig(folder, 'admin', { url, token: token('admin') });
  const access: Access = { url, caFile, token: token('admin'), kubeconfig };
  await servers.start(
    'kube-apiserver',
    [
      `--etcd-servers=${etcd}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      '--endpoint-reconciler-type=none',
      `--secure-port=${port}`,
      `--cert-dir=${join(folder, 'pki')}`,
      `--token-auth-file=${join(folder, 'tokens.csv')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${publicKey}`,
      `--service-account-signing-key-file=${signingKey}`,
      '--authorization-mode=RBAC',
      '--service-cluster-ip-range=10.7.0.0/16',
    ],
    async () => existsSync(caFile) && (await ask(access, 'GET', '/readyz')).status === 200,
  );
  const as = async (person: Person): Promise<string[]> => {
    const file = await writeKubeconfig(folder, person, { url, token: token(person) });
    return [`--kubeconfig=${file}`, `--cert-dir=${join(folder, 'pki', person)}`, '--leader-elect=false'];
  };
  await servers.start(
    'kube-controller-manager',
    [
      ...(await as('system:kube-controller-manager')),
      '--bind-address=127.0.0.1',
      `--secure-port=${manager}`,
      '--use-service-account-credentials',
      `--service-account-private-key-file=${signingKey}`,
      `--root-ca-file=${caFile}`,
      // The nodes are pretended and send no heartbeat.
      '--controllers=*,-node-lifecycle-controller,-taint-eviction-controller',
      '--horizontal-pod-autoscaler-sync-period=1s',
    ],
    async () => (await ask(access, 'GET', '/api/v1/namespaces/default/serviceaccounts/default')).status === 200,
  );
  await servers.start(
    'kube-scheduler',
    [...(await as('system:kube-scheduler')), '--bind-address=127.0.0.1', `--secure-port=${scheduler}`],
    async () => true,
  );
  return access;
}

const zones = ['a', 'b', 'c'] as const;

/** Makes three nodes, one in each zone, that take pods though nobody is behind them. */
export async function makeNodes(access: Access): Promise<void> {
  const capacity = { cpu: '64', memory: '256Gi', pods: '250', 'ephemeral-storage': '1Ti' };
  const condition = (type: string, status: string) => ({ type, status, reason: 'Pretended', message: 'pretended' });
  for (const zone of zones) {
    const name = `node-${zone}`;
    const labels = { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': zone, pool: 'general' };
    await tell(access, 'POST', '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } });
    await tell(access, 'PATCH', `/api/v1/nodes/${name}/status`, {
      status: { capacity, allocatable: capacity, conditions: [condition('Ready', 'True')] },
    });
    // A node begins with the taint "not ready"; who takes it away is the controller that is not there.
    await tell(access, 'PATCH', `/api/v1/nodes/${name}`, { spec: { taints: null } });
  }
}
