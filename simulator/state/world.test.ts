import { expect, it } from 'vitest';
import { createLog } from '#runtime/log.ts';
import { defaultLimits } from '../limits.ts';
import { botUser, createMessage } from './messages.ts';
import { createGuild, furnish } from './seed.ts';
import { createStore } from './store.ts';
import { createWorld } from './world.ts';

it('of a full channel forgets what one person alone sees before what all see', () => {
  const log = createLog({ role: 'test', level: 'silent' });
  const store = createStore(null);
  const world = createWorld({ store, limits: defaultLimits, log, origin: '' });
  furnish(world, 'Bot');
  const guild = createGuild(world, { members: 2 });
  const channel = [...guild.channels.values()].find((one) => one.name === 'general');
  if (!channel) throw new Error('the server has no such channel');
  const post = (content: string, ephemeralFor: string | null = null) =>
    createMessage(world, channel, botUser(world), { body: { content }, ephemeralFor }).body.id;
  const panel = post('Open a ticket!');
  const answers = Array.from({ length: 5_100 }, () => post('Your ticket is there.', guild.ownerId));
  const kept = world.messagesOf(channel.id);
  expect(kept.size).toBe(5_000);
  expect([kept.has(panel), kept.has(answers[0] ?? ''), kept.has(answers.at(-1) ?? '')]).toEqual([true, false, true]);
  // Where hardly anybody is answered, what all see gives way.
  for (let i = 0; i < 4_100; i += 1) post('Talk');
  expect([kept.size, kept.has(panel), kept.has(answers.at(-1) ?? '')]).toEqual([5_000, false, true]);
});
