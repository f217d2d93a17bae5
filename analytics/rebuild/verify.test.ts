import { beforeAll, describe, expect, test } from 'vitest';
import { createLog } from '#runtime/log.ts';
import { sql } from '#runtime/postgres.ts';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { makeHistory } from '#test/oracle/history.ts';
import { storeHistories } from '#test/oracle/store.ts';
import { record } from '#test/oracle/tell.ts';
import type { LogRow } from '#tickets/events.ts';
import { appendOutbox, deleteOutbox, takeOutbox } from '#tickets/store/fleet/outbox.ts';
import { createIngest } from '../ingest/ingest.ts';
import { rebuild } from './rebuild.ts';
import { verify } from './verify.ts';

const { client: clickhouse } = await testClickhouse();
const { pool } = await testDatabase();
const log = createLog({ role: 'test', level: 'silent' });
const deps = { pool, clickhouse, log };
const ingest = createIngest(deps);
const never = new AbortController().signal;

const stored = Array.from({ length: 12 }, (_, i) => {
  const history = makeHistory(i);
  return { history, recorded: history.tickets.map((ticket) => record(history, ticket, ticket.id)) };
});
const recorded = stored.flatMap((one) => one.recorded);
const rows = recorded.flatMap((one) => one.rows);

/** A row of a ticket that has several, as it was last told. */
function someEvent(): { row: LogRow & { kind: 'event' }; version: number } {
  const one = recorded.find(({ ticket, entries }) => ticket.version > 3 && entries.length > 3);
  const row = one?.rows.find((candidate) => candidate.kind === 'event');
  if (!one || row?.kind !== 'event') throw new Error('no such ticket');
  return { row, version: one.ticket.version };
}

describe('verify', () => {
  beforeAll(async () => {
    await storeHistories(pool, stored);
    await ingest(rows, never);
  });

  test('finds nothing where all arrived', async () => {
    const verdict = await verify(deps);
    expect(verdict).toMatchObject({ tickets: recorded.length, differences: 0, listed: [], newer: 0, deadLetters: 0 });
    expect(verdict.rows).toBeGreaterThan(recorded.length);
  });

  test('finds what is missing, different, or too much, and nothing else', async () => {
    const { row, version } = someEvent();
    const key = `event ${row.row.guild_id}/${row.row.ticket_id}/${row.row.name}/${row.row.id}`;

    await ingest([{ kind: 'event', row: { ...row.row, version, owner_id: 77 } }], never);
    expect(await verify(deps)).toMatchObject({
      differences: 1,
      listed: [{ what: 'different', key, columns: ['owner_id'] }],
    });

    await ingest([{ kind: 'event', row: { ...row.row, version, deleted: 1 } }], never);
    expect(await verify(deps)).toMatchObject({ differences: 1, listed: [{ what: 'missing', key }] });

    await ingest([{ kind: 'event', row: { ...row.row, version, id: 4_242 } }], never);
    const extra = key.replace(/[^/]*$/, '4242');
    const { listed } = await verify(deps);
    expect(listed.map(({ what, key: of }) => `${what} ${of}`).toSorted()).toEqual([
      `missing ${key}`,
      `unexpected ${extra}`,
    ]);

    await ingest([{ kind: 'event', row: { ...row.row, version, id: 4_242, deleted: 1 } }], never);
    await ingest([{ kind: 'event', row: { ...row.row, ticket_id: 5 } }], never);
    const strange = await verify(deps, { guildId: String(row.row.guild_id) });
    expect(strange.listed).toContainEqual({ what: 'unexpected', key: key.replace(`/${row.row.ticket_id}/`, '/5/') });
    await ingest([{ kind: 'event', row: { ...row.row, ticket_id: 5, version: 9, deleted: 1 } }], never);
  });

  test('does not mind rows that are newer than its snapshot', async () => {
    const { row, version } = someEvent();
    await ingest([{ kind: 'event', row: { ...row.row, version: version + 1, owner_id: 78 } }], never);
    expect(await verify(deps)).toMatchObject({ differences: 0, newer: 1 });
  });

  test('waits for the outbox rows of its snapshot, and says so when nobody takes them', async () => {
    const { row } = someEvent();
    await appendOutbox(pool, [{ kind: 'event', guildId: String(row.row.guild_id), ticketId: 1, row: row.row }]);
    const late = await verify(deps, { deadlineMs: 0 });
    expect(late.listed).toEqual([{ what: 'undrained', key: '1 rows' }]);

    const waiting = verify(deps);
    const [waits] = await takeOutbox(pool, 1);
    if (waits) await deleteOutbox(pool, [waits.id]);
    expect(await waiting).toMatchObject({ differences: 0 });
  });

  test('finds facts that are not what the entries imply; a rebuild mends all of it', async () => {
    const { row, version } = someEvent();
    const guildId = String(row.row.guild_id);
    await pool.query(sql`
      update ticket set facts = jsonb_set(facts, '{replies}', '99')
      where guild_id = ${guildId} and id = ${row.row.ticket_id}`);
    await ingest([{ kind: 'event', row: { ...row.row, version: version + 1, deleted: 1 } }], never);
    await pool.query(sql`update ticket set version = version + 1 where guild_id = ${guildId}`);
    const before = await verify(deps);
    expect(new Set(before.listed.map(({ what }) => what))).toEqual(new Set(['facts', 'missing']));

    const told = await rebuild(deps, { guildId });
    const batch = await takeOutbox(pool, told.rows + 1);
    expect(batch).toHaveLength(told.rows);
    await ingest(batch, never);
    await deleteOutbox(
      pool,
      batch.map(({ id }) => id),
    );
    expect(await verify(deps)).toMatchObject({ differences: 0, listed: [] });
  });
});
