import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { REST } from '@discordjs/rest';
import { afterAll, expect, test } from 'vitest';
import { testDatabase } from '#test/harness/postgres.ts';
import { createLog } from './log.ts';
import { sql } from './postgres.ts';

const secrets = {
  password: 'hunter2-of-postgres',
  interactionToken: 'aW50ZXJhY3Rpb246MTIzNDU2Nzg5',
  content: 'what a member wrote',
  botToken: 'MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcDE.abcdefghijklmnopqrstuvwxyz0123456789AB',
  clickhousePassword: 'hunter2-of-clickhouse',
  row: 'a row of somebody',
};

/** What a log makes of one call. Fails when a secret is in it. */
function logged(write: (log: ReturnType<typeof createLog>) => void): Record<string, unknown> & { err: never } {
  let line = '';
  write(createLog({ role: 'test', to: { write: (text) => (line += text) } }));
  for (const value of Object.values(secrets)) expect(line).not.toContain(value);
  expect(line).not.toContain('requestBody');
  return JSON.parse(line);
}

/** A server that refuses everything. */
const refusing = createServer((request, response) => {
  request.resume();
  response.writeHead(request.url?.includes('query') ? 500 : 404, { 'content-type': 'application/json' });
  const problem = { message: 'Unknown Webhook', code: 10_015 };
  response.end(
    request.url?.includes('query') ? 'Code: 60. DB::Exception: no table. (UNKNOWN_TABLE)' : JSON.stringify(problem),
  );
});
await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
const { port } = refusing.address() as AddressInfo;
afterAll(() => refusing.close());

const rejection = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => expect.unreachable('it was not refused'),
    (error: unknown) => error,
  );

test('a broken connection to Postgres tells its code, not the connection with its password', async () => {
  const { pool } = await testDatabase();
  const client = await pool.pg.connect();
  const broken = new Promise<unknown>((resolve) => pool.pg.once('error', resolve));
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const other = await pool.pg.connect();
  client.release();
  await other.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
  const error = await broken;
  other.release();
  const { client: held } = error as { client?: { connectionParameters: { password: string } } };
  if (!held) throw new Error('pg gives its errors no client any more: this test shows nothing');
  Object.assign(held.connectionParameters, { password: secrets.password });
  const { err } = logged((log) => log.warn({ err: error }, 'database connection broke'));
  expect(err).toMatchObject({ type: 'DatabaseError', code: '57P01', severity: 'FATAL', message: expect.any(String) });
  expect(err).not.toHaveProperty('client');
});

test('a refused row tells its constraint, not itself', async () => {
  const { pool } = await testDatabase();
  await pool.pg.query('create table thing (words text primary key)');
  const insert = () => pool.query(sql`insert into thing values (${secrets.row})`);
  await insert();
  const error = await rejection(insert());
  const { err } = logged((log) => log.error({ err: error }, 'failed'));
  expect(err).toMatchObject({ code: '23505', table: 'thing', constraint: 'thing_pkey', stack: expect.any(String) });
});

test('an error of Discord tells code, status and path, without body and interaction token', async () => {
  const rest = new REST({ api: `http://127.0.0.1:${port}/api`, version: '10', retries: 0 }).setToken(secrets.botToken);
  const route = `/webhooks/123456789012345678/${secrets.interactionToken}/messages/@original` as const;
  const error = await rejection(rest.patch(route, { body: { content: secrets.content } }));
  expect(error).toMatchObject({ requestBody: { json: { content: secrets.content } } });
  expect(logged((log) => log.error({ err: error }, 'refused')).err).toMatchObject({
    type: 'DiscordAPIError',
    code: 10_015,
    status: 404,
    method: 'PATCH',
    path: '/api/v10/webhooks/123456789012345678/[redacted]/messages/@original',
  });
});

test('an error of ClickHouse tells its code, not the client that it came from', async () => {
  const url = `http://docket:${secrets.clickhousePassword}@127.0.0.1:${port}`;
  const client = createClient({ url, log: { level: ClickHouseLogLevel.OFF } });
  const error = await rejection(client.query({ query: 'select 1' }));
  await client.close();
  Object.assign(error as object, { config: { url }, request: { headers: { authorization: `Basic ${url}` } } });
  const { err } = logged((log) => log.error({ err: error }, 'failed'));
  expect(err).toMatchObject({ type: 'ClickHouseError', code: '60' });
  expect(err).not.toHaveProperty('config');
});

test('causes and the parts of an AggregateError are told, each without its secrets', () => {
  const inner = Object.assign(new TypeError('Invalid URL'), {
    code: 'ERR_INVALID_URL',
    input: `postgres://docket:${secrets.password}@h`,
  });
  const refusal = Object.assign(new Error(`connect to postgres://u:${secrets.password}@db:5432/x failed`), {
    cause: inner,
  });
  const all = new AggregateError([refusal, 'a text'], 'nothing answered', { cause: refusal });
  expect(logged((log) => log.error({ err: all }, 'failed')).err).toMatchObject({
    type: 'AggregateError',
    message: 'nothing answered',
    cause: { message: 'connect to postgres://[redacted]@db:5432/x failed', cause: { code: 'ERR_INVALID_URL' } },
    errors: [{ cause: { type: 'TypeError' } }, { type: 'string', message: 'a text' }],
  });
});

test('an error that is its own cause ends', () => {
  const error = new Error('round');
  error.cause = error;
  expect(logged((log) => log.error({ err: error }, 'failed')).err).toMatchObject({
    cause: { message: 'its own cause' },
  });
});

test('an error under any other name is told the same way', () => {
  const error = Object.assign(new Error('x'), { client: { password: secrets.password } });
  expect(logged((log) => log.error({ reason: error }, 'failed'))).toMatchObject({
    reason: { type: 'Error', message: 'x' },
  });
});

test.each([
  [`Authorization: Bot ${secrets.botToken}`],
  [`token=${secrets.interactionToken}&x=1`],
  [`Bearer dk_${'a'.repeat(43)}`],
  [`Unexpected token 'w', "${secrets.content}" is not valid JSON`],
])('a message that quotes a secret is told without it: %s', (text) => {
  const { err } = logged((log) => log.error({ err: new Error(text) }, 'failed'));
  expect(JSON.stringify(err)).not.toContain('aaaaaaaa');
});

test('where an error was thrown stays readable', () => {
  const { err } = logged((log) => log.error({ err: new Error('x') }, 'failed'));
  expect((err as { stack: string }).stack).toContain('log.test.ts');
  const stack = 'Error: x\n    at file:///app/node_modules/@discordjs/rest/dist/index.mjs:10:5';
  const library = Object.assign(new Error('x'), { stack });
  expect(logged((log) => log.error({ err: library }, 'failed')).err).toMatchObject({ stack });
});
