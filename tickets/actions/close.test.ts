import { describe, expect, test } from 'vitest';
import { sql } from '#runtime/postgres.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { createScene, type Scene } from '../scene.ts';
import { readTicket } from '../store/ticket.ts';
import { readTranscript } from '../store/transcript.ts';
import type { Ticket } from '../ticket.ts';
import { addMember } from './add-member.ts';
import { closeTicket } from './close.ts';
import { rateTicket } from './rate.ts';
import { removeMember } from './remove-member.ts';
import { setSettings } from './set-settings.ts';

const { pool } = await testDatabase();

const traces = async (ticket: Ticket) => {
  const [row] = await pool.query<{ version: number; history: number; outbox: number; jobs: number }>(sql`
    select version,
      (select count(*) from history where ticket_id = ${ticket.id}) as history,
      (select count(*) from outbox where ticket_id = ${ticket.id}) as outbox,
      (select sum(revision) from graphile_worker.jobs where key = ${`ticket:${ticket.id}`}) as jobs
    from ticket where id = ${ticket.id}`);
  return row;
};

const close = (scene: Scene, ticket: Ticket, part: Partial<Parameters<typeof closeTicket>[2]> = {}) =>
  closeTicket(scene.ctx, scene.guildId, {
    ticketId: ticket.id,
    by: scene.staff,
    reason: null,
    at: scene.start + 60_000,
    ...part,
  });

describe('close', () => {
  test('ticket, history, rows and job are written together', async () => {
    const scene = await createScene(pool);
    const ticket = await scene.open(scene.person());
    const before = await traces(ticket);
    const closed = await close(scene, ticket, { reason: 'Solved' });
    expect(closed).toMatchObject({
      state: 'closed',
      version: ticket.version + 1,
      closedAt: scene.start + 60_000,
      closedBy: scene.staff.id,
      closeReason: 'Solved',
    });
    expect(closed).toEqual(await readTicket(pool, scene.guildId, ticket.id));
    expect(await traces(ticket)).toEqual({
      version: closed.version,
      history: Number(before?.history) + 1,
      outbox: Number(before?.outbox) + 2,
      jobs: Number(before?.jobs) + 1,
    });
  });

  test('when a part cannot be written, nothing is', async () => {
    const scene = await createScene(pool);
    const ticket = await scene.open(scene.person());
    const before = await traces(ticket);
    for (const table of ['history', 'outbox', 'graphile_worker._private_jobs']) {
      await pool.pg.query(`create function refuse() returns trigger language plpgsql as
        $$ begin raise exception 'refused'; end $$; create trigger refuse before insert or update on ${table}
        for each row execute function refuse()`);
      await expect(close(scene, ticket)).rejects.toThrow('refused');
      await pool.pg.query(`drop trigger refuse on ${table}; drop function refuse`);
      expect(await traces(ticket)).toEqual(before);
      expect(await readTicket(pool, scene.guildId, ticket.id)).toEqual(ticket);
    }
    expect((await close(scene, ticket)).state).toBe('closed');
  });

  test('a replayed close changes nothing; another close is refused', async () => {
    const scene = await createScene(pool);
    const ticket = await scene.open(scene.person());
    const closed = await close(scene, ticket);
    expect(await close(scene, ticket)).toEqual(closed);
    await expect(close(scene, ticket, { at: scene.start + 61_000 })).rejects.toMatchObject({ code: 'ticket.closed' });
  });

  test('it is filed no earlier than the change before it, and durations are never below 0', async () => {
    const scene = await createScene(pool);
    const ticket = await scene.open(scene.person());
    const closed = await close(scene, ticket, { at: scene.start - 5_000 });
    expect(closed).toMatchObject({ closedAt: scene.start, facts: { durationS: 0 } });
  });

  test('openers close where they may, Docket closes always, strangers never', async () => {
    const scene = await createScene(pool);
    const opener = scene.person();
    const ticket = await scene.open(opener);
    await expect(close(scene, ticket, { by: scene.person() })).rejects.toThrow('permission.staff-or-opener');
    await setSettings(scene.ctx, scene.guildId, { by: scene.owner, patch: { usersCanClose: false } });
    await expect(close(scene, ticket, { by: opener })).rejects.toThrow('close.not-allowed');
    const closed = await close(scene, ticket, { by: null });
    expect(closed).toMatchObject({ state: 'closed', closedBy: null });
  });

  test('a reason is required where a server says so, unless it has a default', async () => {
    const scene = await createScene(pool);
    const ticket = await scene.open(scene.person());
    await setSettings(scene.ctx, scene.guildId, { by: scene.owner, patch: { closeRequiresReason: true } });
    await expect(close(scene, ticket)).rejects.toThrow('close.reason-required');
    await setSettings(scene.ctx, scene.guildId, { by: scene.owner, patch: { defaultCloseReason: 'Done' } });
    expect(await close(scene, ticket)).toMatchObject({ closeReason: 'Done' });
  });
});

describe('members', () => {
  test('are added once, removed once, and never the opener', async () => {
    const scene = await createScene(pool);
    const opener = scene.person();
    const ticket = await scene.open(opener);
    const friend = scene.person();
    const verb = { ticketId: ticket.id, by: opener, userId: friend.id };
    const at = (afterS: number) => scene.start + afterS * 1_000;
    const added = await addMember(scene.ctx, scene.guildId, { ...verb, at: at(1) });
    expect(added.memberIds).toEqual([friend.id]);
    expect(added).toEqual(await readTicket(pool, scene.guildId, ticket.id));
    await expect(addMember(scene.ctx, scene.guildId, { ...verb, at: at(2) })).rejects.toThrow('member.present');
    const self = addMember(scene.ctx, scene.guildId, { ...verb, userId: opener.id, at: at(2) });
    await expect(self).rejects.toThrow('member.opener');
    const removed = await removeMember(scene.ctx, scene.guildId, { ...verb, at: at(3) });
    expect(removed).toEqual(await readTicket(pool, scene.guildId, ticket.id));
    expect(removed.memberIds).toEqual([]);
    await expect(removeMember(scene.ctx, scene.guildId, { ...verb, at: at(4) })).rejects.toThrow('member.absent');
    // A replay of the first does not bring them back.
    expect((await addMember(scene.ctx, scene.guildId, { ...verb, at: at(1) })).memberIds).toEqual([]);
  });
});

describe('rate', () => {
  test('the opener of a closed ticket rates it; the last rating counts and is told once', async () => {
    const scene = await createScene(pool);
    const opener = scene.person();
    const ticket = await scene.open(opener);
    const rate = (rating: number, afterS: number, by = opener) =>
      rateTicket(scene.ctx, scene.guildId, {
        ticketId: ticket.id,
        by,
        rating,
        comment: 'Thanks!',
        at: scene.start + afterS * 1_000,
      });
    await expect(rate(5, 1)).rejects.toThrow('rate.not-closed');
    await close(scene, ticket);
    await expect(rate(5, 70, scene.owner)).rejects.toThrow('rate.not-opener');
    await expect(rate(6, 70)).rejects.toThrow('input.invalid');
    await rate(2, 71);
    const rated = await rate(4, 72);
    expect(rated).toMatchObject({ rating: 4, ratedAt: scene.start + 72_000 });
    const rows = await pool.query(sql`
      select row ->> 'id' as id, row ->> 'rating' as rating from outbox
      where ticket_id = ${ticket.id} and row ->> 'name' = 'ticket.rated' order by id`);
    expect(rows).toEqual([
      { id: '0', rating: '2' },
      { id: '0', rating: '4' },
    ]);
    const transcript = await readTranscript(pool, scene.ctx.keys, scene.guildId, ticket.id);
    expect(transcript.comment).toBe('Thanks!');
  });
});
