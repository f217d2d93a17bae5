import { expect, test } from 'vitest';
import { fromMessage, toMessage } from './message.ts';

test('a row comes back as it went, under its ticket', () => {
  const row = { guild_id: '111111111111111111', ticket_id: 1_000, text: 'ä\n😀' };
  const { key, value } = toMessage({ id: 7, kind: 'event', guildId: '111111111111111111', ticketId: 1_000, row });
  expect(key).toBe('1000');
  expect(fromMessage(Buffer.from(value))).toEqual({ kind: 'event', row });
});

test.each([
  [null, 'message: has no value'],
  ['', 'message: not JSON'],
  ['{', 'message: not JSON'],
  ['7', 'message: not an object'],
  ['null', 'message: not an object'],
  ['{"kind":"event","row":{}}', 'message: form missing, not 1'],
  ['{"v":2,"kind":"event","row":{}}', 'message: form 2, not 1'],
  ['{"v":1,"row":{}}', 'message: has no kind'],
])('%s is a dead letter', (text, dead) => {
  expect(fromMessage(text === null ? null : Buffer.from(text))).toEqual({ kind: 'message', row: text ?? '', dead });
});
