import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

// Strict JSON schemas for kubeconform, one file per kind: an unknown field is an error. From Kubernetes' own OpenAPI document and from
// CustomResourceDefinitions; neither says so itself, for both describe what a server keeps and not what a person may write.

type Schema = Record<string, unknown>;
type Files = Readonly<Record<string, Schema>>;
type GroupVersionKind = { group: string; version: string; kind: string };

const intOrString: Schema = { oneOf: [{ type: 'string' }, { type: 'integer' }] };
const quantity: Schema = {
  oneOf: [{ type: 'string', pattern: '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$' }, { type: 'number' }],
};

const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fileOf = ({ group, version, kind }: GroupVersionKind): string =>
  `${kind.toLowerCase()}-${group ? `${group.split('.')[0]}-` : ''}${version}.json`;

const apiVersionOf = ({ group, version }: GroupVersionKind): string => (group ? `${group}/${version}` : version);

/** Keywords that hold for a validator, without words for people and server-side defaults. */
const dropped = new Set(['description', 'default', 'format', 'example', 'externalDocs', 'title']);

function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (!isObject(schema)) return schema;
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    const name = reference.slice(reference.lastIndexOf('/') + 1);
    if (name.endsWith('.IntOrString')) return intOrString;
    if (name.endsWith('.Quantity')) return quantity;
    return { $ref: `#/definitions/${name}` };
  }
  if (schema['x-kubernetes-int-or-string'] === true) return intOrString;
  const keepsUnknown = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const entries = Object.entries(schema).filter(
    ([key]) => !dropped.has(key) && !key.startsWith('x-') && key !== 'nullable',
  );
  const result: Schema = Object.fromEntries(
    entries.map(([key, value]) => {
      if (key === 'properties' && isObject(value)) {
        return [key, Object.fromEntries(Object.entries(value).map(([name, each]) => [name, strict(each)]))];
      }
      return [
        key,
        ['items', 'additionalProperties', 'allOf', 'oneOf', 'anyOf', 'not'].includes(key) ? strict(value) : value,
      ];
    }),
  );
  if (schema['nullable'] === true && typeof result['type'] === 'string') result['type'] = [result['type'], 'null'];
  if (isObject(result['properties']) && !('additionalProperties' in result) && !keepsUnknown) {
    result['additionalProperties'] = false;
  }
  return result;
}

const identified = (schema: Schema, gvk: GroupVersionKind): Schema => ({
  ...schema,
  required: [...new Set([...((schema['required'] as string[] | undefined) ?? []), 'apiVersion', 'kind'])],
  properties: {
    ...(schema['properties'] as Schema),
    apiVersion: { enum: [apiVersionOf(gvk)] },
    kind: { enum: [gvk.kind] },
  },
});

/** What a schema refers to, and what that refers to. */
function referenced(schema: Schema, all: Readonly<Record<string, Schema>>): Record<string, Schema> {
  const found: Record<string, Schema> = {};
  const open: unknown[] = [schema];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (Array.isArray(next)) open.push(...next);
    else if (isObject(next)) {
      const name = typeof next['$ref'] === 'string' ? next['$ref'].slice('#/definitions/'.length) : '';
      const definition = all[name];
      if (definition && !found[name]) {
        found[name] = definition;
        open.push(definition);
      }
      open.push(...Object.values(next).filter((value) => typeof value === 'object' && value !== null));
    }
  }
  return found;
}

/** One strict schema per kind of Kubernetes' own, from its swagger.json. */
export function kubernetesSchemas(swagger: string): Files {
  const { definitions } = JSON.parse(swagger) as { definitions: Record<string, Schema> };
  const all = Object.fromEntries(Object.entries(definitions).map(([name, schema]) => [name, strict(schema) as Schema]));
  const files: Record<string, Schema> = {};
  for (const [name, schema] of Object.entries(definitions)) {
    const kinds = (schema['x-kubernetes-group-version-kind'] ?? []) as GroupVersionKind[];
    const [gvk] = kinds;
    const own = all[name];
    if (!gvk || kinds.length > 1 || gvk.kind.endsWith('List') || !own) continue;
    files[fileOf(gvk)] = { ...identified(own, gvk), definitions: referenced(own, all) };
  }
  return files;
}

type Crd = {
  kind: string;
  spec: {
    group: string;
    names: { kind: string };
    versions: { name: string; schema: { openAPIV3Schema: Schema } }[];
  };
};

/** The same for the kinds that CustomResourceDefinitions declare. */
export function crdSchemas(yaml: string): Files {
  const files: Record<string, Schema> = {};
  for (const document of parseAllDocuments(yaml)) {
    const crd = document.toJS() as Crd | null;
    if (crd?.kind !== 'CustomResourceDefinition') continue;
    for (const { name, schema } of crd.spec.versions) {
      const gvk = { group: crd.spec.group, version: name, kind: crd.spec.names.kind };
      const own = strict(schema.openAPIV3Schema) as Schema;
      const properties = { ...(own['properties'] as Schema), metadata: { type: 'object' } };
      files[fileOf(gvk)] = identified({ ...own, properties }, gvk);
    }
  }
  return files;
}

/** Writes schemas where kubeconform looks for them. */
export async function writeSchemas(folder: string, files: Files): Promise<void> {
  for (const [name, schema] of Object.entries(files)) await writeFile(join(folder, name), JSON.stringify(schema));
}
