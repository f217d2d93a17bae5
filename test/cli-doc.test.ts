import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { roleNames } from '#roles/names.ts';
import * as variables from '#roles/variables.ts';

const page = readFileSync('docs/cli.md', 'utf8');
const sources = ['runtime/clock.ts', 'runtime/objects/open.ts', ...globSync('roles/*.ts')]
  .map((path) => readFileSync(path, 'utf8'))
  .join('\n');

test('docs/cli.md lists every role in the words of the program, and no other', () => {
  const listed = [...page.matchAll(/^\| `([a-z]+)` +\| (.+?) +\| by (?:a signal|itself) +\|$/gm)];
  expect(listed.map(([, name, doc]) => [name, doc])).toEqual(Object.entries(roleNames));
});

test('docs/cli.md lists every variable of a process in the words of its declaration, and no other', () => {
  const declared = [...sources.matchAll(/\b([A-Z][A-Z_]+)(?::| =) ?(?:text|integer|port|choice|url|flag)\(/g)];
  const rows = new Map([...page.matchAll(/^\| `([A-Z_]+)` +\| (.*) \|$/gm)].map(([, name, row]) => [name, row]));
  expect(new Set(rows.keys())).toEqual(new Set(declared.map(([, name]) => name)));
  for (const [name, shared] of Object.entries(variables))
    if (typeof shared === 'object' && 'doc' in shared) expect(rows.get(name)).toContain(shared.doc);
});
