import { DiscordAPIError, type REST } from '@discordjs/rest';
import { RESTJSONErrorCodes, Routes } from 'discord-api-types/v10';
import { expect, test } from 'vitest';
import { testDatabase } from '#test/harness/postgres.ts';
import { attachChannel } from '#tickets/actions/attach-channel.ts';
import { closeTicket } from '#tickets/actions/close.ts';
import { createScene } from '#tickets/scene.ts';
import { readTicket } from '#tickets/store/ticket.ts';
import type { Ticket } from '#tickets/ticket.ts';
import { createGoneChannels } from './channel-gone.ts';

const { pool } = await testDatabase();
const noRest = { get: () => Promise.reject(new Error('not asked')) };

async function setUp(rest: Pick<REST, 'get'> = noRest) {
  const scene = await createScene(pool);
  const { ctx, guildId } = scene;
  const gone = createGoneChannels({ ctx, rest });
  return {
    scene,
    gone,
    channelOf: (ticket: Ticket) => ({ guildId, ticketId: ticket.id, channelId: ticket.channelId ?? '' }),
    read: (ticket: Ticket) => readTicket(pool, guildId, ticket.id),
  };
}

test('a ticket whose channel was deleted by hand is closed, by nobody, with the reason; repeating it changes nothing', async () => {
  const { scene, gone, channelOf, read } = await setUp();
  const ticket = await scene.open(scene.person());
  await gone.deleted(channelOf(ticket));
  const closed = await read(ticket);
  expect(closed).toMatchObject({ state: 'closed', closedBy: null, closeReason: 'The channel was deleted' });
  await gone.deleted(channelOf(ticket));
  expect(await read(ticket)).toEqual(closed);
});

test('a thread is found by its own id or by that of the channel above it; of a closed ticket its end is noted', async () => {
  const { scene, gone, read } = await setUp();
  const { ctx, guildId } = scene;
  const parentId = scene.id();
  const inThread = async () => {
    const ticket = await scene.open(scene.person());
    await pool.query({
      text: `update ticket set mode = 'thread', parent_id = $1 where id = $2`,
      values: [parentId, ticket.id],
    });
    return ticket;
  };
  const [first, second, third] = [await inThread(), await inThread(), await inThread()];
  await gone.deleted({ guildId, ticketId: null, channelId: first.channelId ?? '' });
  expect(await read(first)).toMatchObject({ state: 'closed', closeReason: 'The channel was deleted' });
  await closeTicket(ctx, guildId, { ticketId: third.id, by: null, reason: 'Done', at: ctx.now() });
  await gone.deleted({ guildId, ticketId: null, channelId: parentId });
  expect(await read(second)).toMatchObject({ state: 'closed', closeReason: 'The channel was deleted' });
  const kept = await read(third);
  expect(kept?.closeReason).toBe('Done');
  expect(kept?.applied.channelDeletedAt).not.toBeNull();
});

test('one that had not been welcomed yet is given up, and does not count', async () => {
  const { scene, gone, channelOf, read } = await setUp();
  const { id } = await scene.reserve(scene.person());
  const ticket = await attachChannel(scene.ctx, scene.guildId, { ticketId: id, channelId: scene.id() });
  await gone.deleted(channelOf(ticket));
  expect(await read(ticket)).toMatchObject({ state: 'abandoned', lifetimeNo: null });
});

test('another channel than the ticket’s own, a reservation, and an unknown ticket are left alone', async () => {
  const { scene, gone, channelOf, read } = await setUp();
  const ticket = await scene.open(scene.person());
  const reserved = await scene.reserve(scene.person());
  await gone.deleted({ ...channelOf(ticket), channelId: scene.id() });
  await gone.deleted({ ...channelOf(reserved), channelId: scene.id() });
  await gone.deleted({ ...channelOf(ticket), ticketId: 1 });
  expect([await read(ticket), await read(reserved)]).toEqual([ticket, reserved]);
});

test('a channel that a server no longer lists counts as deleted only when Discord says so', async () => {
  const codes = new Map<string, number>();
  const asked: string[] = [];
  const rest = {
    get: async (route: string) => {
      asked.push(route);
      const code = codes.get(route);
      if (code === undefined) return {};
      throw new DiscordAPIError({ code, message: 'no' }, code, 404, 'GET', 'https://discord', {});
    },
  } as Pick<REST, 'get'>;
  const { scene, gone, channelOf, read } = await setUp(rest);
  const tickets = [
    await scene.open(scene.person()),
    await scene.open(scene.person()),
    await scene.open(scene.person()),
  ];
  const [hidden, there, deleted] = tickets;
  if (!hidden || !there || !deleted) throw new Error('three tickets');
  codes.set(Routes.channel(hidden.channelId), RESTJSONErrorCodes.MissingAccess);
  codes.set(Routes.channel(deleted.channelId), RESTJSONErrorCodes.UnknownChannel);
  await gone.missing(tickets.map(channelOf));
  await gone.missing([channelOf(deleted)]); // closed by now: Discord is not asked again
  const states = await Promise.all(tickets.map(async (ticket) => (await read(ticket))?.state));
  expect(states).toEqual(['open', 'open', 'closed']);
  expect(asked).toHaveLength(3);
});
