import { randomBytes } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { Readable } from 'node:stream';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';

// chdb behind HTTP is what embedded Docket has for ClickHouse: the ordinary client must not notice the difference.
const database = `t_${randomBytes(6).toString('hex')}`;
const url = inject('clickhouseUrl');
const settings = { output_format_json_quote_64bit_integers: 1 } as const;
// The errors that these tests provoke are no news.
const options = { url, clickhouse_settings: settings, log: { level: ClickHouseLogLevel.OFF } };
const server = createClient(options);
const client = createClient({ ...options, database });

const ask = async (query: string, params?: Record<string, unknown>): Promise<unknown[]> =>
  (await client.query({ query, format: 'JSONEachRow', ...(params ? { query_params: params } : {}) })).json();

beforeAll(async () => {
  await server.command({ query: `create database ${database}` });
  await client.command({ query: 'create table fact (id UInt64, word String) engine = MergeTree order by id' });
});

afterAll(async () => {
  await server.command({ query: `drop database ${database}` });
  await Promise.all([server.close(), client.close()]);
});

test('values travel as parameters, whatever they hold', async () => {
  const word = `it's a \\ "mix"\n; drop table fact -- ✓`;
  expect(await ask('select {word:String} as word, {id:UInt64} as id', { word, id: '1234567890123456789' })).toEqual([
    { word, id: '1234567890123456789' },
  ]);
});

test('rows are inserted as objects and as a stream of lines, and both report what they wrote', async () => {
  const values = [{ id: '1', word: 'one' }];
  const first = await client.insert({ table: 'fact', values, columns: ['id', 'word'], format: 'JSONEachRow' });
  expect(first.summary?.written_rows).toBe('1');
  const lines = Readable.from([Buffer.from('2\ttwo\n3\tth'), Buffer.from('ree\n')], { objectMode: false });
  await client.insert({ table: 'fact', values: lines, format: 'TabSeparated' });
  expect(await ask('select word from fact order by id')).toEqual([{ word: 'one' }, { word: 'two' }, { word: 'three' }]);
});

test('settings and temporary state of one request do not reach the next', async () => {
  const setting = { max_execution_time: 7 };
  const name = `select value from system.settings where name = 'max_execution_time'`;
  const set = await client.query({ query: name, format: 'JSONEachRow', clickhouse_settings: setting });
  expect(await set.json()).toEqual([{ value: '7' }]);
  expect(await ask(name)).toEqual([{ value: '0' }]);
});

test('errors carry the code and type that ClickHouse gives them', async () => {
  await expect(ask('select * from missing')).rejects.toMatchObject({ code: '60', type: 'UNKNOWN_TABLE' });
  await expect(ask('selec 1')).rejects.toMatchObject({ code: '62', type: 'SYNTAX_ERROR' });
  const values = [{ id: 'no number', word: '' }];
  await expect(client.insert({ table: 'fact', values, format: 'JSONEachRow' })).rejects.toMatchObject({ code: '27' });
  expect(await ask('select 1 as one')).toEqual([{ one: 1 }]);
});

test('a query whose client goes away is cancelled inside the engine', async () => {
  const marker = randomBytes(6).toString('hex');
  const counting = `select count() as n from system.processes where position(query, '${marker}') > 0
    and position(query, 'processes') = 0`;
  const gone = new AbortController();
  const endless = client.query({
    query: `select sleepEachRow(0.1), '${marker}' from numbers(6000) settings max_block_size = 1`,
    abort_signal: gone.signal,
  });
  const outcome = endless.then(
    () => 'answered',
    () => 'refused',
  );
  await expect.poll(() => ask(counting), { timeout: 20_000 }).toEqual([{ n: '1' }]);
  gone.abort();
  expect(await outcome).toBe('refused');
  await expect.poll(() => ask(counting), { timeout: 20_000 }).toEqual([{ n: '0' }]);
});

test('many requests at once get their own answers', async () => {
  const asked = Array.from({ length: 100 }, (_, n) => n);
  const answers = await Promise.all(
    asked.map((n) =>
      n % 5 === 4 ? ask('select * from missing').catch(() => 'refused') : ask('select {n:UInt8} as n', { n }),
    ),
  );
  expect(answers).toEqual(asked.map((n) => (n % 5 === 4 ? 'refused' : [{ n }])));
});

test('it listens on the loopback address only', async () => {
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((address) => address && !address.internal && address.family === 'IPv4');
  // A machine without a network has no other address to be reached at.
  const host = outside?.address ?? '127.0.0.2';
  await expect(
    fetch(`http://${host}:${new URL(url).port}/ping`, { signal: AbortSignal.timeout(2_000) }),
  ).rejects.toThrow();
});
