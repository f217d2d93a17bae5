import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextPath } from './next-path.ts';

const here = 'https://desk.example';

describe('nextPath', () => {
  it('keeps paths of this site with their query', () => {
    expect(nextPath('/dashboard/1/analytics?days=7', here)).toBe('/dashboard/1/analytics?days=7');
  });

  it.each([
    undefined,
    '',
    'dashboard',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'https://evil.example/',
    'https://desk.example.evil.example/',
    'javascript:alert(1)',
    '/\t/evil.example',
    '/\n//evil.example',
    '/.//evil.example',
    '/api/sign-in?next=/dashboard',
    '/dashboard/../api/sign-out',
  ])('sends %j to the dashboard', (wanted) => {
    expect(nextPath(wanted, here)).toBe('/dashboard');
  });

  it('never leads to another site, whatever is wanted', () => {
    const pieces = fc.constantFrom(
      '/',
      '\\',
      '//',
      '.',
      '..',
      'evil.example',
      '@',
      ':',
      '?',
      '#',
      '\t',
      '\n',
      '%2f',
      'a',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const path = nextPath(parts.join(''), here);
        expect(new URL(path, here).origin).toBe(here);
      }),
    );
  });
});
