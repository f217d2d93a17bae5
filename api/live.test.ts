import { once } from 'node:events';
import { Agent, get } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { type Browser, type Fixture, newId, startFixture } from './fixture.ts';

const { pool, url } = await testDatabase();
const { client } = await testClickhouse();

let f: Fixture;
let origin: string;
let guild: { id: string; ownerId: string };
let owner: Browser;

beforeAll(async () => {
  f = await startFixture({ pool, url, clickhouse: client });
  await f.app.listen({ host: '127.0.0.1', port: 0 });
  origin = `http://127.0.0.1:${(f.app.server.address() as AddressInfo).port}`;
  guild = await f.addGuild();
  owner = await f.signIn(guild.ownerId, [guild.id]);
});
afterAll(() => f.app.close());

/** An open stream: `until` reads on until the text is there, and returns all that was read since the last time. */
async function openStream(guildId: string, browser: Browser) {
  const stop = new AbortController();
  const headers = { cookie: browser.cookie };
  const answer = await fetch(`${origin}/api/guilds/${guildId}/stream`, { headers, signal: stop.signal });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let read = '';
  return {
    answer,
    async until(text: string): Promise<string> {
      while (!read.includes(text)) {
        const { value, done } = (await reader?.read()) ?? { value: undefined, done: true };
        if (done) throw new Error(`the stream ended before "${text}": ${read}`);
        read += value;
      }
      const all = read;
      read = '';
      return all;
    },
    async ended(): Promise<boolean> {
      while (reader && !(await reader.read()).done);
      return true;
    },
    close: () => stop.abort(),
  };
}

const notify = (channel: string, payload: unknown) =>
  pool.pg.query('select pg_notify($1, $2)', [channel, JSON.stringify(payload)]);

describe('the stream of a guild', () => {
  it('opens with the headers of a stream', async () => {
    const stream = await openStream(guild.id, owner);
    expect(stream.answer.status).toBe(200);
    expect(stream.answer.headers.get('content-type')).toBe('text/event-stream');
    expect(stream.answer.headers.get('content-security-policy')).toContain("default-src 'self'");
    await stream.until('retry: 2000\n\n');
    stream.close();
  });

  it('hears of its own figures and tickets and of nothing else', async () => {
    const other = await f.addGuild();
    const stream = await openStream(guild.id, owner);
    const theirs = await openStream(other.id, await f.signIn(other.ownerId));
    await Promise.all([stream.until('retry:'), theirs.until('retry:')]);
    await notify('docket_figures', [other.id]);
    await theirs.until('event: figures');
    await notify('docket_tickets', [other.id, guild.id]);
    expect(await stream.until('event:')).toBe('event: tickets\ndata: {}\n\n');
    await notify('docket_figures', [guild.id]);
    expect(await stream.until('event:')).toBe('event: figures\ndata: {}\n\n');
    stream.close();
    theirs.close();
  });

  it('hears what concerns everybody', async () => {
    const stream = await openStream(guild.id, owner);
    await stream.until('retry:');
    await notify('docket_figures', 'all');
    expect(await stream.until('event:')).toContain('event: figures');
    stream.close();
  });

  it('hears of a burst once', async () => {
    const stream = await openStream(guild.id, owner);
    await stream.until('retry:');
    // One transaction: the notifications arrive together.
    const burst = Array.from({ length: 50 }, (_, i) => `select pg_notify('docket_tickets', '["${guild.id}","${i}"]')`);
    await pool.pg.query(`begin; ${burst.join('; ')}; commit`);
    const heard = await stream.until('event:');
    await notify('docket_figures', [guild.id]);
    const all = heard + (await stream.until('event: figures'));
    expect(all.match(/event: tickets/g)).toHaveLength(1);
    stream.close();
  });

  it('is told to read again after the listening connection broke', async () => {
    const stream = await openStream(guild.id, owner);
    await stream.until('retry:');
    await pool.pg.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'docket-listen' and datname = current_database()",
    );
    expect(await stream.until('event: tickets')).toContain('event: ');
    await notify('docket_figures', [guild.id]);
    await stream.until('event: figures');
    stream.close();
  });

  it('is open to ten pages of one person, not to eleven', async () => {
    const busy = await f.addGuild();
    const browser = await f.signIn(busy.ownerId, [busy.id]);
    const streams = await Promise.all(Array.from({ length: 10 }, () => openStream(busy.id, browser)));
    expect(streams.map(({ answer }) => answer.status)).toEqual(Array(10).fill(200));
    const refused = await fetch(`${origin}/api/guilds/${busy.id}/stream`, { headers: { cookie: browser.cookie } });
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([429, 'stream.full']);
    for (const stream of streams) stream.close();
  });

  it('does not open for members, keys or other guilds', async () => {
    const member = newId();
    f.discord.join(guild.id, member);
    expect((await f.get(`/api/guilds/${guild.id}/stream`, await f.signIn(member))).statusCode).toBe(403);
  });

  it('ends with the server, which waits for no reader', async () => {
    const second = await startFixture({ pool, url, clickhouse: client });
    second.discord.join(guild.id, guild.ownerId);
    await second.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = second.app.server.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}/api/guilds/${guild.id}/stream`, {
      headers: { cookie: owner.cookie },
    });
    const text = answer.text();
    await second.app.close();
    expect(await text).toContain('retry:');
  });

  it('lets the server end although readers went away and others keep their connections', async () => {
    const second = await startFixture({ pool, url, clickhouse: client });
    second.discord.join(guild.id, guild.ownerId);
    await second.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = second.app.server.address() as AddressInfo;
    const stop = new AbortController();
    const headers = { cookie: owner.cookie };
    const streams = Array.from({ length: 5 }, () =>
      fetch(`http://127.0.0.1:${port}/api/guilds/${guild.id}/stream`, { headers, signal: stop.signal }),
    );
    await Promise.all(streams);
    const agent = new Agent({ keepAlive: true, timeout: 600_000 });
    const kept = await new Promise<Socket>((resolve, reject) => {
      const request = get({ port, path: '/api/session', agent }, (answer) => {
        const { socket } = answer; // the agent takes it back when the answer has ended
        answer.resume().on('end', () => resolve(socket));
      });
      request.on('error', reject);
    });
    stop.abort();
    await second.app.close();
    if (!kept.destroyed) await once(kept, 'close');
    expect(kept.destroyed).toBe(true);
    agent.destroy();
  });
});
