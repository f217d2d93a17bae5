import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const restricted = 'eslint(no-restricted-imports)';

/** Each rule with a file that breaks it: the rule that must speak, where the file lies, what it says. */
const plants: [rule: string, path: string, code: string][] = [
  [restricted, 'runtime/plant-edge.ts', `import { fold } from '#tickets/facts.ts';\nexport const x = fold;\n`],
  [restricted, 'discord/plant-edge.ts', `import { fold } from '#tickets/facts.ts';\nexport const x = fold;\n`],
  [restricted, 'simulator/plant-edge.ts', `import { fold } from '#tickets/facts.ts';\nexport const x = fold;\n`],
  [restricted, 'simulator/plant-discord.ts', `import { fold } from '#discord/rest.ts';\nexport const x = fold;\n`],
  [restricted, 'tickets/plant-edge.ts', `import { x as y } from '#analytics/query/types.ts';\nexport const x = y;\n`],
  [restricted, 'tickets/plant-library.ts', `import { REST } from '@discordjs/rest';\nexport const x = REST;\n`],
  [restricted, 'analytics/plant-facts.ts', `import { fold } from '#tickets/facts.ts';\nexport const x = fold;\n`],
  [
    restricted,
    'analytics/query/plant-outbox.ts',
    `import { y } from '#tickets/store/fleet/outbox.ts';\nexport const x = y;\n`,
  ],
  [restricted, 'analytics/log/plant-now.ts', `import { y } from '#tickets/store/now.ts';\nexport const x = y;\n`],
  [
    restricted,
    'analytics/rebuild/plant-action.ts',
    `import { y } from '#tickets/actions/close.ts';\nexport const x = y;\n`,
  ],
  [
    restricted,
    'analytics/plot/plant-query.ts',
    `import { y } from '#analytics/query/types.ts';\nexport const x = y;\n`,
  ],
  [restricted, 'cluster/plant-api.ts', `import { y } from '#api/server.ts';\nexport const x = y;\n`],
  [restricted, 'cluster/plant-ingest.ts', `import { y } from '#analytics/ingest/ingest.ts';\nexport const x = y;\n`],
  [restricted, 'api/plant-cluster.ts', `import { y } from '#cluster/supervisor.ts';\nexport const x = y;\n`],
  [restricted, 'api/plant-fleet.ts', `import { y } from '#tickets/store/fleet/outbox.ts';\nexport const x = y;\n`],
  [restricted, 'api/plant-gateway.ts', `import { y } from '@discordjs/ws';\nexport const x = y;\n`],
  [restricted, 'dashboards/web/plant-value.ts', `import { y } from '#api/server.ts';\nexport const x = y;\n`],
  [restricted, 'dashboards/web/plant-store.ts', `import { y } from '#tickets/store/ticket.ts';\nexport const x = y;\n`],
  [
    restricted,
    'dashboards/grafana/plant-run.ts',
    `import { y } from '#analytics/query/run.ts';\nexport const x = y;\n`,
  ],
  [restricted, 'demo/plant-edge.ts', `import { y } from '#tickets/ticket.ts';\nexport const x = y;\n`],
  [restricted, 'api/plant-relative.ts', `import { y } from '../tickets/ticket.ts';\nexport const x = y;\n`],
  ['eslint(max-lines)', 'api/plant-long.ts', `${'export {};\n'.repeat(401)}`],
  ['eslint(no-console)', 'api/plant-console.ts', `console.log('x');\nexport {};\n`],
  ['node(no-process-env)', 'api/plant-env.ts', `export const x = process.env['HOME'];\n`],
  ['import(no-default-export)', 'api/plant-default.ts', `export default 1;\n`],
  [
    'import(no-cycle)',
    'api/plant-cycle.ts',
    `import { z } from './plant-cycle-b.ts';\nexport const x = (): unknown => z;\n`,
  ],
  ['unicorn(filename-case)', 'api/plantCase.ts', `export const x = 1;\n`],
  ['typescript(no-explicit-any)', 'api/plant-any.ts', `export const x: any = 1;\n`],
  [
    'typescript(no-floating-promises)',
    'api/plant-floating.ts',
    `const f = async (): Promise<void> => {};\nf();\nexport {};\n`,
  ],
  ['typescript(no-misused-promises)', 'api/plant-misused.ts', `[1].forEach(async () => {});\nexport {};\n`],
  [
    'typescript(switch-exhaustiveness-check)',
    'api/plant-switch.ts',
    `export const f = (x: 'a' | 'b'): void => {\n  switch (x) {\n    case 'a':\n      break;\n  }\n};\n`,
  ],
];

let folder: string;
let said: { code: string; filename: string }[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docket-lint-'));
  for (const file of ['oxlint.json', 'tsconfig.json', 'package.json']) await cp(file, join(folder, file));
  await symlink(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
  const all = [
    ...plants,
    [
      '',
      'api/plant-cycle-b.ts',
      `import { x } from './plant-cycle.ts';\nexport const z = (): unknown => x;\n`,
    ] as const,
  ];
  for (const [, path, code] of all) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), code);
  }
  const folders = [...new Set(plants.map(([, path]) => path.split('/')[0] ?? ''))];
  const oxlint = join(process.cwd(), 'node_modules/.bin/oxlint');
  const output = await run(oxlint, ['--type-aware', '-c', 'oxlint.json', '--format', 'json', ...folders], {
    cwd: folder,
    maxBuffer: 16_000_000,
  }).catch((error: { stdout: string }) => error);
  said = (JSON.parse(output.stdout) as { diagnostics: typeof said }).diagnostics;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(plants)('%s refuses %s', (rule, path) => {
  expect(said.filter((one) => one.filename === path).map((one) => one.code)).toContain(rule);
});

test('tsc refuses what type stripping cannot run', async () => {
  await writeFile(
    join(folder, 'api/plant-enum.ts'),
    'export enum X { A }\nexport class Y { constructor(readonly z: number) {} }\n',
  );
  const tsc = join(process.cwd(), 'node_modules/.bin/tsc');
  const only = [
    '--noEmit',
    '--ignoreConfig',
    '--erasableSyntaxOnly',
    '--target',
    'es2024',
    '--module',
    'nodenext',
    '--types',
    'node',
    'api/plant-enum.ts',
  ];
  const output = await run(tsc, only, { cwd: folder }).catch((error: { stdout: string }) => error);
  expect(output.stdout.match(/TS1294/g)).toHaveLength(2);
});
