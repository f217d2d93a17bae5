import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { flag, readConfig, text } from '#runtime/config.ts';
import { freePort } from '#runtime/embedded/ports.ts';
import { waitMs } from '#runtime/retry.ts';
import { printLine } from '#runtime/stdout.ts';

const run = promisify(execFile);
const config = readConfig({
  REQUIRE_ALL: flag({ default: false, doc: 'whether a skipped test is a failure' }),
  KAFKA_CACHE: text({
    default: join(homedir(), '.cache', 'docket-kafka'),
    doc: "the folder of the test broker's jars",
  }),
  KAFKA_BROKERS: text({ optional: true, doc: 'a Kafka that tests use instead of starting one' }),
});
const pom = fileURLToPath(new URL('kafka/pom.xml', import.meta.url));
const copyJars = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
const oldestJava = 17;
const readyWithinMs = 60_000;
// A serial collector and the first compiler only: half a second less to start, half the memory (150 MB).
const jvm = ['-Xms32m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
const logging = [
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info',
];

/** A real broker. */
export type TestBroker = {
  /** Comma-separated, as KAFKA_BROKERS takes them. */
  readonly brokers: string;
  /** The same broker by TLS, for a person with a password. */
  readonly secure: { brokers: string; caFile: string; username: string; password: string };
  /** Starts it again on the same ports and data, after kill() or terminate(). */
  start(): Promise<void>;
  /** kill -9: a crash. The data stays. */
  kill(): Promise<void>;
  /** SIGTERM: an orderly stop. The data stays. */
  terminate(): Promise<void>;
  /** SIGSTOP: it lives, and answers nothing. */
  pause(): void;
  resume(): void;
  /** terminate(), and removes the data. */
  stop(): Promise<void>;
};

/** A Kafka that runs already, which tests may use but not break; undefined: they start one. */
export const givenBrokers = config.KAFKA_BROKERS;

/** Why no broker can be started here; undefined when one can. With REQUIRE_ALL it is tried all the same. */
export async function whyNoKafka(): Promise<string | undefined> {
  if (givenBrokers !== undefined || config.REQUIRE_ALL) return undefined;
  const java = spawnSync('java', ['-version'], { encoding: 'utf8' });
  if (java.error) return 'there is no java';
  const version = Number(/version "(\d+)/.exec(java.stderr)?.[1]);
  if (!(version >= oldestJava)) return `java is older than ${oldestJava}`;
  if (existsSync(await jarFolder()) || !spawnSync('mvn', ['-version']).error) return undefined;
  return `there is no mvn, and ${config.KAFKA_CACHE} has no jars`;
}

/** As whyNoKafka, told in the output of the tests. */
export async function skipWithoutKafka(file: string): Promise<boolean> {
  const reason = await whyNoKafka();
  if (reason !== undefined) printLine(`${file}: what needs Kafka was skipped, because ${reason}`);
  return reason !== undefined;
}

/** Starts a broker of one node from Maven's jars (the first time they are fetched: 43 MB): 3 to 6 s. Needs Java 17 and, the first time, mvn. */
export async function startKafka(): Promise<TestBroker> {
  const classpath = join(await jars(), '*'); // Java itself expands the star
  const folder = await mkdtemp(join(tmpdir(), 'docket-kafka-'));
  const file = join(folder, 'server.properties');
  const logFile = join(folder, 'kafka.log');
  const ports = { client: await freePort(), secure: await freePort(), controller: await freePort() };
  const keys = await makeKeys(folder);
  await writeFile(file, linesOf({ ...settingsOf(folder, ports), ...keys.settings }));
  // A UUID in hexadecimal: the shorter form may begin with a dash, which the tool takes for an option.
  const format = ['format', '--cluster-id', randomUUID(), '--config', file];
  await run('java', ['-Xmx64m', '-XX:TieredStopAtLevel=1', '-cp', classpath, 'kafka.tools.StorageTool', ...format]);

  let child: ChildProcess | undefined;
  const reap = (): void => void child?.kill('SIGKILL');
  const isRunning = (one: ChildProcess | undefined): one is ChildProcess =>
    one !== undefined && one.exitCode === null && one.signalCode === null;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = child;
    child = undefined;
    process.off('exit', reap);
    if (!isRunning(ending)) return;
    const exited = once(ending, 'exit');
    ending.kill(signal);
    const force = setTimeout(() => ending.kill('SIGKILL'), 15_000);
    await exited;
    clearTimeout(force);
  };
  const start = async (): Promise<void> => {
    const log = openSync(logFile, 'w'); // one for each start, so that an old "started" is not taken for this one
    child = spawn('java', [...jvm, ...logging, '-cp', classpath, 'kafka.Kafka', file], { stdio: ['ignore', log, log] });
    closeSync(log);
    process.once('exit', reap);
    for (const deadline = performance.now() + readyWithinMs; ; ) {
      const words = await readFile(logFile, 'utf8');
      if (words.includes('Kafka Server started')) return;
      if (!isRunning(child) || performance.now() > deadline) {
        await end('SIGKILL');
        throw new Error(`Kafka did not start; the end of its log:\n${words.slice(-4_000)}`);
      }
      await waitMs(50);
    }
  };
  await start();
  return {
    brokers: `127.0.0.1:${ports.client}`,
    secure: { brokers: `localhost:${ports.secure}`, ...keys.client },
    start,
    kill: () => end('SIGKILL'),
    terminate: () => end('SIGTERM'),
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    async stop() {
      await end('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const jarFolder = async (): Promise<string> =>
  join(
    config.KAFKA_CACHE,
    createHash('sha256')
      .update(await readFile(pom))
      .digest('hex')
      .slice(0, 12),
  );

/** The folder with the broker's jars, one for each version of pom.xml. */
async function jars(): Promise<string> {
  const folder = await jarFolder();
  if (existsSync(folder)) return folder;
  await mkdir(config.KAFKA_CACHE, { recursive: true });
  const part = await mkdtemp(join(config.KAFKA_CACHE, 'part-')); // then renamed: two runs may get here at once
  await run('mvn', ['-q', '-B', '-f', pom, copyJars, '-DincludeScope=runtime', `-DoutputDirectory=${part}`]);
  await rename(part, folder).catch(async (error: unknown) => {
    if (!existsSync(folder)) throw error;
    await rm(part, { recursive: true, force: true });
  });
  return folder;
}

/** A certificate for `localhost` and a person who signs in by SASL, for the listener SECURE. */
async function makeKeys(folder: string) {
  const store = join(folder, 'keys.p12');
  const caFile = join(folder, 'ca.pem');
  const password = randomBytes(12).toString('hex');
  const common = ['-keystore', store, '-storetype', 'PKCS12', '-storepass', password, '-alias', 'broker'];
  const names = ['-dname', 'CN=localhost', '-ext', 'san=dns:localhost,ip:127.0.0.1'];
  await run('keytool', ['-genkeypair', '-keyalg', 'EC', '-validity', '2', ...names, ...common]);
  await run('keytool', ['-exportcert', '-rfc', '-file', caFile, ...common]);
  const client = { caFile, username: 'docket', password };
  const login = 'org.apache.kafka.common.security.plain.PlainLoginModule';
  const settings = {
    'listener.name.secure.ssl.keystore.location': store,
    'listener.name.secure.ssl.keystore.type': 'PKCS12',
    'listener.name.secure.ssl.keystore.password': password,
    'listener.name.secure.sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.secure.plain.sasl.jaas.config': `${login} required user_docket="${password}";`,
  };
  return { client, settings };
}

function settingsOf(folder: string, ports: { client: number; secure: number; controller: number }) {
  return {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${ports.controller}`,
    listeners: `CLIENT://127.0.0.1:${ports.client},SECURE://localhost:${ports.secure},CONTROLLER://127.0.0.1:${ports.controller}`,
    'listener.security.protocol.map': 'CLIENT:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'CLIENT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(folder, 'data'),
    // One node: every inner topic has one replica and one partition, else groups never form.
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0, // the default waits 3 s for more members
    // After a SIGKILL the next start waits until the old session has ended: 12.5 s with the default of 9,000, 6.7 s with this.
    'broker.session.timeout.ms': 4_000,
    'broker.heartbeat.interval.ms': 500,
    'auto.create.topics.enable': 'false', // a mistyped topic must fail
    // The cleaner's default buffer alone takes 128 MB of heap, all of it at the start.
    'log.cleaner.dedupe.buffer.size': 2 * 1024 * 1024,
    'num.network.threads': 2,
    'num.io.threads': 2,
    'background.threads': 2,
  };
}

const linesOf = (entries: Readonly<Record<string, string | number>>): string =>
  Object.entries(entries)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
