import { expect, test } from 'vitest';
import { isPicture, plainType, refusalOfFile } from './attachment.ts';

const file = (sizeBytes: number, contentType: string | null) => ({ sizeBytes, contentType });

test.each([
  [file(10, 'image/png'), { maxBytes: 10, types: [] }, null],
  [file(11, 'image/png'), { maxBytes: 10, types: [] }, 'too-large'],
  [file(1, 'image/png'), { maxBytes: 0, types: [] }, 'off'],
  [file(1, 'image/PNG; charset=x'), { maxBytes: 10, types: ['image/*'] }, null],
  [file(1, 'text/plain; charset=utf-8'), { maxBytes: 10, types: ['image/*', 'text/plain'] }, null],
  [file(1, 'text/html'), { maxBytes: 10, types: ['image/*', 'text/plain'] }, 'type'],
  [file(1, null), { maxBytes: 10, types: ['image/*'] }, 'type'],
])('%o under %o: %s', (one, limits, reason) => {
  expect(refusalOfFile(one, limits)).toBe(reason);
});

test('only pictures without scripts are shown in a page', () => {
  expect(['image/png', 'IMAGE/JPEG', 'image/gif', 'image/webp; x=y'].every(isPicture)).toBe(true);
  expect(['image/svg+xml', 'text/html', 'application/pdf', 'image/png,text/html', null, ''].some(isPicture)).toBe(
    false,
  );
  expect(plainType('')).toBe('application/octet-stream');
});
