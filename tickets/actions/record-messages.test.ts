import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sql } from '#runtime/postgres.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { type LogRow, rowKey } from '../events.ts';
import { secondsBetween } from '../facts.ts';
import { tellAll } from '../rows.ts';
import { createScene, type Scene } from '../scene.ts';
import { entriesOf, retellTickets } from '../store/fleet/history.ts';
import { clocksOf } from '../store/fleet/schedule.ts';
import { expectedRows } from '../store/fleet/verify.ts';
import { insertOutgoing } from '../store/outgoing.ts';
import { insertSchedule, writeScheduleVersion } from '../store/schedule.ts';
import { destroyKey, readTicket } from '../store/ticket.ts';
import { readTranscript } from '../store/transcript.ts';
import type { Ticket } from '../ticket.ts';
import { activateTicket } from './activate.ts';
import { addMember } from './add-member.ts';
import { addStaff } from './add-staff.ts';
import { attachChannel } from './attach-channel.ts';
import { claimTicket } from './claim.ts';
import { closeTicket } from './close.ts';
import { deleteMessages, editMessages } from './edit-messages.ts';
import { type IncomingMessage, recordMessages } from './record-messages.ts';

const { pool } = await testDatabase();

/** The rows that ClickHouse would be left with: of each key the highest version, as outbox order and duplicates do not matter. */
async function toldOf(ticket: Ticket): Promise<Map<string, LogRow>> {
  const rows = await pool.query<LogRow>(sql`select kind, row from outbox where ticket_id = ${ticket.id} order by id`);
  const last = new Map<string, LogRow>();
  for (const row of rows) {
    const before = last.get(rowKey(row));
    // Two contents of one key never have one version (promise 2 of the schema in ClickHouse).
    if (before) expect(before.row.version).toBeLessThan(row.row.version);
    last.set(rowKey(row), row);
  }
  return last;
}

const withoutVersion = (rows: Iterable<LogRow>) =>
  [...rows].map(({ kind, row }) => ({ kind, row: { ...row, version: 0 } })).sort((a, b) => (key(a) < key(b) ? -1 : 1));
const key = (row: { kind: string; row: unknown }): string => rowKey(row as LogRow);

/** What the stored entries say must be what was told. */
async function expectTold(ticket: Ticket): Promise<void> {
  const entries = (await entriesOf(pool, [{ guildId: ticket.guildId, ticketId: ticket.id }])).get(ticket.id) ?? [];
  const now = await readTicket(pool, ticket.guildId, ticket.id);
  const office = now ? (await clocksOf(pool, [now]))(now) : secondsBetween;
  const all = tellAll(ticket, entries, { version: 0, office });
  expect(now?.facts).toEqual(all.facts);
  // `replies` alone does not write a snapshot, so the last one may lag behind in it.
  const noReplies = (rows: ReturnType<typeof withoutVersion>) =>
    rows.map(({ kind, row }) => ({ kind, row: kind === 'ticket' ? { ...row, replies: 0 } : row }));
  expect(noReplies(withoutVersion((await toldOf(ticket)).values()))).toEqual(noReplies(withoutVersion(all.rows)));
}

describe('a batch', () => {
  test('is stored, sealed, folded and told; delivered again it changes nothing', async () => {
    const scene = await createScene(pool);
    const opener = scene.person();
    const ticket = await scene.open(opener);
    const batch = [
      scene.message(ticket, opener, 10),
      scene.message(ticket, scene.staff, 100, { content: 'We look into it.' }),
      scene.message(ticket, scene.staff, 130),
    ];
    await recordMessages(scene.ctx, [...batch, ...batch]);
    const once = await readTicket(pool, scene.guildId, ticket.id);
    expect(once).toMatchObject({
      version: ticket.version + 1,
      facts: { replies: 1, firstResponseS: 100, firstResponseBy: scene.staff.id, waitingSince: null },
    });
    const told = await toldOf(ticket);
    expect(told.size).toBe(5); // opened, three messages, the snapshot
    await recordMessages(scene.ctx, batch.toReversed());
    expect(await readTicket(pool, scene.guildId, ticket.id)).toEqual({ ...once, version: once?.version });
    expect(await toldOf(ticket)).toEqual(told);

    const { messages } = await readTranscript(pool, scene.ctx.keys, scene.guildId, ticket.id);
    expect(messages.map((message) => message.body?.content)).toEqual([
      'after 10 seconds',
      'We look into it.',
      'after 130 seconds',
    ]);
    const [leak] = await pool.query<{ count: number }>(sql`
      select count(*) as count from outbox where ticket_id = ${ticket.id} and row::text like '%look into%'`);
    expect(leak?.count).toBe(0);
  });

  test('holds messages of many tickets and servers, and of none', async () => {
    const [one, other] = [await createScene(pool), await createScene(pool)];
    const tickets = await Promise.all([one.open(one.person()), one.open(one.person()), other.open(other.person())]);
    const strange = one.message({ ...tickets[0], id: 999, channelId: '99' }, one.staff, 5, { ticketId: null });
    const foreign = one.message(tickets[0], one.staff, 6, { guildId: other.guildId });
    const ofStaff = tickets.map((ticket, i) =>
      (i < 2 ? one : other).message(ticket, i < 2 ? one.staff : other.staff, 9),
    );
    await recordMessages(one.ctx, [strange, foreign]);
    for (const ticket of tickets) expect(await readTicket(pool, ticket.guildId, ticket.id)).toEqual(ticket);
    // The keys of two scenes differ, so each server's messages go through its own context here.
    await recordMessages(one.ctx, ofStaff.slice(0, 2));
    await recordMessages(other.ctx, ofStaff.slice(2));
    for (const ticket of tickets) {
      expect((await readTicket(pool, ticket.guildId, ticket.id))?.facts.replies).toBe(1);
    }
  });

  test('messages whose ticket the gateway does not know are found by their channel', async () => {
    const scene = await createScene(pool);
    const ticket = await scene.open(scene.person());
    await recordMessages(scene.ctx, [scene.message(ticket, scene.staff, 5, { ticketId: null })]);
    expect((await readTicket(pool, scene.guildId, ticket.id))?.facts.replies).toBe(1);
  });

  test('a message in a channel whose topic names another channel’s ticket is none of its entries', async () => {
    const scene = await createScene(pool);
    const ticket = await scene.open(scene.person());
    await recordMessages(scene.ctx, [scene.message(ticket, scene.staff, 5, { channelId: scene.id() })]);
    expect(await readTicket(pool, scene.guildId, ticket.id)).toEqual(ticket);
  });

  test('two batches of the same tickets in opposite orders do not wait for each other for ever', async () => {
    const scene = await createScene(pool);
    const tickets = await Promise.all(Array.from({ length: 20 }, () => scene.open(scene.person())));
    const batches = Array.from({ length: 6 }, (_, i) => {
      const batch = tickets.map((ticket) => scene.message(ticket, scene.staff, i * 100));
      return i % 2 === 0 ? batch : batch.toReversed();
    });
    await Promise.all(batches.map((batch) => recordMessages(scene.ctx, batch)));
    for (const ticket of tickets) {
      expect((await readTicket(pool, scene.guildId, ticket.id))?.facts.replies).toBe(6);
      await expectTold(ticket);
    }
  });

  test('a message before the channel is known is stored by its ticket and told with the opening', async () => {
    const scene = await createScene(pool);
    const opener = scene.person();
    const ticket = await scene.reserve(opener);
    await recordMessages(scene.ctx, [scene.message(ticket, opener, 1), scene.message(ticket, scene.staff, 2)]);
    expect((await toldOf(ticket)).size).toBe(0);
    const attached = await attachChannel(scene.ctx, scene.guildId, { ticketId: ticket.id, channelId: scene.id() });
    await recordMessages(scene.ctx, [scene.message(attached, opener, 3)]);
    await activateTicket(scene.ctx, scene.guildId, { ticketId: ticket.id });
    expect((await toldOf(ticket)).size).toBe(5);
    await expectTold(ticket);
  });
});

describe('who wrote', () => {
  test('is decided by the configuration in force when it is recorded', async () => {
    const scene = await createScene(pool);
    const opener = scene.person();
    const ticket = await scene.open(opener);
    const [friend, onlooker, bot] = [scene.person(), scene.person(), scene.person()];
    const roleId = scene.id();
    await addMember(scene.ctx, scene.guildId, { ticketId: ticket.id, by: opener, userId: friend.id });
    await addStaff(scene.ctx, scene.guildId, {
      by: scene.owner,
      subjectId: roleId,
      subjectKind: 'role',
      level: 'support',
    });
    const sent = [
      scene.message(ticket, opener, 1, { roleIds: [roleId] }),
      scene.message(ticket, scene.staff, 2),
      scene.message(ticket, friend, 3),
      scene.message(ticket, onlooker, 4),
      scene.message(ticket, { ...onlooker, roleIds: [roleId] }, 5),
      scene.message(ticket, scene.owner, 6),
      scene.message(ticket, bot, 7, { isBot: true }),
      scene.message(ticket, bot, 8, { isBot: true, isOwn: true }),
    ];
    await recordMessages(scene.ctx, sent);
    const { messages } = await readTranscript(pool, scene.ctx.keys, scene.guildId, ticket.id);
    const kinds = ['opener', 'staff', 'participant', 'observer', 'staff', 'staff', 'bot'];
    expect(messages.map((message) => message.authorKind)).toEqual(kinds);
    const names = [...(await toldOf(ticket)).keys()].map((one) => one.split('/')[2] ?? '');
    expect(names.filter((name) => name === 'message.replied')).toHaveLength(3);
  });

  test('a message that Docket sent for somebody is theirs', async () => {
    const scene = await createScene(pool);
    const ticket = await scene.open(scene.person());
    await insertOutgoing(pool, scene.guildId, {
      ticketId: ticket.id,
      nonce: 'n-1',
      actorId: scene.staff.id,
      actorKind: 'staff',
      actorTeamIds: ticket.teamIds,
      kind: 'reply',
    });
    const own = { isBot: true, isOwn: true };
    const bot = scene.person();
    await recordMessages(scene.ctx, [
      scene.message(ticket, bot, 5, { ...own, nonce: 'n-1' }),
      scene.message(ticket, bot, 6, { ...own, nonce: 'n-2' }),
      scene.message(ticket, scene.person(), 7, { nonce: 'n-1' }), // anybody can write a nonce
    ]);
    const now = await readTicket(pool, scene.guildId, ticket.id);
    expect(now?.facts).toMatchObject({ replies: 1, firstResponseBy: scene.staff.id, firstResponseS: 5 });
  });
});

describe('late messages', () => {
  test('a reply recorded after the close that followed it counts as before it', async () => {
    const scene = await createScene(pool);
    const ticket = await scene.open(scene.person());
    const reply = scene.message(ticket, scene.staff, 50);
    const at = scene.start + 60_000;
    await closeTicket(scene.ctx, scene.guildId, { ticketId: ticket.id, by: scene.staff, reason: null, at });
    const closing = `${scene.guildId}/${ticket.id}/ticket.closed/${ticket.version + 1}`;
    expect((await toldOf(ticket)).get(closing)?.row).toMatchObject({ replies_before: 0, is_first_resolution: 0 });
    await recordMessages(scene.ctx, [reply]);
    expect((await toldOf(ticket)).get(closing)?.row).toMatchObject({ replies_before: 1, is_first_resolution: 1 });
    const now = await readTicket(pool, scene.guildId, ticket.id);
    expect(now?.facts).toMatchObject({ replies: 1, firstResponseS: 50, resolvedAt: at, status: 'closed' });
    await expectTold(ticket);
  });

  test('a change that is older than a recorded message is put before it', async () => {
    const scene = await createScene(pool);
    const ticket = await scene.open(scene.person());
    await recordMessages(scene.ctx, [scene.message(ticket, scene.staff, 30)]);
    const verb = { ticketId: ticket.id, by: scene.staff };
    await claimTicket(scene.ctx, scene.guildId, { ...verb, at: scene.start + 20_000 });
    const replied = [...(await toldOf(ticket)).values()].find((one) => rowKey(one).includes('message.replied'));
    expect(replied?.row).toMatchObject({ owner_id: scene.staff.id });
    await expectTold(ticket);
  });

  test('in whatever order and batches they come, the figures are those of their own order', async () => {
    const scene = await createScene(pool);
    const people = { opener: scene.person(), staff: scene.staff, owner: scene.owner, onlooker: scene.person() };
    const line = fc.record({ who: fc.constantFrom('opener', 'staff', 'owner', 'onlooker'), afterS: fc.nat(200) });
    const history = fc.array(line, { minLength: 1, maxLength: 12 });
    const told = async (ticket: Ticket) => {
      await expectTold(ticket);
      const now = await readTicket(pool, scene.guildId, ticket.id);
      return now && { ...now.facts, last: null };
    };
    await fc.assert(
      fc.asyncProperty(history, fc.nat(200), fc.infiniteStream(fc.nat(1_000)), async (lines, closeS, shuffle) => {
        const at = scene.start + closeS * 1_000 + 500;
        const play = async (arrange: (all: IncomingMessage[]) => IncomingMessage[][]) => {
          const ticket = await scene.open(people.opener, { at: scene.start });
          const all = lines.map((one) => scene.message(ticket, people[one.who], one.afterS));
          const batches = arrange(all);
          const half = Math.floor(batches.length / 2);
          for (const batch of batches.slice(0, half)) await recordMessages(scene.ctx, batch);
          await closeTicket(scene.ctx, scene.guildId, { ticketId: ticket.id, by: scene.staff, reason: null, at });
          for (const batch of batches.slice(half)) await recordMessages(scene.ctx, batch);
          const facts = await told(ticket);
          await pool.query(sql`update ticket set state = 'abandoned' where id = ${ticket.id}`); // out of the limits
          return facts;
        };
        const inOrder = await play((all) => [all.toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))]);
        const shuffled = await play((all) => {
          const ranks = new Map(all.map((one) => [one.id, shuffle.next().value as number]));
          const order = all.toSorted((a, b) => (ranks.get(a.id) ?? 0) - (ranks.get(b.id) ?? 0));
          return order.flatMap((one, i) => (i % 3 === 0 ? [[one, ...order.slice(i + 1, i + 3)]] : []));
        });
        expect(shuffled).toEqual(inOrder);
      }),
      { numRuns: 25 },
    );
  });
});

describe('office hours', () => {
  test('count the same by every way: at once, late, told again, and computed anew', async () => {
    const scene = await createScene(pool); // a Monday, 09:00 UTC
    const scheduleId = (await insertSchedule(pool, scene.guildId, { name: 'Desk' })) ?? 0;
    const day = { day: 1, to: 1_020 };
    const base = { scheduleId, timeZone: 'Etc/UTC', holidays: [] };
    await writeScheduleVersion(pool, scene.guildId, { ...base, hours: [{ ...day, from: 541 }], validFrom: 0 });
    const later = { ...base, hours: [{ ...day, from: 555 }], validFrom: scene.start + 600_000 };
    await writeScheduleVersion(pool, scene.guildId, later);
    const opener = scene.person();
    const ticket = await scene.open(opener);
    await pool.query(sql`update ticket set schedule_id = ${scheduleId} where id = ${ticket.id}`);
    // Open from 09:01 to 09:10 by the first version, from 09:15 by the second.
    await recordMessages(scene.ctx, [scene.message(ticket, scene.staff, 120)]);
    await recordMessages(scene.ctx, [scene.message(ticket, scene.staff, 1_200)]);
    await recordMessages(scene.ctx, [scene.message(ticket, opener, 480), scene.message(ticket, scene.staff, 90)]);
    const at = scene.start + 1_800_000;
    await closeTicket(scene.ctx, scene.guildId, { ticketId: ticket.id, by: scene.staff, reason: null, at });
    const now = await readTicket(pool, scene.guildId, ticket.id);
    expect(now?.facts).toMatchObject({ firstResponseS: 90, firstResponseOfficeS: 30 });
    expect(now?.facts).toMatchObject({ durationS: 1_800, durationOfficeS: (9 + 15) * 60 });
    const replies = [...(await toldOf(ticket)).values()].map(({ row }) => row as Partial<Record<string, unknown>>);
    expect(replies.find((row) => row.waited_s === 720)).toMatchObject({ waited_office_s: (2 + 5) * 60 });
    await expectTold(ticket);
    const told = withoutVersion((await toldOf(ticket)).values());
    await pool.transaction((db) => retellTickets(db, { after: 0, limit: 10, guildId: scene.guildId }));
    expect(withoutVersion((await toldOf(ticket)).values())).toEqual(told);
    await pool.transaction(async (db) => {
      for await (const batch of expectedRows(db, { guildId: scene.guildId })) {
        expect(batch.map((one) => one.isFolded)).toEqual([true]);
        expect(withoutVersion(batch.flatMap((one) => one.rows))).toEqual(told);
      }
    }, 'repeatable read');
  });
});

describe('edits and deletions', () => {
  test('change the text, keep the figures, and the newest edit wins', async () => {
    const scene = await createScene(pool);
    const ticket = await scene.open(scene.person());
    const message = scene.message(ticket, scene.staff, 5);
    await recordMessages(scene.ctx, [message]);
    const before = await readTicket(pool, scene.guildId, ticket.id);
    const told = await toldOf(ticket);
    const edit = (content: string, afterS: number) => ({
      ...message,
      ticketId: null,
      content,
      editedAt: scene.start + afterS * 1_000,
    });
    await editMessages(scene.ctx, [edit('third', 30), edit('second', 20)]);
    await editMessages(scene.ctx, [edit('late', 25), { ...edit('unknown', 40), id: scene.id() }]);
    await deleteMessages(scene.ctx, [{ ...message, at: scene.start + 50_000 }]);
    await deleteMessages(scene.ctx, [{ ...message, at: scene.start + 60_000 }]);
    const { messages } = await readTranscript(pool, scene.ctx.keys, scene.guildId, ticket.id);
    expect(messages).toMatchObject([
      { body: { content: 'third' }, editedAt: scene.start + 30_000, deletedAt: scene.start + 50_000 },
    ]);
    expect(await readTicket(pool, scene.guildId, ticket.id)).toEqual(before);
    expect(await toldOf(ticket)).toEqual(told);
  });

  test('a ticket whose key was destroyed keeps its figures and loses its words', async () => {
    const scene = await createScene(pool);
    const ticket = await scene.open(scene.person());
    await recordMessages(scene.ctx, [scene.message(ticket, scene.staff, 5)]);
    await destroyKey(pool, scene.guildId, ticket.id);
    const transcript = await readTranscript(pool, scene.ctx.keys, scene.guildId, ticket.id);
    expect(transcript).toMatchObject({ isErased: true, messages: [{ body: null, authorId: scene.staff.id }] });
    await expectTold(ticket);
  });
});

describe('verify', () => {
  test('computes from stored entries what was told, and notices facts that do not follow from them', async () => {
    const scene: Scene = await createScene(pool);
    const opener = scene.person();
    const ticket = await scene.open(opener);
    await scene.reserve(opener); // says nothing yet
    await recordMessages(scene.ctx, [scene.message(ticket, scene.staff, 5), scene.message(ticket, opener, 9)]);
    const read = () =>
      pool.transaction(async (db) => {
        const all = [];
        for await (const batch of expectedRows(db, { guildId: scene.guildId })) all.push(...batch);
        return all;
      }, 'repeatable read');
    const [expected, ...others] = await read();
    expect(others).toEqual([]);
    expect(expected).toMatchObject({ ticketId: ticket.id, version: ticket.version + 1, isFolded: true });
    expect(withoutVersion(expected?.rows ?? [])).toEqual(withoutVersion((await toldOf(ticket)).values()));
    await pool.query(sql`update ticket set facts = facts || '{"replies": 7}' where id = ${ticket.id}`);
    expect((await read())[0]?.isFolded).toBe(false);
  });
});
