import { describe, expect, test } from 'vitest';
import { sql } from '#runtime/postgres.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { AppError } from '../errors.ts';
import { createScene } from '../scene.ts';
import { readTranscript } from '../store/transcript.ts';
import { abandonTicket } from './abandon.ts';
import { activateTicket } from './activate.ts';
import { addStaff } from './add-staff.ts';
import { attachChannel } from './attach-channel.ts';
import { openTicket } from './open.ts';
import { setSettings } from './set-settings.ts';

const { pool } = await testDatabase({ max: 20 });

/** The codes of the refusals among settled openings; anything unexpected is thrown. */
const refusals = (results: PromiseSettledResult<unknown>[]): string[] =>
  results.flatMap((result) => {
    if (result.status === 'fulfilled') return [];
    if (result.reason instanceof AppError) return [result.reason.code];
    throw result.reason;
  });

describe('limits', () => {
  test('50 simultaneous clicks of one member open exactly the limit', async () => {
    const scene = await createScene(pool);
    await setSettings(scene.ctx, scene.guildId, { by: scene.owner, patch: { openTicketsPerUser: 3 } });
    const member = scene.person();
    const results = await Promise.allSettled(Array.from({ length: 50 }, () => scene.reserve(member)));
    expect(refusals(results)).toEqual(Array.from({ length: 47 }, () => 'limit.user'));
  });

  test('50 members at once never pass a panel’s limit', async () => {
    const scene = await createScene(pool);
    const { panel } = await scene.panel({ maxOpen: 7 });
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, () => scene.reserve(scene.person(), { panelId: panel.id, source: 'panel' })),
    );
    expect(refusals(results)).toEqual(Array.from({ length: 43 }, () => 'limit.panel'));
    await scene.reserve(scene.person()); // elsewhere there is room
  });

  test('50 members at once never pass the server’s limit', async () => {
    const scene = await createScene(pool);
    await setSettings(scene.ctx, scene.guildId, { by: scene.owner, patch: { openTicketsInServer: 11 } });
    const results = await Promise.allSettled(Array.from({ length: 50 }, () => scene.reserve(scene.person())));
    expect(refusals(results)).toEqual(Array.from({ length: 39 }, () => 'limit.guild'));
  });

  test('staff are immune to the limit per person and to no other', async () => {
    const scene = await createScene(pool);
    const patch = { openTicketsPerUser: 1, openTicketsInServer: 3 };
    await setSettings(scene.ctx, scene.guildId, { by: scene.owner, patch });
    for (let i = 0; i < 3; i++) await scene.reserve(scene.staff);
    await expect(scene.reserve(scene.staff)).rejects.toMatchObject({ code: 'limit.guild', context: { limit: 3 } });
  });

  test('a ticket that was abandoned or closed makes room again', async () => {
    const scene = await createScene(pool);
    await setSettings(scene.ctx, scene.guildId, { by: scene.owner, patch: { openTicketsPerUser: 1 } });
    const member = scene.person();
    const ticket = await scene.reserve(member);
    await expect(scene.reserve(member)).rejects.toMatchObject({ code: 'limit.user' });
    await abandonTicket(scene.ctx, scene.guildId, { ticketId: ticket.id });
    await scene.reserve(member);
  });
});

describe('numbers', () => {
  test('display numbers are given once, lifetime numbers without gaps, whatever is abandoned in between', async () => {
    const scene = await createScene(pool);
    const reserved = await Promise.all(Array.from({ length: 40 }, () => scene.reserve(scene.person())));
    expect(reserved.map((ticket) => ticket.displayNo).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 40 }, (_, i) => i + 1),
    );
    const opened = await Promise.all(
      reserved.map(async ({ id }, i) => {
        if (i % 4 === 0) return (await abandonTicket(scene.ctx, scene.guildId, { ticketId: id })).lifetimeNo;
        await attachChannel(scene.ctx, scene.guildId, { ticketId: id, channelId: scene.id() });
        const twice = [0, 1].map(() => activateTicket(scene.ctx, scene.guildId, { ticketId: id }));
        const [one, other] = await Promise.all(twice);
        expect(one?.lifetimeNo).toBe(other?.lifetimeNo);
        return one?.lifetimeNo ?? null;
      }),
    );
    const numbers = opened.filter((no) => no !== null).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  });
});

describe('the saga', () => {
  test('one interaction opens one ticket, however often it is delivered', async () => {
    const scene = await createScene(pool);
    const member = scene.person();
    const interactionId = scene.id();
    const ask = () => scene.reserve(member, { interactionId });
    const tickets = await Promise.all(Array.from({ length: 10 }, ask));
    expect(new Set(tickets.map((ticket) => ticket.id)).size).toBe(1);
    const again = await openTicket(scene.ctx, scene.guildId, {
      interactionId,
      opener: member,
      openedBy: member,
      panelId: null,
      source: 'command',
      subject: null,
      answers: [],
      at: scene.start,
    });
    expect(again.isNew).toBe(false);
  });

  test('a reservation adds its job and tells nothing; the opening is told with the time of the click', async () => {
    const scene = await createScene(pool);
    const ticket = await scene.reserve(scene.person());
    const outbox = sql`select kind, row from outbox where guild_id = ${scene.guildId} order by id`;
    expect(await pool.query(outbox)).toEqual([]);
    const key = `ticket:${ticket.id}`;
    const jobs = sql`select task_identifier as task, queue_name as queue from graphile_worker.jobs where key = ${key}`;
    expect(await pool.query(jobs)).toEqual([{ task: 'ticket', queue: key }]);

    await attachChannel(scene.ctx, scene.guildId, { ticketId: ticket.id, channelId: scene.id() });
    const opened = await activateTicket(scene.ctx, scene.guildId, { ticketId: ticket.id });
    expect(opened).toMatchObject({ state: 'open', lifetimeNo: 1, version: 3, nextActionAt: null });
    expect(await pool.query(outbox)).toMatchObject([
      { kind: 'event', row: { name: 'ticket.opened', id: 0, at: scene.start, version: 3 } },
      { kind: 'ticket', row: { status: 'open', opened_at: scene.start, version: 3 } },
    ]);
  });

  test('an abandoned reservation takes no channel', async () => {
    const scene = await createScene(pool);
    const { id: ticketId } = await scene.reserve(scene.person());
    await abandonTicket(scene.ctx, scene.guildId, { ticketId });
    const late = attachChannel(scene.ctx, scene.guildId, { ticketId, channelId: scene.id() });
    await expect(late).rejects.toMatchObject({ code: 'ticket.closed' });
    await expect(activateTicket(scene.ctx, scene.guildId, { ticketId })).rejects.toThrow('ticket.closed');
  });

  test('answers are sealed, and open for whoever holds the key', async () => {
    const scene = await createScene(pool);
    const answers = [{ label: 'What happened?', value: 'It broke.' }];
    const ticket = await scene.reserve(scene.person(), { answers });
    const [raw] = await pool.query<{ text: string }>(
      sql`select encode(sealed_answers, 'escape') as text from ticket where id = ${ticket.id}`,
    );
    expect(raw?.text).not.toContain('broke');
    const transcript = await readTranscript(pool, scene.ctx.keys, scene.guildId, ticket.id);
    expect(transcript.answers).toEqual(answers);
  });

  test('an unknown or foreign panel, a switched-off command and opening for others are refused', async () => {
    const scene = await createScene(pool);
    const other = await createScene(pool);
    const { panel } = await other.panel();
    const member = scene.person();
    await expect(scene.reserve(member, { panelId: panel.id })).rejects.toMatchObject({ code: 'panel.unknown' });
    await expect(scene.reserve(member, { openedBy: scene.person() })).rejects.toMatchObject({
      code: 'permission.support',
    });
    await setSettings(scene.ctx, scene.guildId, { by: scene.owner, patch: { openCommand: false } });
    await expect(scene.reserve(member)).rejects.toMatchObject({ code: 'open.disabled' });
    const ticket = await scene.reserve(member, { openedBy: scene.staff });
    expect(ticket).toMatchObject({ openerId: member.id, openedBy: scene.staff.id });
  });

  test('a panel’s ticket belongs to its teams, any other to the Default team', async () => {
    const scene = await createScene(pool);
    const staff = await addStaff(scene.ctx, scene.guildId, {
      by: scene.owner,
      subjectId: scene.id(),
      subjectKind: 'role',
      level: 'admin',
    });
    const ticket = await scene.reserve(scene.person());
    expect(ticket.teamIds).toEqual([staff[0]?.teamId]);
  });
});
