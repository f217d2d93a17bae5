import { type GatewayDispatchPayload, MessageType } from 'discord-api-types/v10';
import { describe, expect, test } from 'vitest';
import { formatTopic } from '#discord/topic.ts';
import { createLog } from '#runtime/log.ts';
import { createTicketChannels } from './channels.ts';
import { createRoute } from './dispatch.ts';
import type { MovedChannel } from './gap.ts';
import type { MessageChange } from './incoming.ts';
import { createSequence } from './sequence.ts';

const guildId = '111111111111111111';
const channelId = '222222222222222222';
const botUserId = '333333333333333333';
const dedicatedId = '444444444444444444';
const at = 1_700_000_000_000;

/** A route whose destinations remember what they got and finish it when told to. */
function setUp(max?: number) {
  const changes: MessageChange[] = [];
  const moved: MovedChannel[][] = [];
  const left: string[] = [];
  const asked: string[] = [];
  const made: string[] = [];
  const deleted: (number | string)[] = [];
  const unfinished: (() => void)[] = [];
  const channels = createTicketChannels(max);
  let answer: () => void = () => undefined;
  const route = createRoute({
    botUserId,
    channels,
    now: () => at,
    onInteraction: () =>
      new Promise<void>((resolve) => {
        answer = resolve;
      }),
    isDedicated: (id) => id === dedicatedId,
    panelGuildOf: () => undefined,
    onPanelMessageDeleted: (_guildId, _messageId, done) => done(),
    onAsking: (message, done) => {
      asked.push(message.id);
      unfinished.push(done);
    },
    onMessage: (change, done) => {
      changes.push(change);
      unfinished.push(done);
    },
    onGuild: (_guild, list, done) => {
      moved.push(list);
      unfinished.push(done);
    },
    onGuildChanged: (_guild, done) => done(),
    onThreads: (_guildId, list, done) => {
      moved.push(list);
      unfinished.push(done);
    },
    onChannelMade: ({ channelId: id }, done) => {
      made.push(id);
      unfinished.push(done);
    },
    onChannelDeleted: ({ ticketId, channelId: id }, done) => {
      deleted.push(ticketId ?? id);
      unfinished.push(done);
    },
    onMemberLeft: (id, userId, done) => {
      left.push(`${id}/${userId}`);
      done();
    },
    onGuildLeft: (id, done) => {
      left.push(id);
      done();
    },
    log: createLog({ role: 'test', level: 'silent' }),
  });
  const sequence = createSequence(0);
  let s = 0;
  const send = (t: string, d: unknown) => route({ op: 0, s: (s += 1), t, d } as GatewayDispatchPayload, sequence);
  const finish = () => {
    for (const done of unfinished.splice(0)) done();
  };
  return { asked, made, changes, moved, left, deleted, channels, sequence, send, finish, answer: () => answer() };
}

const message = (more: object = {}) => ({
  id: '1175928847299117063',
  channel_id: channelId,
  guild_id: guildId,
  type: MessageType.Default,
  author: { id: '444444444444444444', bot: false },
  member: { roles: ['5'] },
  content: 'hello\u0000',
  attachments: [{ id: '9', filename: 'a.txt', size: 3, url: 'https://cdn/a', content_type: 'text/plain' }],
  ...more,
});
const ticketChannel = {
  id: channelId,
  guild_id: guildId,
  type: 0,
  topic: formatTopic(1_000, 'About'),
  last_message_id: '7',
};

test('a channel whose topic names a ticket brings its messages from the first one on', () => {
  const { changes, send } = setUp();
  send('MESSAGE_CREATE', message());
  send('CHANNEL_CREATE', ticketChannel);
  send('MESSAGE_CREATE', message());
  expect(changes).toEqual([
    {
      kind: 'created',
      message: {
        guildId,
        channelId,
        ticketId: 1_000,
        id: '1175928847299117063',
        authorId: '444444444444444444',
        isOwn: false,
        isBot: false,
        roleIds: ['5'],
        content: 'hello',
        attachments: [{ id: '9', name: 'a.txt', sizeBytes: 3, contentType: 'text/plain', url: 'https://cdn/a' }],
        nonce: null,
        at: Number((1175928847299117063n >> 22n) + 1_420_070_400_000n),
      },
    },
  ]);
});

test('pins, previews and what Docket itself says are no entries; what it says for somebody is', () => {
  const { changes, send } = setUp();
  send('CHANNEL_CREATE', ticketChannel);
  send('MESSAGE_CREATE', message({ type: MessageType.ChannelPinnedMessage }));
  send('MESSAGE_UPDATE', message({ edited_timestamp: null }));
  send('MESSAGE_CREATE', message({ author: { id: botUserId, bot: true } }));
  expect(changes).toEqual([]);
  send('MESSAGE_CREATE', message({ author: { id: botUserId, bot: true }, nonce: 'n' }));
  send('MESSAGE_UPDATE', message({ edited_timestamp: '2024-01-01T00:00:00.000Z' }));
  send('MESSAGE_DELETE', { id: '8', channel_id: channelId, guild_id: guildId });
  expect(changes.map(({ kind }) => kind)).toEqual(['created', 'edited', 'deleted']);
});

test('an event is durable when it is finished, and one that concerns nobody at once', () => {
  const { sequence, made, send, finish, answer } = setUp();
  send('TYPING_START', {});
  send('CHANNEL_CREATE', { ...ticketChannel, id: '9', topic: 'Rules' });
  expect(sequence.durable).toBe(2);
  send('CHANNEL_CREATE', ticketChannel);
  send('CHANNEL_UPDATE', ticketChannel);
  expect([made, sequence.durable]).toEqual([[channelId], 2]);
  finish();
  expect(sequence.durable).toBe(4);
  send('MESSAGE_CREATE', message());
  send('MESSAGE_DELETE_BULK', { ids: ['1', '2'], channel_id: channelId, guild_id: guildId });
  send('TYPING_START', {});
  expect(sequence.durable).toBe(4);
  finish();
  expect(sequence.durable).toBe(7);
  send('INTERACTION_CREATE', { id: '1' });
  send('TYPING_START', {});
  expect(sequence.durable).toBe(7);
  answer();
  return expect.poll(() => sequence.durable).toBe(9);
});

test('a server tells its ticket channels and the newest message in each', () => {
  const { moved, channels, send } = setUp();
  channels.add({ channelId: '8', ticketId: 1_001, guildId }, at);
  const other = { id: '9', type: 0, topic: 'Rules', last_message_id: '5' };
  const known = { id: '8', type: 0, topic: null, last_message_id: '6' };
  send('GUILD_CREATE', { id: guildId, channels: [ticketChannel, other, known], threads: [] });
  expect(moved[0]?.map((one) => [one.channelId, one.ticketId, one.lastMessageId])).toEqual([
    ['8', 1_001, '6'],
    [channelId, 1_000, '7'],
  ]);
});

test('an outage is no farewell; a farewell forgets the channels; a deleted channel is forgotten', () => {
  const { left, channels, send } = setUp();
  send('CHANNEL_CREATE', ticketChannel);
  send('GUILD_DELETE', { id: guildId, unavailable: true });
  expect([left, channels.size]).toEqual([[], 1]);
  send('CHANNEL_DELETE', ticketChannel);
  expect(channels.size).toBe(0);
  send('CHANNEL_CREATE', ticketChannel);
  send('GUILD_DELETE', { id: guildId });
  expect([left, channels.size]).toEqual([[guildId], 0]);
});

test('a deleted channel is told, a ticket’s or one that may hold threads, and is finished when that has been dealt with', () => {
  const { deleted, channels, sequence, send, finish } = setUp();
  channels.add({ channelId, ticketId: 1_000, guildId }, at);
  send('CHANNEL_DELETE', { ...ticketChannel, topic: null });
  send('CHANNEL_DELETE', { ...ticketChannel, id: '8', topic: formatTopic(1_001, 'About') });
  send('CHANNEL_DELETE', { ...ticketChannel, id: '9', topic: 'Rules' });
  expect([deleted, sequence.durable, channels.size]).toEqual([[1_000, 1_001, '9'], 0, 0]);
  finish();
  expect(sequence.durable).toBe(3);
});

test('once the set was full the store is asked about every channel', () => {
  const { changes, channels, send } = setUp(1);
  channels.add({ channelId: '8', ticketId: 1_001, guildId }, at);
  channels.add({ channelId: '9', ticketId: 1_002, guildId }, at);
  send('MESSAGE_CREATE', message({ channel_id: '8' }));
  expect(changes[0]).toMatchObject({ message: { channelId: '8', ticketId: null } });
});

describe('threads', () => {
  const thread = (more: object = {}) => ({
    id: '666666666666666666',
    guild_id: guildId,
    parent_id: channelId,
    type: 12,
    owner_id: botUserId,
    thread_metadata: { archived: false },
    last_message_id: '9',
    ...more,
  });
  const inThread = message({ channel_id: '666666666666666666' });

  test('a private thread that Docket made brings its messages from the first one on; others’ do not', () => {
    const { changes, channels, send } = setUp();
    send('THREAD_CREATE', thread({ owner_id: '4' }));
    send('THREAD_CREATE', thread({ type: 11 }));
    send('THREAD_UPDATE', thread({ thread_metadata: { archived: true } }));
    send('MESSAGE_CREATE', inThread);
    expect(changes).toEqual([]);
    send('THREAD_CREATE', thread());
    send('MESSAGE_CREATE', inThread);
    expect(changes).toMatchObject([{ kind: 'created', message: { channelId: '666666666666666666', ticketId: null } }]);
    // What the store says of it stays.
    channels.add({ channelId: '666666666666666666', ticketId: 1_000, guildId }, at);
    send('THREAD_UPDATE', thread());
    expect(channels.get('666666666666666666')?.ticketId).toBe(1_000);
  });

  test('those of a server, and those that come into sight, are told with their newest message', () => {
    const { moved, send } = setUp();
    send('GUILD_CREATE', {
      id: guildId,
      channels: [ticketChannel],
      threads: [thread(), thread({ id: '7', type: 11 })],
    });
    send('THREAD_LIST_SYNC', { guild_id: guildId, threads: [thread({ last_message_id: '10' })], members: [] });
    const told = moved.map((list) => list.map((one) => [one.ticketId, one.lastMessageId]));
    expect(told).toEqual([
      [
        [1_000, '7'],
        [null, '9'],
      ],
      [[null, '10']],
    ]);
  });

  test('one below a ticket’s channel is its staff’s, and waits for nothing', () => {
    const { made, channels, sequence, send } = setUp();
    channels.add({ channelId, ticketId: 1_000, guildId }, at);
    send('THREAD_CREATE', thread());
    expect([made, sequence.durable]).toEqual([[], 1]);
  });

  test('a deleted one is told, and finished when that has been dealt with', () => {
    const { deleted, channels, sequence, send, finish } = setUp();
    send('THREAD_CREATE', thread());
    expect(sequence.durable).toBe(0);
    finish();
    send('THREAD_DELETE', thread());
    send('THREAD_DELETE', thread({ type: 11 }));
    expect([deleted, channels.size, sequence.durable]).toEqual([['666666666666666666'], 0, 1]);
    finish();
    expect(sequence.durable).toBe(3);
  });
});

test('a message in the dedicated channel asks for a ticket, unless a bot, a webhook or Discord itself wrote it', () => {
  const { send, asked, changes } = setUp();
  const there = { channel_id: dedicatedId };
  send('MESSAGE_CREATE', message(there));
  expect([asked.length, changes.length]).toEqual([1, 0]);
  send('MESSAGE_CREATE', message({ ...there, author: { id: '6', bot: true } }));
  send('MESSAGE_CREATE', message({ ...there, webhook_id: '7' }));
  send('MESSAGE_CREATE', message({ ...there, type: MessageType.ChannelPinnedMessage }));
  expect(asked).toHaveLength(1);
});
