import { expect, it } from 'vitest';
import type { Message } from '../../data/types.ts';
import { entriesOf } from './talk-entries.ts';

const at = (minute: number) => new Date(Date.UTC(2025, 10, 22, 12, minute)).toISOString();
const said = (id: string, author: string, minute: number): Message => ({
  id,
  author: { id: author, name: author, avatarUrl: null, kind: 'opener' },
  at: at(minute),
  content: '',
  attachments: [],
  editedAt: null,
  deleted: false,
});
const firsts = (messages: Message[], gaps: { from: string; to: string }[] = []) =>
  entriesOf(messages, gaps).map((entry) =>
    entry.kind === 'gap' ? 'gap' : `${entry.message.id}${entry.isFirst ? '!' : ''}`,
  );

it('names an author once for messages in a row', () => {
  expect(firsts([said('1', 'a', 0), said('2', 'a', 3), said('3', 'b', 4), said('4', 'a', 5)])).toEqual([
    '1!',
    '2',
    '3!',
    '4!',
  ]);
});

it('names them again after a while', () => {
  expect(firsts([said('1', 'a', 0), said('2', 'a', 7)])).toEqual(['1!', '2!']);
});

it('shows where edits may be missing, and names the author after it', () => {
  const gap = (minute: number) => ({ from: at(minute), to: at(minute + 1) });
  expect(firsts([said('1', 'a', 0), said('2', 'a', 2)], [gap(1)])).toEqual(['1!', 'gap', '2!']);
  expect(firsts([said('1', 'a', 0)], [gap(9), gap(8)])).toEqual(['1!', 'gap', 'gap']);
});
