import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { databaseStatement, readRows } from './client.ts';
import { ownTable } from './migrate.ts';
import { statementsOf } from './statements.ts';

const folder = new URL('./migrations/', import.meta.url);
const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).toSorted();
const migrations = [ownTable, ...(await Promise.all(files.map((file) => readFile(new URL(file, folder), 'utf8'))))];
const statements = migrations.flatMap((text) => statementsOf(text, { cluster: 'two', database: 'docket' }));

describe('statements of the migrations', () => {
  test('are on one server what the files say', () => {
    const alone = migrations.flatMap((text) => statementsOf(text, { cluster: null, database: 'docket' }));
    expect(alone.join('\n')).not.toMatch(/_local|Replicated|Distributed|\{engine\}/);
  });

  test('make on a cluster a replicated table of each, and one that is spread over them', () => {
    const made = statements.flatMap((one) => /^CREATE TABLE IF NOT EXISTS (\w+)/.exec(one)?.[1] ?? []);
    const spread = made.filter((name) => !name.endsWith('_local'));
    expect(spread).toEqual(expect.arrayContaining(['schema_migration', 'event', 'ticket', 'dead_letter']));
    for (const name of spread) {
      const of = (table: string): string => statements.find((one) => one.includes(` EXISTS ${table} `)) ?? '';
      expect(of(`${name}_local`)).toMatch(/ENGINE = Replicated(Replacing)?MergeTree/);
      expect(of(`${name}_local`)).toContain('replicated_deduplication_window = 0');
      expect(of(name)).toContain(`AS ${name}_local ENGINE = Distributed('two', 'docket', '${name}_local', `);
    }
    // FINAL merges what lies together: both tables of facts go by the server, and never by the id's low bits.
    for (const name of ['event', 'ticket']) {
      expect(statements).toContain(
        `CREATE TABLE IF NOT EXISTS ${name} AS ${name}_local ENGINE = Distributed('two', 'docket', '${name}_local', intHash64(guild_id))`,
      );
    }
  });

  test('of later migrations change both tables, or only the one with rows; others are refused', () => {
    const on = (text: string): string[] => statementsOf(text, { cluster: 'two', database: 'docket' });
    expect(on('ALTER TABLE event ADD COLUMN IF NOT EXISTS x UInt8;')).toEqual([
      'ALTER TABLE event_local ADD COLUMN IF NOT EXISTS x UInt8',
      'ALTER TABLE event ADD COLUMN IF NOT EXISTS x UInt8',
    ]);
    expect(on('ALTER TABLE event ADD INDEX IF NOT EXISTS i x TYPE minmax;')).toHaveLength(1);
    expect(() => on('ALTER TABLE event ADD COLUMN x UInt8;')).toThrow('no form for a cluster');
    expect(() => on('DROP TABLE event;')).toThrow('no form for a cluster');
    expect(() => on('CREATE TABLE IF NOT EXISTS other (x UInt8) ENGINE = {engine}MergeTree ORDER BY x;')).toThrow(
      'no sharding key',
    );
    expect(() => statementsOf(ownTable, { cluster: `a'`, database: 'docket' })).toThrow('not a cluster');
  });

  test('spread servers evenly, as their ids alone would not', async () => {
    const { client } = await testClickhouse({ migrated: false });
    const [counts] = await readRows<{ hashed: number; plain: number }>(
      client,
      `SELECT toUInt32(countIf(intHash64(g) % 2 = 0)) AS hashed, toUInt32(countIf(g % 2 = 0)) AS plain
       FROM (SELECT bitShiftLeft(toUInt64(281112312312 + number * 977), 22) AS g FROM numbers(10000))`,
    );
    expect(counts?.plain).toBe(10_000);
    expect(counts?.hashed).toBeGreaterThan(4_700);
    expect(counts?.hashed).toBeLessThan(5_300);
  });

  test('are read by the engine, the database’s too', async () => {
    const { client } = await testClickhouse({ migrated: false });
    for (const statement of [databaseStatement('docket', 'two'), databaseStatement('docket', null), ...statements]) {
      const tree = await client.query({ query: `EXPLAIN AST ${statement}`, format: 'TabSeparated' });
      expect(await tree.text(), statement).toContain('CreateQuery');
    }
  });
});

/*
 * The engine in a process of its own, which has a Keeper in memory, macros and a cluster of two shards, and makes the tables. It cannot serve other
 * hosts, so that a Replicated database and the rows' way are out of its reach; it does check every engine's arguments, settings and columns.
 */
const config = `<clickhouse>
  <zookeeper><implementation>testkeeper</implementation></zookeeper>
  <macros><shard>0</shard><replica>r0</replica></macros>
  <default_replica_path>/clickhouse/tables/{database}/{table}/{shard}</default_replica_path>
  <remote_servers><two>
    <shard><internal_replication>true</internal_replication><replica><host>127.0.0.1</host><port>1</port></replica></shard>
    <shard><internal_replication>true</internal_replication><replica><host>127.0.0.1</host><port>2</port></replica></shard>
  </two></remote_servers>
</clickhouse>`;
const program = `
import { createRequire } from 'node:module';
import { writeSync } from 'node:fs';
const { Session } = createRequire(process.argv[1])('chdb');
const [, , folder, config, statements] = process.argv;
const session = new Session(folder, { connectionArgs: ['--config-file=' + config] });
let said;
try {
  for (const one of JSON.parse(statements)) session.query(one);
  said = session.query("SELECT name, engine, partition_key, sorting_key FROM system.tables WHERE database = 'docket' ORDER BY name", 'JSONEachRow');
} catch (error) { said = String(error); }
writeSync(1, String(said));
process.kill(process.pid, 'SIGKILL'); // a replicated table without a way to other hosts does not close
`;

test('are tables that the engine makes', async () => {
  const place = await mkdtemp(join(tmpdir(), 'docket-cluster-'));
  try {
    await writeFile(join(place, 'config.xml'), config);
    const asked = [
      'CREATE DATABASE docket',
      'USE docket',
      ...statements,
      'ALTER TABLE docket.event ADD COLUMN IF NOT EXISTS later UInt8',
    ];
    const { stdout } = spawnSync(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        program,
        new URL('./client.ts', import.meta.url).pathname,
        join(place, 'data'),
        join(place, 'config.xml'),
        JSON.stringify(asked),
      ],
      { encoding: 'utf8', timeout: 60_000 },
    );
    const made = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { name: string; engine: string });
    expect(Object.fromEntries(made.map(({ name, engine }) => [name, engine]))).toEqual({
      dead_letter: 'Distributed',
      dead_letter_local: 'ReplicatedMergeTree',
      event: 'Distributed',
      event_local: 'ReplicatedReplacingMergeTree',
      schema_migration: 'Distributed',
      schema_migration_local: 'ReplicatedMergeTree',
      ticket: 'Distributed',
      ticket_local: 'ReplicatedReplacingMergeTree',
    });
  } finally {
    await rm(place, { recursive: true });
  }
});
