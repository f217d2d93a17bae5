import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { crdSchemas, writeSchemas } from './schemas.ts';

const run = promisify(execFile);

// Strimzi carries its CRDs in no package, but the program that writes them is one of Maven's. This is the newest that Java 17 runs; it
// knows v1beta2 of the resources. v1 has taken fields away and added none that k8s/ uses, so what it says of a field that is still there
// holds for both.
const version = '0.45.0';
const known = 'v1beta2';
const wanted = 'v1';

const artifact = (name: string): string =>
  `<dependency><groupId>io.strimzi</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`;
const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>docket</groupId><artifactId>strimzi</artifactId><version>1</version>
<dependencies>${artifact('api')}${artifact('crd-generator')}</dependencies></project>`;

const kinds = ['kafka.Kafka', 'nodepool.KafkaNodePool', 'topic.KafkaTopic', 'user.KafkaUser'];

/** Writes the schemas of Strimzi's resources into `folder`. Needs Maven and Java. */
export async function strimziSchemas(folder: string): Promise<void> {
  const work = join(folder, 'work');
  await mkdir(work);
  await writeFile(join(work, 'pom.xml'), pom);
  const copy = ['-q', '-B', 'dependency:copy-dependencies', '-DincludeScope=runtime', '-DoutputDirectory=jars'];
  await run('mvn', copy, { cwd: work, timeout: 300_000 });
  const targets = kinds.map((kind) => `io.strimzi.api.kafka.model.${kind}=./crds/${kind}.yaml`);
  const generate = [
    '-cp',
    'jars/*',
    'io.strimzi.crdgenerator.CrdGenerator',
    '--yaml',
    '--crd-api-version',
    'v1',
    ...targets,
  ];
  await run('java', generate, { cwd: work, timeout: 120_000 });
  for (const file of await readdir(join(work, 'crds'))) {
    const crd = await readFile(join(work, 'crds', file), 'utf8');
    const schemas = Object.entries(crdSchemas(crd)).filter(([name]) => name.endsWith(`-${known}.json`));
    const renamed = schemas.map(([name, schema]) => {
      const properties = { ...(schema['properties'] as object), apiVersion: { enum: [`kafka.strimzi.io/${wanted}`] } };
      return [name.replace(known, wanted), { ...schema, properties }];
    });
    await writeSchemas(folder, Object.fromEntries(renamed) as Record<string, Record<string, unknown>>);
  }
  await rm(work, { recursive: true });
}
