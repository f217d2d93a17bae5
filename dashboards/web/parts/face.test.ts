import { expect, it } from 'vitest';
import { initialsOf } from './face.tsx';

it.each([
  ['Example Server', 2, 'ES'],
  ['example', 2, 'EX'],
  ['🎮 Gaming Hub', 2, 'GH'],
  ['日本語サーバー', 2, '日本'],
  ['nadia', 1, 'N'],
  ['!!!', 1, '?'],
  ['', 2, '?'],
] as const)('shortens %s to %s letters: %s', (name, length, initials) => {
  expect(initialsOf(name, length)).toBe(initials);
});
