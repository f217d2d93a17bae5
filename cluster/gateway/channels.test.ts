import { expect, test } from 'vitest';
import { createTicketChannels } from './channels.ts';

const channel = (n: number, guildId = 'g') => ({ channelId: `c${n}`, ticketId: n, guildId });
const everywhere = () => true;
const minute = 60_000;

test('channels come and go, alone or with their server', () => {
  const channels = createTicketChannels();
  for (const n of [1, 2, 3]) channels.add(channel(n, n === 3 ? 'h' : 'g'), 0);
  expect(channels.get('c1')?.ticketId).toBe(1);
  expect(channels.ofGuild('g')).toHaveLength(2);
  channels.remove('c1');
  expect(channels.get('c1')).toBeUndefined();
  channels.removeGuild('g');
  expect([channels.size, channels.get('c3')?.ticketId]).toEqual([1, 3]);
});

test('the store heals the set: missing channels enter, unknown ones leave after ten minutes, others’ stay', () => {
  const channels = createTicketChannels();
  channels.add(channel(1), 0);
  channels.add(channel(2, 'elsewhere'), 0);
  channels.align([channel(3)], (guildId) => guildId === 'g', minute);
  expect(['c1', 'c2', 'c3'].map((id) => channels.get(id)?.ticketId)).toEqual([1, 2, 3]);
  channels.align([channel(3)], (guildId) => guildId === 'g', 12 * minute);
  expect(['c1', 'c2', 'c3'].map((id) => channels.get(id)?.ticketId)).toEqual([undefined, 2, 3]);
});

test('a full set forgets the oldest and says that it is no longer complete', () => {
  const channels = createTicketChannels(2);
  channels.align([channel(1), channel(2)], everywhere, 0);
  expect(channels.isComplete).toBe(true);
  channels.add(channel(3), 0);
  expect([channels.size, channels.get('c1'), channels.isComplete]).toEqual([2, undefined, false]);
});

test('what is served elsewhere now is forgotten', () => {
  const channels = createTicketChannels();
  for (const n of [1, 2, 3]) channels.add(channel(n, n === 3 ? 'h' : 'g'), 0);
  channels.retain((guildId) => guildId === 'h');
  expect(['c1', 'c2', 'c3'].map((id) => channels.get(id)?.ticketId)).toEqual([undefined, undefined, 3]);
  expect([channels.size, channels.ofGuild('g')]).toEqual([1, []]);
});
