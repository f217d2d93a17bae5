import { readFile, readdir, writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { TestProject } from 'vitest/node';
import { printLine } from '#runtime/stdout.ts';
import { ask as runTool } from '../chart/render.ts';
import { crdFolders, openTools, type Tools } from '../chart/tools.ts';
import type { Access } from './client.ts';
import { type ControlPlane, makeNodes, startControlPlane } from './control-plane.ts';
import { whyNoServers } from './servers.ts';

declare module 'vitest' {
  // What a test file may ask for with `inject`.
  interface ProvidedContext {
    /** The control plane that all files share; null where none can be had. */
    kubernetes: { access: Access; tools: Tools } | null;
  }
}

/** Other people's kinds that the chart and k8s/ use; each operator has many more. */
const wanted = new Set(
  'PodMonitor PrometheusRule ExternalSecret HTTPRoute Cluster ScheduledBackup ObjectStore Kafka KafkaNodePool KafkaTopic KafkaUser'.split(
    ' ',
  ),
);
type Crd = { kind?: string; spec: { group: string; names: { kind: string } } };

async function installCrds(tools: Tools, access: Access): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'docket-crds-'));
  try {
    let count = 0;
    for (const from of await crdFolders()) {
      for (const name of await readdir(from)) {
        if (!name.endsWith('.yaml')) continue;
        for (const document of parseAllDocuments(await readFile(join(from, name), 'utf8'))) {
          const crd = document.toJS() as Crd | null;
          if (crd?.kind !== 'CustomResourceDefinition' || !wanted.has(crd.spec.names.kind)) continue;
          await writeFile(join(folder, `${count++}.json`), JSON.stringify(crd));
        }
      }
    }
    const kubectl = (...args: string[]) => runTool(tools.kubectl, ['--kubeconfig', access.kubeconfig, ...args]);
    for (const args of [
      ['create', '-f', folder],
      ['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all'],
      ['create', '-f', 'k8s/overlays/production/priority.yaml'],
    ]) {
      const { ok, said } = await kubectl(...args);
      if (!ok) throw new Error(said);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

let plane: ControlPlane | undefined;

/** Builds what is missing, starts a control plane for the whole run, and tells it of three nodes and of the operators' kinds. */
export async function setup(project: TestProject): Promise<void> {
  const reason = await whyNoServers();
  if (reason !== undefined) {
    printLine(`What needs Kubernetes is skipped: ${reason}.`);
    project.provide('kubernetes', null);
    return;
  }
  const tools = await openTools();
  const began = performance.now();
  plane = await startControlPlane();
  await makeNodes(plane.access);
  await installCrds(tools, plane.access);
  printLine(`The control plane came up in ${((performance.now() - began) / 1_000).toFixed(1)} s.`);
  project.provide('kubernetes', { access: plane.access, tools });
}

/** Ends it. */
export async function teardown(): Promise<void> {
  await plane?.stop();
}
