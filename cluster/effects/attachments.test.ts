import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { APIMessage } from 'discord-api-types/v10';
import type { JobHelpers } from 'graphile-worker';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { addressesOf } from '#discord/addresses.ts';
import { createFolderObjects } from '#runtime/objects/folder.ts';
import { type Objects, ObjectStoreError } from '#runtime/objects/objects.ts';
import { sql } from '#runtime/postgres.ts';
import { closeTicket } from '#tickets/actions/close.ts';
import { editMessages } from '#tickets/actions/edit-messages.ts';
import { recordMessages } from '#tickets/actions/record-messages.ts';
import { unsealBytes } from '#tickets/crypto.ts';
import { listAttachments } from '#tickets/store/attachment.ts';
import { destroyKey, readKey, readTicketByChannel } from '#tickets/store/ticket.ts';
import { sealedRow } from '#tickets/store/transcript.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { openWithChannel } from '#test/harness/ticket.ts';
import { messageOf } from '../gateway/incoming.ts';
import { type AttachmentDeps, createAttachmentTasks } from './attachments.ts';

const database = await testDatabase();
const folder = mkdtempSync(join(tmpdir(), 'docket-files-'));
const files = createFolderObjects(folder);
let bot: Bot;
let guild: { id: string; ownerId: string };

beforeAll(async () => {
  bot = await startBot({ database, hasWorker: false });
  const [first] = bot.simulator.guilds;
  if (!first) throw new Error('the simulator has no server');
  guild = first;
});
afterAll(async () => {
  await bot?.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => bot.control.clearFaults());

type Sent = { name: string; content: Buffer; contentType?: string };
const png: Sent = { name: 'proof of payment.png', content: Buffer.from('\u0089PNG'), contentType: 'image/png' };

/** A ticket in whose channel somebody sent files, as the gateway would bring the message. */
async function ticketWith(...sent: Sent[]) {
  const channelId = await openWithChannel(bot.ctx, bot.control, guild);
  const ticket = await readTicketByChannel(bot.ctx.db, guild.id, channelId);
  if (!ticket) throw new Error('no ticket was made');
  const message = await bot.control.sendMessage({
    channelId,
    userId: guild.ownerId,
    content: 'see here',
    attachments: sent.map(({ name, content, contentType = 'text/plain' }) => ({
      name,
      contentType,
      contentBase64: content.toString('base64'),
    })),
  });
  const place = { guildId: guild.id, ticketId: ticket.id };
  const record = async (): Promise<void> => {
    const entry = messageOf(message as APIMessage, { ...place, roleIds: [], botUserId: '1' });
    if (entry) await recordMessages(bot.ctx, [entry]);
  };
  await record();
  return { ...place, channelId, message, record };
}
type Place = { guildId: string; ticketId: number };

/** Runs a ticket's job once; answers when it wants to come back (ms from now), if at all. */
async function run(place: Place, changes: Partial<AttachmentDeps> = {}): Promise<number | null> {
  let againInMs: number | null = null;
  const helpers = {
    job: { priority: 0 },
    addJob: async (_: string, __: unknown, spec: { runAt: Date }) => {
      againInMs = spec.runAt.getTime() - Date.now();
    },
  };
  const tasks = createAttachmentTasks({
    ctx: bot.ctx,
    rest: bot.rest,
    objects: files,
    cdn: addressesOf(bot.simulator.api).cdn,
    limits: { maxBytes: 1_000, types: [] },
    ...changes,
  });
  const { guildId, ticketId } = place;
  await tasks['attachments']?.({ guildId, ticketId }, helpers as unknown as JobHelpers);
  return againInMs;
}
const list = ({ guildId, ticketId }: Place) => listAttachments(bot.ctx.db, bot.ctx.keys, guildId, ticketId);
const jobs = ({ ticketId }: Place) =>
  bot.ctx.db.query(sql`select from graphile_worker._private_jobs where key = ${`attachments:${ticketId}`}`);

/** What is kept of a file, opened. */
async function opened({ guildId, ticketId }: Place, file: { id: string; objectKey: string | null }): Promise<Buffer> {
  const sealed = await files.get(file.objectKey ?? '', { maxBytes: 2_000 });
  const wrapped = await readKey(bot.ctx.db, guildId, ticketId);
  if (!sealed || !wrapped) throw new Error('nothing is kept');
  const key = bot.ctx.keys.open(guildId, ticketId, wrapped);
  return unsealBytes(key, { guildId, ticketId, row: sealedRow.file(file.id) }, sealed);
}

test('files are wanted with their message, once, and kept sealed', async () => {
  const place = await ticketWith(png, { name: 'log.txt', content: Buffer.from('line') });
  await place.record(); // a replay
  expect((await list(place)).map(({ state }) => state)).toEqual(['wanted', 'wanted']);
  expect(await jobs(place)).toHaveLength(1);
  expect(await run(place)).toBeNull();
  const kept = await list(place);
  expect(kept).toMatchObject([
    { state: 'stored', reason: null, contentType: 'image/png', sizeBytes: png.content.length },
    { state: 'stored', contentType: 'text/plain' },
  ]);
  expect(await opened(place, kept[0] as (typeof kept)[number])).toEqual(png.content);
  expect(await opened(place, kept[1] as (typeof kept)[number])).toEqual(Buffer.from('line'));
  const raw = await files.get(kept[1]?.objectKey ?? '', { maxBytes: 2_000 });
  expect(raw?.includes('line')).toBe(false);
  const [row] = await bot.ctx.db.query<{ sealed: Buffer }>(
    sql`select sealed from attachment where ticket_id = ${place.ticketId} and content_type = 'image/png'`,
  );
  expect(row?.sealed.toString('latin1')).not.toMatch(/proof|http/);
});

test('what is too large, of another type or not wanted at all is refused, with the reason', async () => {
  const large = await ticketWith({ name: 'large.bin', content: Buffer.alloc(1_001) });
  expect(await run(large)).toBeNull();
  expect(await list(large)).toMatchObject([{ state: 'refused', reason: 'too-large', attempts: 0 }]);
  const other = await ticketWith({ name: 'a.exe', content: Buffer.of(1), contentType: 'application/x-msdownload' });
  await run(other, { limits: { maxBytes: 1_000, types: ['image/*'] } });
  expect(await list(other)).toMatchObject([{ state: 'refused', reason: 'type' }]);
  const off = await ticketWith(png);
  await run(off, { limits: { maxBytes: 0, types: [] } });
  expect(await list(off)).toMatchObject([{ state: 'refused', reason: 'off' }]);
});

test('a file that is larger than Discord said is refused while it is read', async () => {
  const place = await ticketWith({ name: 'liar.bin', content: Buffer.alloc(1_001) });
  await bot.ctx.db.query(sql`update attachment set size_bytes = 5 where ticket_id = ${place.ticketId}`);
  await run(place);
  expect(await list(place)).toMatchObject([{ state: 'refused', reason: 'too-large' }]);
});

test('an address that is not Discord’s is never asked', async () => {
  const place = await ticketWith(png);
  await run(place, { cdn: 'https://cdn.discordapp.com' });
  expect(await list(place)).toMatchObject([{ state: 'refused', reason: 'address' }]);
});

test('a CDN that fails is asked again later, each time after longer, and given up in the end', async () => {
  const place = await ticketWith(png);
  const path = `/cdn/attachments/${place.channelId}`;
  await bot.control.fault({ kind: 'status', status: 500, path, count: 2 });
  const first = await run(place);
  expect(await list(place)).toMatchObject([{ state: 'wanted', reason: 'cdn', attempts: 1 }]);
  const second = await run(place);
  expect(second).toBeGreaterThan(first ?? Infinity);
  expect(await run(place)).toBeNull();
  expect(await list(place)).toMatchObject([{ state: 'stored', reason: null }]);

  const lost = await ticketWith(png);
  await bot.ctx.db.query(sql`update attachment set attempts = 11 where ticket_id = ${lost.ticketId}`);
  await bot.control.fault({ kind: 'status', status: 503, path: `/cdn/attachments/${lost.channelId}` });
  expect(await run(lost)).toBeNull();
  expect(await list(lost)).toMatchObject([{ state: 'failed', reason: 'cdn', attempts: 12 }]);
});

test('a connection that is cut or silent is tried again', async () => {
  const place = await ticketWith(png);
  const path = `/cdn/attachments/${place.channelId}`;
  await bot.control.fault({ kind: 'lose-answer', path });
  expect(await run(place)).toBeGreaterThan(0);
  await bot.control.fault({ kind: 'delay', delayMs: 2_000, path });
  expect(await run(place, { timeoutMs: 50 })).toBeGreaterThan(0);
  expect(await list(place)).toMatchObject([{ state: 'wanted', attempts: 2 }]);
});

test('an address that has expired is asked for anew; a file whose message is gone is told as gone', async () => {
  const place = await ticketWith(png);
  const path = `/cdn/attachments/${place.channelId}`;
  await bot.control.fault({ kind: 'status', status: 404, path });
  const before = (await bot.control.counts()).requests;
  await run(place);
  expect(await list(place)).toMatchObject([{ state: 'stored' }]);
  expect((await bot.control.counts()).requests).toBe(before + 1);

  const gone = await ticketWith(png);
  await bot.control.deleteChannel(gone.channelId);
  await bot.control.fault({ kind: 'status', status: 404, path: `/cdn/attachments/${gone.channelId}` });
  expect(await run(gone)).toBeNull();
  expect(await list(gone)).toMatchObject([{ state: 'failed', reason: 'gone' }]);
});

test('an object store that is away is waited for, however long', async () => {
  const place = await ticketWith(png);
  const away: Objects = { ...files, put: () => Promise.reject(new ObjectStoreError('timeout', 'away')) };
  for (let i = 0; i < 15; i += 1) expect(await run(place, { objects: away })).toBeGreaterThan(0);
  expect(await list(place)).toMatchObject([{ state: 'wanted', reason: 'store', attempts: 0 }]);
  await run(place);
  expect(await list(place)).toMatchObject([{ state: 'stored' }]);
});

test('erasing a ticket takes its files away, and leaves none that come later', async () => {
  const place = await ticketWith(png);
  await run(place);
  const [kept] = await list(place);
  await bot.ctx.db.query(sql`delete from graphile_worker._private_jobs`);
  await destroyKey(bot.ctx.db, place.guildId, place.ticketId);
  expect(await jobs(place)).toHaveLength(1);
  await run(place);
  expect(await list(place)).toMatchObject([{ state: 'erased', secret: null }]);
  expect(await files.get(kept?.objectKey ?? '', { maxBytes: 2_000 })).toBeNull();

  const wanted = await ticketWith(png);
  await destroyKey(bot.ctx.db, wanted.guildId, wanted.ticketId);
  await run(wanted);
  expect(await list(wanted)).toMatchObject([{ state: 'erased', objectKey: null }]);
});

test('files that an edit takes away stay kept, and those it adds are wanted', async () => {
  const place = await ticketWith(png);
  await run(place);
  const added = { id: '99', name: 'b.txt', sizeBytes: 1, contentType: null, url: 'https://cdn.example/b.txt' };
  const edit = { ...place, id: place.message.id, content: 'x', attachments: [added], editedAt: Date.now() };
  await editMessages(bot.ctx, [edit]);
  expect((await list(place)).map(({ state }) => state).sort()).toEqual(['stored', 'wanted']);
});

test('a channel is not deleted before its files are kept', async () => {
  const place = await ticketWith(png);
  const by = { id: guild.ownerId, roleIds: [], isOwner: true, hasManageGuild: true };
  await closeTicket(bot.ctx, place.guildId, { ticketId: place.ticketId, by, reason: null, at: Date.now() });
  const ticketJob = async () => {
    const added: { runAt?: Date }[] = [];
    const helpers = { job: { attempts: 1 }, addJob: async (_: string, __: unknown, spec: object) => added.push(spec) };
    await bot.tasks['ticket']?.({ guildId: place.guildId, ticketId: place.ticketId }, helpers as unknown as JobHelpers);
    return added;
  };
  const isThere = async () => (await bot.control.channels(guild.id)).some((one) => one.id === place.channelId);
  expect(await ticketJob()).toHaveLength(1);
  expect(await isThere()).toBe(true);
  await bot.ctx.db.query(sql`delete from graphile_worker._private_jobs`);
  await run(place);
  const queued = await bot.ctx.db.query(
    sql`select from graphile_worker._private_jobs where key = ${`ticket:${place.ticketId}`} and run_at <= now()`,
  );
  expect(queued).toHaveLength(1);
  await ticketJob();
  expect(await isThere()).toBe(false);
});
