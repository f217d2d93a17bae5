import { accessSync, constants, mkdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import pg from 'pg';
import { clickhouseIsCurrent } from '#analytics/clickhouse/migrate.ts';
import { readRows } from '#analytics/clickhouse/client.ts';
import { readBreakers } from '#tickets/store/fleet/rest-lease.ts';
import { schemaIsCurrent } from '#tickets/store/migrate.ts';
import { type Db, type Sql, sql } from '#runtime/postgres.ts';
import { waitMs } from '#runtime/retry.ts';
import type { Finding } from '../doctor.ts';
import { clickhouseAt } from '../parts.ts';

const oldestNode = 24;
const leastFreeBytes = 2 * 1024 ** 3;
const notifiedWithinMs = 2_000;
const wordsOf = (error: unknown): string => {
  if (error instanceof AggregateError) return error.errors.map(wordsOf).join('; ');
  return error instanceof Error ? error.message : String(error);
};
const migrateFix = 'Run: npm run -s docket -- migrate';
const notRunning = 'Run npm start first, or set';

/** Node runs TypeScript as it is from version 24 on. */
export async function checkNode(): Promise<Finding[]> {
  const isOld = Number(process.versions.node.split('.')[0]) < oldestNode;
  if (!isOld) return [{ kind: 'ok', what: `Node ${process.versions.node}` }];
  return [
    {
      kind: 'wrong',
      what: `Node ${process.versions.node} is too old`,
      fix: 'Start Docket by npm, which brings its own Node.',
    },
  ];
}

/** The data folder can be written and the disk has room. */
export async function checkFolder(folder: string): Promise<Finding[]> {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    return [
      { kind: 'wrong', what: `The data folder: ${wordsOf(error)}`, fix: 'Let this user write there, or set DATA_DIR.' },
    ];
  }
  const { bavail, bsize } = await statfs(folder);
  const free = `${((bavail * bsize) / 1024 ** 3).toFixed(1)} GB free`;
  if (bavail * bsize >= leastFreeBytes) return [{ kind: 'ok', what: `The data folder ${folder}, ${free}` }];
  return [
    { kind: 'wrong', what: `The disk of ${folder} has ${free}`, fix: 'Make room: databases stop when a disk is full.' },
  ];
}

/** Whether a NOTIFY that goes out on one statement arrives at a LISTEN of an earlier one: through a transaction pooler it does not. */
async function hearsItself(client: pg.Client): Promise<boolean> {
  const heard = new Promise<true>((resolve) => {
    client.once('notification', () => resolve(true));
  });
  await client.query('listen docket_doctor');
  await client.query(`select pg_notify('docket_doctor', '')`);
  return Promise.race([heard, waitMs(notifiedWithinMs).then(() => false)]);
}

/** Whether a lock taken by one statement is still this connection's at the next. */
async function keepsLocks(client: pg.Client): Promise<boolean> {
  const key = 727_001_099;
  await client.query('select pg_advisory_lock($1)', [key]);
  await client.query('select pg_sleep(0)');
  const released = await client.query<{ was: boolean }>('select pg_advisory_unlock($1) as was', [key]);
  return released.rows[0]?.was === true;
}

/** Nobody has stopped asking Discord because it refused too much; nothing where there is no table yet. */
async function checkBreakers(db: Db): Promise<Finding[]> {
  const [table] = await db.query<{ exists: boolean }>(sql`select to_regclass('rest_lease') is not null as exists`);
  if (!table?.exists) return [];
  const fix =
    'Look for “Discord refused” in the log: a token that was changed, or permissions taken away. It goes on by itself.';
  return (await readBreakers(db)).flatMap(({ botId, openForMs, invalidCount }): Finding[] => {
    if (openForMs === 0) return [];
    const what = `Bot ${botId}: Discord is asked nothing for ${Math.ceil(openForMs / 1_000)} s, because it refused ${invalidCount} requests within 10 minutes (it bans at 10,000)`;
    return [{ kind: 'wrong', what, fix }];
  });
}

/** Postgres answers, by a session connection, with the schema of this version. */
export async function checkPostgres(url: string | undefined): Promise<Finding[]> {
  if (!url) return [{ kind: 'wrong', what: 'Postgres: none is known', fix: `${notRunning} DATABASE_URL.` }];
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined); // the statement under way throws it too
  try {
    await client.connect();
    const version = await client.query<{ v: string }>(`select current_setting('server_version') as v`);
    const findings: Finding[] = [{ kind: 'ok', what: `Postgres ${version.rows[0]?.v}` }];
    const isSession = (await hearsItself(client)) && (await keepsLocks(client));
    if (isSession) findings.push({ kind: 'ok', what: 'Postgres: LISTEN and locks work' });
    else {
      const fix = 'Let DATABASE_URL name the server itself, or a pooler in session mode.';
      findings.push({ kind: 'wrong', what: 'Postgres: LISTEN or locks do not survive a statement', fix });
    }
    const db = {
      query: async <Row>({ text, values }: Sql): Promise<Row[]> =>
        (await client.query({ text, values: [...values] })).rows as Row[],
    };
    if (await schemaIsCurrent(db)) findings.push({ kind: 'ok', what: 'Postgres: the schema is this version’s' });
    else findings.push({ kind: 'wrong', what: 'Postgres: the schema is not this version’s', fix: migrateFix });
    return [...findings, ...(await checkBreakers(db))];
  } catch (error) {
    return [{ kind: 'wrong', what: `Postgres: ${wordsOf(error)}`, fix: 'Start it, or correct DATABASE_URL.' }];
  } finally {
    await client.end().catch(() => undefined); // it may never have been open
  }
}

/** ClickHouse answers with the schema of this version. */
export async function checkClickhouse(url: string | undefined): Promise<Finding[]> {
  if (!url) return [{ kind: 'wrong', what: 'ClickHouse: none is known', fix: `${notRunning} CLICKHOUSE_URL.` }];
  const clickhouse = clickhouseAt(url);
  try {
    const [row] = await readRows<{ version: string }>(clickhouse, 'SELECT version() AS version');
    const answered: Finding = { kind: 'ok', what: `ClickHouse ${row?.version}` };
    if (await clickhouseIsCurrent(clickhouse)) {
      return [answered, { kind: 'ok', what: 'ClickHouse: the schema is this version’s' }];
    }
    return [answered, { kind: 'wrong', what: 'ClickHouse: the schema is not this version’s', fix: migrateFix }];
  } catch (error) {
    // Code 81: ClickHouse answers, but the database was never made.
    const isMissing = (error as { code?: unknown }).code === '81';
    const fix = isMissing ? migrateFix : 'Start it, or correct CLICKHOUSE_URL.';
    return [{ kind: 'wrong', what: `ClickHouse: ${wordsOf(error)}`, fix }];
  } finally {
    await clickhouse.close();
  }
}
