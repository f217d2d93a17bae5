/** Where two answers differ, as `path: found, expected`. Fractions may differ in the last digits only. */
export function differences(found: unknown, expected: unknown, path = ''): string[] {
  if (typeof found === 'number' && typeof expected === 'number') {
    const allowed = 1e-9 * Math.max(1, Math.abs(found), Math.abs(expected));
    return Math.abs(found - expected) <= allowed ? [] : [`${path}: ${found}, ${expected}`];
  }
  if (isObject(found) && isObject(expected)) {
    const keys = new Set([...Object.keys(found), ...Object.keys(expected)]);
    return [...keys].flatMap((key) => differences(found[key], expected[key], path === '' ? key : `${path}.${key}`));
  }
  return found === expected ? [] : [`${path}: ${JSON.stringify(found)}, ${JSON.stringify(expected)}`];
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
