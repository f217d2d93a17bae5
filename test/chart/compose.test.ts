import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { chartVariables, notByCompose } from '#roles/chart-variables.ts';
import { askedBy } from './asked.ts';
import { hasTools, openTools, type Tools } from './tools.ts';
import { tree } from './tree.ts';

type Service = {
  image: string;
  build?: unknown;
  command?: string[];
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
  volumes?: string[];
  networks?: string[];
  read_only?: boolean;
  stop_grace_period?: string;
};
type Compose = {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
  networks: Record<string, unknown>;
};

const read = (): Compose => parse(readFileSync(join(tree, 'compose.yaml'), 'utf8'), { merge: true }) as Compose;
const example = readFileSync(join(tree, 'k8s/one-host/env.example'), 'utf8');

describe.skipIf(!(await hasTools()))('compose.yaml', () => {
  let tools: Tools;
  beforeAll(async () => {
    tools = await openTools();
  }, 900_000);

  const validate = (compose: unknown): string[] => {
    const schema = JSON.parse(readFileSync(join(tools.compose, 'schema.json'), 'utf8')) as object;
    const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
    const check = ajv.compile({ ...schema, $schema: 'https://json-schema.org/draft/2020-12/schema' });
    return check(compose) ? [] : (check.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
  };

  test('is what the compose specification allows, and a mistake is seen', () => {
    expect(validate(read())).toEqual([]);
    const wrong = read();
    Object.assign(wrong.services['api'] ?? {}, { comand: ['api'] });
    expect(validate(wrong)).not.toEqual([]);
  });

  test('names only services, volumes, networks and files that are there', () => {
    const { services, volumes, networks } = read();
    for (const [name, service] of Object.entries(services)) {
      for (const other of Object.keys(service.depends_on ?? {})) expect(Object.keys(services), name).toContain(other);
      for (const network of service.networks ?? []) expect(Object.keys(networks), name).toContain(network);
      for (const volume of service.volumes ?? []) {
        const [from = ''] = volume.split(':');
        if (from.startsWith('./')) expect(existsSync(join(tree, from)), `${name}: ${from}`).toBe(true);
        else expect(Object.keys(volumes), name).toContain(from);
      }
    }
  });

  test('gives each role every variable that it asks for, and no role a writable image', async () => {
    for (const [name, service] of Object.entries(read().services)) {
      if (!service.build) continue;
      const asked = await askedBy(service.command ?? [], '/nowhere');
      expect(
        asked.filter((each) => !(each in (service.environment ?? {}))),
        name,
      ).toEqual([]);
      expect(service.read_only, name).toBe(true);
    }
  });

  test('each role can be told by .env every variable that it reads, and .env’s example names it', () => {
    const { services } = read();
    for (const [role, spec] of Object.entries(chartVariables.byRole)) {
      const service = services[role];
      expect(service, role).toBeDefined();
      for (const name of Object.keys(spec).filter((each) => !notByCompose[each])) {
        expect(service?.environment?.[name], `${name} of ${role}`).toContain(`\${${name}`);
        expect(example).toMatch(new RegExp(`^#?${name}=`, 'm'));
      }
      const known = Object.keys({ ...spec, ...notByCompose });
      const unread = Object.keys(service?.environment ?? {}).filter((name) => !known.includes(name));
      expect(unread, `${role} is told what it does not read`).toEqual([]);
    }
    for (const name of Object.keys(notByCompose)) expect(chartVariables.all).toHaveProperty(name);
  });

  test('gives a role longer to end than it takes', () => {
    for (const [role, spec] of Object.entries(chartVariables.byRole)) {
      const drain = spec['DRAIN_S']?.schema as { maximum?: number } | undefined;
      const given = Number.parseInt(read().services[role]?.stop_grace_period ?? '', 10);
      expect(given, role).toBeGreaterThan(chartVariables.stopWithinS + (drain?.maximum ?? 0));
    }
  });

  test('pins every image, and asks for nothing that the example does not name', () => {
    for (const { image } of Object.values(read().services)) expect(image).toMatch(/:-?[^:]*:(?!latest)[^}]+\}$/);
    const wanted = [...readFileSync(join(tree, 'compose.yaml'), 'utf8').matchAll(/\$\{([A-Z_]+):\?/g)].map(
      ([, name]) => name,
    );
    for (const name of wanted) expect(example).toMatch(new RegExp(`^${name}=`, 'm'));
  });
});
