import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { type RunningRole, runRole, startRole } from '#test/harness/role.ts';
import { createLog } from '#runtime/log.ts';
import { sql } from '#runtime/postgres.ts';
import { createControl } from '#simulator/client.ts';
import { startSimulator } from '#simulator/server.ts';
import { readGuild, upsertGuild } from '#tickets/store/guild.ts';

const { url: databaseUrl, pool } = await testDatabase();
const { url: clickhouseUrl, database, client } = await testClickhouse();
const emptyDir = mkdtempSync(join(tmpdir(), 'docket-roles-'));
const simulator = await startSimulator({
  port: 0,
  dataDir: null,
  guilds: 1,
  log: createLog({ role: 'test', level: 'silent' }),
});
const control = createControl(simulator.control);
const stores = { DATABASE_URL: databaseUrl, CLICKHOUSE_URL: `${clickhouseUrl}/${database}`, DATA_DIR: emptyDir };
const env = { ...stores, DISCORD_TOKEN: simulator.token, DISCORD_API_URL: simulator.api };
const guildId = simulator.guilds[0]?.id ?? '';
const running: RunningRole[] = [];

afterAll(async () => {
  await Promise.all(running.map((role) => role.end('SIGKILL')));
  await simulator.close();
  rmSync(emptyDir, { recursive: true, force: true });
});

test('an unknown role is answered with the list of roles', async () => {
  const { code, err, out } = await runRole(['nonsense']);
  expect(code).toBe(2);
  expect(err).toContain('There is no role "nonsense"');
  for (const name of ['up', 'cluster', 'worker', 'verify', 'doctor'])
    expect(err).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  expect(out).toBe('');
});

test('a wrong configuration lists all its problems with their fixes, and no value', async () => {
  const wrong = { PORT: 'many', DATABASE_URL: 'mysql://user:hush@host/db', HEALTH_PORT: '70000' };
  const { code, err } = await runRole(['api'], wrong);
  expect(code).toBe(2);
  for (const name of ['PORT', 'HEALTH_PORT', 'DATABASE_URL', 'CLICKHOUSE_URL', 'ENCRYPTION_KEY', 'DISCORD_TOKEN']) {
    expect(err).toMatch(new RegExp(`^- ${name} .+\\. .+`, 'm'));
  }
  expect(err).not.toContain('hush');
});

test('a malformed key is told as a problem of the configuration', async () => {
  const { code, err } = await runRole(['worker'], { ...env, ENCRYPTION_KEY: 'short' });
  expect(code).toBe(2);
  expect(err).toMatch(/^- ENCRYPTION_KEY: .*openssl rand -base64 32/);
});

test.each(['verify', 'rebuild', 'migrate', 'register'])('%s asks for npm start when nothing runs', async (role) => {
  const { code, err } = await runRole([role], { DATA_DIR: emptyDir });
  expect(code).toBe(2);
  expect(err).toContain('run npm start first');
});

test.each(['migrate', 'register'])('%s does not ask for what only those who speak to Kafka have', async (role) => {
  const sasl = { KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_SASL_USERNAME: 'docket' }; // and no password
  const { code, err } = await runRole([role], { ...env, KAFKA_BROKERS: 'nobody:9093', KAFKA_TLS: 'true', ...sasl });
  expect(err).not.toContain('KAFKA');
  expect(code).toBe(0);
});

test('key create prints the token alone and keeps only its hash', async () => {
  await upsertGuild(pool, guildId, { name: 'G', ownerId: '1', iconHash: null, memberCount: 1, locale: 'en-US' });
  const { code, out } = await runRole(['key', 'create', '--guild', guildId, '--scope', 'analytics:read'], env);
  expect(code).toBe(0);
  expect(out).toMatch(/^dk_[\w-]{43}\n$/);
  const kept = await pool.query<{ text: string; scopes: string[] }>(
    sql`select api_key::text as text, scopes from api_key`,
  );
  expect(kept).toMatchObject([{ scopes: ['analytics:read'] }]);
  expect(kept[0]?.text).not.toContain(out.trim());
});

test('key list shows what is kept of each key, key revoke ends one', async () => {
  const guild = '223456789012345678';
  await upsertGuild(pool, guild, { name: 'G', ownerId: '1', iconHash: null, memberCount: 1, locale: 'en-US' });
  const key = (...args: string[]) => runRole(['key', ...args, '--guild', guild], env);
  expect(await key('list')).toMatchObject({ code: 0, out: '' });
  const { out: token } = await key('create', '--scope', 'analytics:read', '--name', 'Grafana');
  const listed = await key('list');
  const { id, ...rest } = JSON.parse(listed.out);
  const createdAt = expect.stringMatching(/^\d{4}-.*Z$/);
  const kept = { name: 'Grafana', scopes: ['analytics:read'], createdBy: null, createdAt, lastUsedAt: null };
  expect(rest).toEqual({ ...kept, revokedAt: null });
  expect(listed.out).not.toContain(token.trim());
  const revoked = await key('revoke', '--key', String(id));
  expect([revoked.code, JSON.parse(revoked.out)]).toEqual([0, { id, ...kept, revokedAt: createdAt }]);
  expect(await key('list')).toMatchObject({ out: revoked.out });
  expect(await key('revoke', '--key', '999999')).toMatchObject({
    code: 2,
    err: expect.stringContaining('no such key'),
  });
});

test.each([['list', '--scope', 'analytics:read'], ['revoke'], ['revoke', '--key', 'x'], ['erase'], ['list', 'all']])(
  'key %s %s %s is answered with what may be asked',
  async (...args) => {
    const { code, err } = await runRole(['key', ...args.filter((arg) => arg !== undefined), '--guild', guildId], env);
    expect([code, err.match(/Usage: /g)?.length]).toEqual([2, 3]);
  },
);

test('key create refuses what it does not know', async () => {
  const usage = await runRole(['key', 'create', '--guild', guildId, '--scope', 'everything'], env);
  expect(usage).toMatchObject({ code: 2, err: expect.stringContaining('Usage') });
  const stranger = await runRole(['key', 'create', '--guild', '123456789012345678', '--scope', 'analytics:read'], env);
  expect(stranger).toMatchObject({ code: 2, err: expect.stringContaining('123456789012345678') });
});

test('entitle grants a server premium until a day, or takes it away', async () => {
  const guild = '323456789012345678';
  await upsertGuild(pool, guild, { name: 'G', ownerId: '1', iconHash: null, memberCount: 1, locale: 'en-US' });
  const entitle = (until: string, id = guild) => runRole(['entitle', '--guild', id, '--until', until], env);
  const granted = await entitle('2027-01-31');
  expect([granted.code, JSON.parse(granted.out)]).toEqual([
    0,
    { guildId: guild, entitledUntil: '2027-01-31T00:00:00.000Z' },
  ]);
  expect((await readGuild(pool, guild))?.entitledUntil).toBe(Date.UTC(2027, 0, 31));
  expect(JSON.parse((await entitle('none')).out)).toEqual({ guildId: guild, entitledUntil: null });
  expect((await readGuild(pool, guild))?.entitledUntil).toBeNull();
  for (const wrong of ['soon', '2027-02-31', '2027-01-31T12:00', ''])
    expect(await entitle(wrong), wrong).toMatchObject({ code: 2, err: expect.stringContaining('Usage') });
  expect(await entitle('2027-01-31', '123456789012345678')).toMatchObject({
    code: 2,
    err: expect.stringContaining('not in a server'),
  });
}, 60_000);

test('verify prints one line of JSON; a difference makes it end with 1', async () => {
  const clean = await runRole(['verify'], env);
  expect(clean.code).toBe(0);
  expect(JSON.parse(clean.out)).toMatchObject({ tickets: 0, differences: 0 });
  const row = { guild_id: guildId, ticket_id: 5, version: 1 };
  await client.insert({ table: 'ticket', values: [row], format: 'JSONEachRow' });
  const wrong = await runRole(['verify'], env);
  expect(wrong.code).toBe(1);
  expect(JSON.parse(wrong.out)).toMatchObject({ differences: 1 });
  expect(wrong.out.trim().split('\n')).toHaveLength(1);
});

test('rebuild says how much it told anew', async () => {
  const { code, out } = await runRole(['rebuild'], env);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ rows: 0 });
});

test('register sends the commands', async () => {
  expect(await runRole(['register'], env)).toMatchObject({ code: 0, out: expect.stringContaining('registered') });
});

test('doctor is content with a whole installation', async () => {
  const { code, out } = await runRole(['doctor'], env);
  expect(out).toContain('Nothing is wrong.');
  expect(code).toBe(0);
});

test('doctor names a withdrawn intent and how to mend it', async () => {
  const { flags } = await control.updateApplication({});
  await control.updateApplication({ flags: 0 });
  const { code, out } = await runRole(['doctor'], env);
  await control.updateApplication({ flags });
  expect(code).toBe(1);
  expect(out).toMatch(/^WRONG {2}The intent Message Content is off.*\n +→ Turn on/m);
  expect(out).toMatch(/^note {3}The intent Server Members is off/m);
});

test('doctor names what does not answer', async () => {
  const nowhere = 'http://127.0.0.1:9';
  const { code, out } = await runRole(['doctor'], {
    DATABASE_URL: 'postgres://u:p@127.0.0.1:9/x',
    CLICKHOUSE_URL: nowhere,
    DISCORD_TOKEN: simulator.token,
    DISCORD_API_URL: `${nowhere}/api`,
    DATA_DIR: emptyDir,
  });
  expect(code).toBe(1);
  for (const name of ['Postgres', 'ClickHouse', 'Discord'])
    expect(out).toMatch(new RegExp(`^WRONG {2}${name}.*\\n +→ `, 'm'));
  expect(out).not.toContain('u:p@');
});

test('doctor recognises a refused token', async () => {
  const { code, out } = await runRole(['doctor'], { ...env, DISCORD_TOKEN: 'MTIz.abc.def' });
  expect(code).toBe(1);
  expect(out).toMatch(/^WRONG {2}Discord at .* refuses the token\n +→ Copy/m);
});

test('simulator prints one line that others script against, and ends with 0', async () => {
  const role = startRole(['simulator', '--port', '0', '--guilds', '2']);
  running.push(role);
  const told = JSON.parse(await role.line(() => true));
  expect(Object.keys(told)).toEqual(
    expect.arrayContaining(['api', 'token', 'applicationId', 'publicKey', 'clientSecret', 'guilds', 'control']),
  );
  expect(told.guilds).toHaveLength(2);
  expect(Object.keys(told.guilds[0])).toEqual(expect.arrayContaining(['id', 'ownerId', 'memberIds', 'roleIds']));
  const { code, out } = await role.end('SIGINT');
  expect(code).toBe(0);
  expect(out.trim().split('\n')).toHaveLength(1);
});

test('an interrupted role that runs once ends with 1', async () => {
  // A lock that is never released keeps migrate waiting.
  const holder = await pool.pg.connect();
  await holder.query('select pg_advisory_lock(727001001)');
  const role = startRole(['migrate'], env);
  running.push(role);
  const waits = async (): Promise<boolean> =>
    (
      await pool.query(
        sql`select from pg_stat_activity where application_name = 'docket-migrate' and wait_event = 'advisory'`,
      )
    ).length > 0;
  await expect.poll(waits, { timeout: 20_000 }).toBe(true);
  expect((await role.end('SIGTERM')).code).toBe(1);
  await holder.query('select pg_advisory_unlock(727001001)');
  holder.release();
});

test.each(['analytics', 'worker', 'api'])('%s serves health on a free port and ends with 0', async (name) => {
  const key = Buffer.alloc(32, 1).toString('base64');
  const role = startRole([name], { ...env, ENCRYPTION_KEY: key, PORT: '0', HEALTH_PORT: '0', LOG_LEVEL: 'info' });
  running.push(role);
  const port = await new Promise<string>((resolve, reject) => {
    role.process.stderr?.on('data', (bytes: Buffer) => {
      const found = /"healthPort":(\d+)/.exec(bytes.toString());
      if (found?.[1]) resolve(found[1]);
    });
    void role.ended.then(({ err }) => reject(new Error(err)));
  });
  const ready = async (): Promise<unknown> => (await fetch(`http://127.0.0.1:${port}/readyz`)).json();
  await expect.poll(ready, { timeout: 20_000 }).toEqual({ ready: true, failures: {} });
  expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toContain('process_cpu');
  expect((await role.end('SIGTERM')).code).toBe(0);
});
