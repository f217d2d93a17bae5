import { waitMs } from '#runtime/retry.ts';
import { type Access, ask, follow, type Meta, tell } from './client.ts';

// Pods without containers: what a kubelet would say of Docket's processes, said by the test. A process is known by its first argument and
// by its version, the number that its image's tag begins with; a tag with "bad" is a process that never gets ready.

type Container = { name: string; image: string; args?: string[] };
/** A pod as the API server has it, as far as the tests look at it. */
export type Pod = {
  metadata: Meta;
  spec: { nodeName?: string; containers: Container[]; initContainers?: Container[] };
  status?: { phase?: string; conditions?: { type: string; status: string }[] };
};

/** What a pod did: its init container ran, its process began, got ready or ended by itself, it was told to end, it went. */
export type Event = {
  readonly pod: string;
  readonly version: number;
  readonly what: 'init' | 'run' | 'ready' | 'end' | 'stop' | 'gone';
};

/** The pretended nodes' doing in one namespace, and the databases that its pods would share. */
export type Kubelet = {
  readonly events: readonly Event[];
  /** The version that the databases are at. */
  readonly schema: () => number;
  /** While true, migrations run and do not end. */
  holdMigrations(isHeld: boolean): void;
  /** So many of the next migrations fail. */
  failMigrations(count: number): void;
  stop(): Promise<void>;
};

type Stage = 'new' | 'init' | 'run' | 'done' | 'ending';
type Known = { pod: Pod; stage: Stage; since: number; isBusy: boolean };

const readyAfterMs = 150;
const endsAfterMs = 150;
const tickMs = 25;

const versionOf = (pod: Pod): number => Number.parseInt(tagOf(pod), 10) || 0;
const tagOf = (pod: Pod): string => pod.spec.containers[0]?.image.split(':').at(-1) ?? '';
const roleOf = (pod: Pod): string => pod.spec.containers[0]?.args?.[0] ?? '';
const endsByItself = (pod: Pod): boolean =>
  (pod.metadata.ownerReferences ?? []).some(({ kind }) => kind === 'Job') ||
  pod.metadata.annotations?.['helm.sh/hook'] === 'test';

/** Whether the API server counts a pod as ready. */
export const isReady = (pod: Pod): boolean =>
  (pod.status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');

const now = (): string => new Date().toISOString();
const condition = (type: string, is: boolean) => ({ type, status: is ? 'True' : 'False', lastTransitionTime: now() });
const statusOf = (container: Container, state: object, ready: boolean) => ({
  name: container.name,
  image: container.image,
  imageID: container.image,
  restartCount: 0,
  ready,
  started: ready,
  state,
});

let nextAddress = 1;
const address = (): string => `10.9.${(nextAddress >> 8) & 255}.${nextAddress++ & 255}`;

/** Plays the nodes for the pods of a namespace until it is stopped. */
export function startKubelet(access: Access, namespace: string): Kubelet {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const known = new Map<string, Known>();
  const events: Event[] = [];
  const ended = new AbortController();
  let schema = 0;
  let isHeld = false;
  let toFail = 0;

  const note = (pod: Pod, what: Event['what']): void => {
    events.push({ pod: pod.metadata.name, version: versionOf(pod), what });
  };
  const say = async (pod: Pod, status: object): Promise<void> => {
    const { status: code, body } = await ask(access, 'PATCH', `${path}/${pod.metadata.name}/status`, {
      metadata: { uid: pod.metadata.uid },
      status,
    });
    if (code >= 300 && code !== 404 && code !== 409) throw new Error(`${pod.metadata.name}: ${JSON.stringify(body)}`);
  };

  const begin = (pod: Pod): Promise<void> =>
    say(pod, {
      phase: 'Pending',
      hostIP: '10.8.0.1',
      startTime: now(),
      conditions: [condition('Initialized', false), condition('Ready', false), condition('ContainersReady', false)],
      initContainerStatuses: (pod.spec.initContainers ?? []).map((each) => statusOf(each, { running: {} }, false)),
    });
  const run = (pod: Pod): Promise<void> => {
    const podIP = address();
    return say(pod, {
      phase: 'Running',
      podIP,
      podIPs: [{ ip: podIP }],
      conditions: [condition('Initialized', true)],
      containerStatuses: pod.spec.containers.map((each) => statusOf(each, { running: { startedAt: now() } }, false)),
    });
  };
  const ready = (pod: Pod): Promise<void> =>
    say(pod, {
      conditions: [condition('Ready', true), condition('ContainersReady', true)],
      containerStatuses: pod.spec.containers.map((each) => statusOf(each, { running: { startedAt: now() } }, true)),
    });
  const finish = (pod: Pod, exitCode: number): Promise<void> => {
    const terminated = {
      exitCode,
      reason: exitCode === 0 ? 'Completed' : 'Error',
      startedAt: now(),
      finishedAt: now(),
    };
    return say(pod, {
      phase: exitCode === 0 ? 'Succeeded' : 'Failed',
      containerStatuses: pod.spec.containers.map((each) => statusOf(each, { terminated }, false)),
    });
  };

  /** The next thing a pod does, if it is time for it. */
  const next = (one: Known): { stage: Stage; what: Event['what']; say: () => Promise<unknown> } | null => {
    const { pod, stage } = one;
    const sinceMs = performance.now() - one.since;
    if (pod.metadata.deletionTimestamp) {
      if (stage !== 'ending') return { stage: 'ending', what: 'stop', say: async () => undefined };
      if (sinceMs < endsAfterMs) return null;
      return {
        stage: 'ending',
        what: 'gone',
        say: () =>
          ask(access, 'DELETE', `${path}/${pod.metadata.name}`, {
            gracePeriodSeconds: 0,
            preconditions: { uid: pod.metadata.uid },
          }),
      };
    }
    if (!pod.spec.nodeName) return null;
    switch (stage) {
      case 'new':
        return { stage: 'init', what: 'init', say: () => begin(pod) };
      case 'init':
        if (pod.spec.initContainers && schema < versionOf(pod)) return null;
        return { stage: 'run', what: 'run', say: () => run(pod) };
      case 'run':
        if (sinceMs < readyAfterMs) return null;
        if (!endsByItself(pod))
          return tagOf(pod).includes('bad') ? null : { stage: 'done', what: 'ready', say: () => ready(pod) };
        if (roleOf(pod) === 'migrate' && isHeld) return null;
        return { stage: 'done', what: 'end', say: () => endOf(pod) };
      case 'done':
      case 'ending':
        return null;
    }
  };
  const endOf = async (pod: Pod): Promise<void> => {
    const isMigration = roleOf(pod) === 'migrate';
    const fails = isMigration && toFail > 0;
    if (fails) toFail -= 1;
    await finish(pod, fails ? 1 : 0);
    if (isMigration && !fails) schema = Math.max(schema, versionOf(pod));
  };

  const step = async (one: Known): Promise<void> => {
    const doing = one.isBusy ? null : next(one);
    if (!doing) return;
    one.isBusy = true;
    await doing.say();
    one.stage = doing.stage;
    one.since = performance.now();
    one.isBusy = false;
    note(one.pod, doing.what);
    if (doing.what === 'gone') known.delete(one.pod.metadata.uid);
  };

  const keep = (pod: Pod): void => {
    const { uid } = pod.metadata;
    const one = known.get(uid);
    if (one) one.pod = pod;
    else known.set(uid, { pod, stage: 'new', since: performance.now(), isBusy: false });
  };
  const watching = (async () => {
    while (!ended.signal.aborted) {
      const list = await tell<{ metadata: Meta; items: Pod[] }>(access, 'GET', path);
      for (const pod of list.items) keep(pod);
      const see = ({ type, object }: { type: string; object: Pod }): void => {
        if (type === 'DELETED') known.delete(object.metadata.uid);
        else if (type === 'ADDED' || type === 'MODIFIED') keep(object);
      };
      await follow<Pod>(access, path, list.metadata.resourceVersion, see, ended.signal);
    }
  })();
  const working = (async () => {
    while (!ended.signal.aborted) {
      await Promise.all([...known.values()].map(step));
      await waitMs(tickMs);
    }
  })();

  return {
    events,
    schema: () => schema,
    holdMigrations: (is) => void (isHeld = is),
    failMigrations: (count) => void (toFail = count),
    async stop() {
      ended.abort();
      await Promise.all([watching, working]);
    },
  };
}
