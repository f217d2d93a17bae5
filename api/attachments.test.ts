import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql } from '#runtime/postgres.ts';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { destroyKey } from '#tickets/store/ticket.ts';
import type { Ticket } from '#tickets/ticket.ts';
import { type Browser, type Fixture, newId, startFixture } from './fixture.ts';
import { addTeam, keptFile, openedTicket } from './fixture-tickets.ts';
import { dispositionOf } from './routes/attachment.ts';

const { pool, url } = await testDatabase();
const { client } = await testClickhouse();

let f: Fixture;
let guild: { id: string; ownerId: string };
let owner: Browser;
let ticket: Ticket;

beforeAll(async () => {
  f = await startFixture({ pool, url, clickhouse: client });
  guild = await f.addGuild();
  owner = await f.signIn(guild.ownerId, [guild.id]);
  ticket = await openedTicket(f, guild.id);
});
afterAll(() => f.app.close());

const listed = async (of: Ticket = ticket) => {
  const answer = await f.get(`/api/guilds/${guild.id}/tickets/${of.id}/transcript`, owner);
  return (answer.json().messages as { id: string; attachments: Record<string, unknown>[] }[]).flatMap(
    ({ attachments }) => attachments,
  );
};

describe('a file of a ticket', () => {
  it('is listed in the transcript and served byte for byte, as a download', async () => {
    const bytes = Buffer.from([0, 255, 13, 10, 60]);
    const file = await keptFile(f, ticket, { name: 'Rechnung "März".pdf', contentType: 'application/pdf', bytes });
    expect((await listed()).find(({ id }) => id === file.id)).toEqual({
      id: file.id,
      name: 'Rechnung "März".pdf',
      sizeBytes: 5,
      contentType: 'application/pdf',
      state: 'stored',
      reason: null,
      url: file.url,
      isPicture: false,
    });
    const answer = await f.get(file.url, owner);
    expect(answer.statusCode).toBe(200);
    expect(answer.rawPayload).toEqual(bytes);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="Rechnung__M_rz_.pdf"; filename*=UTF-8''Rechnung%20%22M%C3%A4rz%22.pdf`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
      'cache-control': 'no-store',
    });
  });

  it('is shown only when it is a picture without scripts', async () => {
    const typeOf = async (contentType: string | null) => {
      const file = await keptFile(f, ticket, { contentType });
      const { headers } = await f.get(file.url, owner);
      return [headers['content-type'], String(headers['content-disposition']).split(';')[0]];
    };
    expect(await typeOf('image/png')).toEqual(['image/png', 'inline']);
    for (const type of ['image/svg+xml', 'text/html', 'text/html; image/png', 'application/xhtml+xml', null])
      expect(await typeOf(type)).toEqual(['application/octet-stream', 'attachment']);
  });

  it('is for those who may read the transcript, and for nobody else', async () => {
    const [openerId, staffId, otherStaffId, strangerId] = [newId(), newId(), newId(), newId()];
    const { panelId } = await addTeam(f, guild.id, { name: 'Its team', staffIds: [staffId] });
    await addTeam(f, guild.id, { name: 'Another', staffIds: [otherStaffId] });
    f.discord.join(guild.id, strangerId);
    const file = await keptFile(f, await openedTicket(f, guild.id, { openerId, panelId }));
    const codeFor = async (userId: string) => (await f.get(file.url, await f.signIn(userId, []))).statusCode;
    const codes = await Promise.all([guild.ownerId, openerId, staffId, otherStaffId, strangerId, newId()].map(codeFor));
    expect(codes).toEqual([200, 200, 200, 404, 404, 404]);
    expect((await f.get(file.url)).statusCode).toBe(401);
  });

  it('is reached through its own ticket and server alone', async () => {
    const file = await keptFile(f, ticket);
    const other = await openedTicket(f, guild.id);
    const elsewhere = await f.addGuild({ ownerId: guild.ownerId });
    for (const path of [`${guild.id}/tickets/${other.id}`, `${elsewhere.id}/tickets/${ticket.id}`]) {
      expect((await f.get(`/api/guilds/${path}/attachments/${file.id}`, owner)).statusCode).toBe(404);
    }
  });

  it('that is not kept is told with its reason, and not served', async () => {
    const file = await keptFile(f, ticket, { isKept: false });
    expect((await listed()).find(({ id }) => id === file.id)).toMatchObject({ state: 'wanted', isPicture: false });
    expect((await f.get(file.url, owner)).json()).toMatchObject({ status: 404, code: 'attachment.unknown' });
    await pool.query(sql`update attachment set state = 'refused', reason = 'too-large' where id = ${file.id}`);
    expect((await listed()).find(({ id }) => id === file.id)).toMatchObject({
      state: 'refused',
      reason: 'too-large',
      url: expect.stringContaining('cdn.discordapp.com'),
    });
    expect((await f.get(file.url, owner)).statusCode).toBe(404);
    await pool.query(sql`delete from attachment where id = ${file.id}`);
    expect((await listed()).find(({ id }) => id === file.id)).toMatchObject({ state: 'failed', reason: 'before' });
  });

  it('that was changed in the store, or is not there, is never served', async () => {
    const file = await keptFile(f, ticket);
    const [row] = await pool.query<{ key: string }>(
      sql`select object_key as key from attachment where id = ${file.id}`,
    );
    const other = await keptFile(f, ticket);
    const [another] = await pool.query<{ key: string }>(
      sql`select object_key as key from attachment where id = ${other.id}`,
    );
    const bytes = await f.deps.objects.get(another?.key ?? '', { maxBytes: 1_000 });
    await f.deps.objects.put(row?.key ?? '', bytes ?? Buffer.alloc(0));
    expect((await f.get(file.url, owner)).statusCode).toBe(500);
    await f.deps.objects.delete(row?.key ?? '');
    expect((await f.get(file.url, owner)).json()).toMatchObject({
      status: 503,
      code: 'objects.unavailable',
      reference: expect.any(String),
    });
  });

  it('is gone at once when its ticket is erased', async () => {
    const erased = await openedTicket(f, guild.id);
    const file = await keptFile(f, erased, { name: 'secret.png', contentType: 'image/png' });
    await destroyKey(pool, guild.id, erased.id);
    expect(await listed(erased)).toMatchObject([{ name: null, state: 'erased', reason: 'erased', url: null }]);
    expect((await f.get(file.url, owner)).statusCode).toBe(404);
  });
});

it('a file’s name can neither end the header nor break a browser', () => {
  expect(dispositionOf('a\r\nset-cookie: x', false)).not.toMatch(/[\r\n]/);
  expect(dispositionOf('\ud800.png', true)).toContain('inline; filename="_.png"');
  expect(dispositionOf('', false)).toContain('filename="file"');
});
