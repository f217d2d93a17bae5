import { expect, test } from 'vitest';
import { type Applied, nothingApplied } from '#tickets/applied.ts';
import type { Ticket } from '#tickets/ticket.ts';
import { nextStep } from './plan.ts';

const hash = 'wanted';
const ticket = (state: Ticket['state'], applied: Partial<Applied> = {}, more: Partial<Ticket> = {}): Ticket =>
  ({
    state,
    channelId: '1',
    mode: 'channel',
    name: null,
    closedAt: 1_000_000,
    ratedAt: null,
    ...more,
    applied: { ...nothingApplied, mentionMessageId: 'none', ...applied },
  }) as Ticket;
const stepOf = (one: Ticket, now = 0) => nextStep(one, hash, now);

test('a ticket comes to its channel, its welcome, its number, and its opener hears of it', () => {
  expect(stepOf(ticket('reserved'))).toEqual({ step: 'channel' });
  expect(stepOf(ticket('channel'))).toEqual({ step: 'welcome' });
  expect(stepOf(ticket('channel', { welcomeMessageId: 'none' }))).toEqual({ step: 'activate' });
  expect(stepOf(ticket('open', { replyToken: 't', overwritesHash: hash }))).toEqual({ step: 'answer' });
  expect(stepOf(ticket('open', { overwritesHash: hash }))).toBeNull();
});

test('overwrites follow what is wanted; what was refused is tried again when something else is wanted, and after an hour', () => {
  expect(stepOf(ticket('open', { overwritesHash: 'other' }))).toEqual({ step: 'overwrites' });
  const problem = { code: 'discord.permission', context: { wanted: hash }, at: 0 };
  const refused = ticket('open', { overwritesHash: 'other', problem });
  expect(stepOf(refused)).toEqual({ waitUntil: 3_600_000 });
  expect(stepOf(refused, 3_599_999)).toEqual({ waitUntil: 3_600_000 });
  expect(stepOf(refused, 3_600_000)).toEqual({ step: 'overwrites' });
  const renamed = { name: 'a', schemeName: 'a', renamedAt: [0, 1] };
  const also = ticket('open', { overwritesHash: 'other', problem, ...renamed }, { name: 'b' });
  expect(stepOf(also, 2)).toEqual({ waitUntil: 600_000 });
  expect(nextStep(ticket('open', { overwritesHash: 'other', problem }), 'newer', 0)).toEqual({ step: 'overwrites' });
});

test('who joined a thread as staff is looked at again after six hours; nobody is where nobody joined', () => {
  const thread = (more: Partial<Applied>) =>
    ticket('open', { overwritesHash: hash, joinShows: 'open', ...more }, { mode: 'thread' });
  expect(stepOf(thread({ staffSeenAt: null }))).toBeNull();
  expect(stepOf(thread({ joinedIds: ['1'], staffSeenAt: null }), 21_600_000)).toEqual({ step: 'thread-staff' });
  const seen = thread({ joinedIds: ['1'], staffSeenAt: 5 });
  expect(stepOf(seen, 6)).toEqual({ waitUntil: 21_600_005 });
  expect(stepOf(seen, 21_600_005)).toEqual({ step: 'thread-staff' });
});

test('a closed ticket: transcript, direct message, stars, then the channel goes', () => {
  let applied: Partial<Applied> = {};
  const taken: string[] = [];
  for (const key of ['transcriptMessageId', 'dmMessageId', 'feedbackMessageId'] as const) {
    const next = stepOf(ticket('closed', applied));
    if (next && 'step' in next) taken.push(next.step);
    applied = { ...applied, [key]: 'none' };
  }
  expect([...taken, stepOf(ticket('closed', applied))]).toEqual([
    'transcript',
    'direct',
    'feedback',
    { step: 'delete' },
  ]);
  expect(stepOf(ticket('closed', { ...applied, channelDeletedAt: 1 }))).toBeNull();
});

test('the channel waits five minutes for stars, and a minute after them for a comment', () => {
  const applied = { transcriptMessageId: 'none', dmMessageId: 'none', feedbackMessageId: '7' };
  expect(stepOf(ticket('closed', applied), 1_000_000)).toEqual({ waitUntil: 1_300_000 });
  expect(stepOf(ticket('closed', applied), 1_300_000)).toEqual({ step: 'delete' });
  const rated = ticket('closed', applied, { ratedAt: 1_100_000 });
  expect([stepOf(rated, 1_100_000), stepOf(rated, 1_160_000)]).toEqual([{ waitUntil: 1_160_000 }, { step: 'delete' }]);
});

test('a reservation that was given up: its opener is told, and a channel that may exist is taken away', () => {
  expect(stepOf(ticket('abandoned', { replyToken: 't', creatingSince: 1 }))).toEqual({ step: 'answer' });
  expect(stepOf(ticket('abandoned', { creatingSince: 1 }))).toEqual({ step: 'remove-stray' });
  expect(stepOf(ticket('abandoned', { creatingSince: 1, channelDeletedAt: 2 }))).toBeNull();
  expect(stepOf(ticket('abandoned', {}, { channelId: null }))).toBeNull();
});

test('the channel waits for files that are on their way, and not for ever', () => {
  const applied = { transcriptMessageId: 'none', dmMessageId: 'none', feedbackMessageId: 'none' };
  const closed = ticket('closed', applied);
  expect(nextStep(closed, hash, 1_010_000, 1_000_000)).toEqual({ waitUntil: 1_060_000 });
  expect(nextStep(closed, hash, 1_060_000, 1_000_000)).toEqual({ step: 'delete' });
});
