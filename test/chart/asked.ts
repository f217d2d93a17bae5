import { expect } from 'vitest';
import { runRole } from '#test/harness/role.ts';

/** The variables that a role names as missing when it has none. `dataDir` is a folder that is not there. */
export async function askedBy(args: readonly string[], dataDir: string): Promise<string[]> {
  const { code, err } = await runRole(args, { DATA_DIR: dataDir });
  expect(code, `${args.join(' ')}: ${err}`).toBe(2);
  const each = [...err.matchAll(/^- ([A-Z_]+) is not set/gm)].map(([, name]) => name ?? '');
  const together = /or set ([A-Z_, ]+)\./.exec(err)?.[1]?.split(', ') ?? [];
  const asked = [...each, ...together];
  expect(asked).not.toEqual([]);
  return asked;
}
