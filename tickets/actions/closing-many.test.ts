import { expect, test } from 'vitest';
import { sql } from '#runtime/postgres.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { createScene, type Scene } from '../scene.ts';
import { takeUnseenOpeners } from '../store/fleet/opener.ts';
import { readHistory } from '../store/history.ts';
import { markOpenerSeen, wantOpenerSeen } from '../store/opener.ts';
import { readTicket } from '../store/ticket.ts';
import { type BulkInput, closeNextBatch, previewBulkClose, runBulkClose } from './bulk-close.ts';
import { closeLeft } from './close-left.ts';
import { closeTicket } from './close.ts';
import { excludeTicket } from './exclude.ts';
import { recordMessages } from './record-messages.ts';
import { acceptClose, denyClose, requestClose } from './request-close.ts';
import { setSettings } from './set-settings.ts';

const { pool } = await testDatabase();
const hour = 60 * 60_000;
const read = (scene: Scene, id: number) => readTicket(pool, scene.guildId, id);
const everything: Omit<BulkInput, 'by'> = {
  panelId: null,
  categoryId: null,
  inactiveHours: null,
  labelId: null,
  reason: 'Over',
};
const later = (scene: Scene, afterMs: number) => ({ ...scene.ctx, now: () => scene.start + afterMs });

test('what a preview showed is closed in batches, each once, however often they are interrupted; the admin is named', async () => {
  const scene = await createScene(pool);
  const ids: number[] = [];
  for (let i = 0; i < 30; i += 1) ids.push((await scene.open(scene.person())).id);
  const by = scene.owner;
  await expect(previewBulkClose(scene.ctx, scene.guildId, { ...everything, by: scene.staff })).rejects.toThrow(
    'permission.admin',
  );
  const bulk = await previewBulkClose(scene.ctx, scene.guildId, { ...everything, by });
  expect(bulk).toMatchObject({ state: 'preview', ticketIds: ids });
  expect(await closeNextBatch(scene.ctx, scene.guildId, bulk.id)).toMatchObject({ done: 0 });
  const start = { by, bulkId: bulk.id, replyToken: null };
  await Promise.all([runBulkClose(scene.ctx, scene.guildId, start), runBulkClose(scene.ctx, scene.guildId, start)]);
  const jobs = await pool.query(sql`select 1 from graphile_worker.jobs where key = ${`bulk-close:${bulk.id}`}`);
  expect(jobs).toHaveLength(1);
  const gone = ids[3] ?? 0;
  await closeTicket(scene.ctx, scene.guildId, { ticketId: gone, by: scene.staff, reason: null, at: scene.start });
  // A worker that dies in the middle of a batch leaves nothing of it.
  await pool.pg.query(`
    create function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$;
    create trigger refuse before insert on history for each row when (new.ticket_id = ${ids[9]}) execute function refuse()`);
  await expect(closeNextBatch(scene.ctx, scene.guildId, bulk.id)).rejects.toThrow('refused');
  expect(await read(scene, ids[0] ?? 0)).toMatchObject({ state: 'open' });
  await pool.pg.query('drop trigger refuse on history');
  await Promise.all([
    closeNextBatch(scene.ctx, scene.guildId, bulk.id),
    closeNextBatch(scene.ctx, scene.guildId, bulk.id),
  ]);
  expect(await closeNextBatch(scene.ctx, scene.guildId, bulk.id)).toMatchObject({
    state: 'done',
    done: 30,
    closed: 29,
  });
  for (const id of ids) {
    const closings = (await readHistory(pool, scene.guildId, id)).filter(({ name }) => name === 'closed');
    expect(closings.map(({ actorId, data }) => [actorId, data.reason])).toEqual(
      id === gone ? [[scene.staff.id, null]] : [[scene.owner.id, 'Over']],
    );
  }
});

test('a filter means panels, categories, labels and silence; who wrote after the preview keeps their ticket', async () => {
  const scene = await createScene(pool);
  const { panel } = await scene.panel({ categoryId: '700000000000000001' });
  const [ofPanel, spoken, silent] = [
    await scene.open(scene.person(), { panelId: panel.id }),
    await scene.open(scene.person()),
    await scene.open(scene.person()),
  ];
  await setSettings(scene.ctx, scene.guildId, { by: scene.owner, patch: { ticketCategory: '700000000000000002' } });
  await pool.query(sql`update ticket set label_ids = array[7777::bigint] where id = ${silent.id}`);
  await recordMessages(scene.ctx, [scene.message(spoken, scene.staff, 3_600)]);
  const ctx = later(scene, 3 * hour);
  const found = async (part: Partial<BulkInput>) =>
    (await previewBulkClose(ctx, scene.guildId, { ...everything, by: scene.owner, ...part })).ticketIds;
  expect(await found({})).toEqual([ofPanel.id, spoken.id, silent.id]);
  expect(await found({ panelId: panel.id })).toEqual([ofPanel.id]);
  expect(await found({ categoryId: '700000000000000001' })).toEqual([ofPanel.id]);
  expect(await found({ categoryId: '700000000000000002' })).toEqual([spoken.id, silent.id]);
  expect(await found({ labelId: 7777 })).toEqual([silent.id]);
  expect(await found({ inactiveHours: 3 })).toEqual([ofPanel.id, silent.id]);
  await expect(found({ inactiveHours: 4 })).rejects.toThrow('bulk.none');
  await expect(found({ inactiveHours: 0 })).rejects.toThrow('input.invalid');
  const bulk = await previewBulkClose(ctx, scene.guildId, { ...everything, by: scene.owner, inactiveHours: 2 });
  await runBulkClose(ctx, scene.guildId, { by: scene.owner, bulkId: bulk.id, replyToken: null });
  await recordMessages(scene.ctx, [scene.message(ofPanel, scene.staff, 4 * 3_600)]);
  expect(await closeNextBatch(ctx, scene.guildId, bulk.id)).toMatchObject({ state: 'done', done: 3, closed: 2 });
  expect(await read(scene, ofPanel.id)).toMatchObject({ state: 'open' });
});

test('who leaves takes their tickets with them, where the server wants that; excluded ones stay, and nobody is asked for twice a day', async () => {
  const scene = await createScene(pool);
  const opener = scene.person();
  const [first, kept, others] = [await scene.open(opener), await scene.open(opener), await scene.open(scene.person())];
  const at = scene.start + 1_000;
  await excludeTicket(scene.ctx, scene.guildId, { ticketId: kept.id, by: scene.staff, isExcluded: true, at });
  const leave = () => closeLeft(scene.ctx, scene.guildId, { openerId: opener.id, at, reasonOf: () => 'left' });
  expect(await leave()).toBe(0);
  await setSettings(scene.ctx, scene.guildId, { by: scene.owner, patch: { autocloseOnLeave: true } });
  expect(await leave()).toBe(0);
  await setSettings(scene.ctx, scene.guildId, { by: scene.owner, patch: { autoclose: true } });
  const unseen = async (before: number) =>
    (
      await takeUnseenOpeners(pool, { before: scene.start + before, putOffTo: scene.start + before + 9, limit: 9 })
    ).filter(({ guildId }) => guildId === scene.guildId);
  expect(await unseen(0)).toEqual([]);
  expect((await unseen(5)).map(({ openerId }) => openerId).sort()).toEqual([opener.id, others.openerId].sort());
  expect(await unseen(10)).toEqual([]);
  await markOpenerSeen(pool, scene.guildId, { openerId: others.openerId, at: scene.start + 500 });
  expect((await unseen(400)).map(({ openerId }) => openerId)).toEqual([opener.id]);
  await wantOpenerSeen(pool, scene.guildId, { ticketId: others.id, before: scene.start + 501 });
  expect((await unseen(100)).map(({ openerId }) => openerId)).toEqual([others.openerId]);
  expect(await leave()).toBe(1);
  expect(await leave()).toBe(0);
  expect(await read(scene, first.id)).toMatchObject({ state: 'closed', closedBy: null, closeReason: 'left' });
  expect([await read(scene, kept.id), await read(scene, others.id)]).toMatchObject([
    { state: 'open' },
    { state: 'open' },
  ]);
});

test('a request is answered once, by its opener, and as it was seen; a replay changes nothing', async () => {
  const scene = await createScene(pool);
  const opener = scene.person();
  const { id: ticketId } = await scene.open(opener);
  const ask = (reason: string, at: number, delayHours: number | null = null) =>
    requestClose(scene.ctx, scene.guildId, { ticketId, by: scene.staff, delayHours, reason, at });
  const answer = { ticketId, by: opener, requestAt: null };
  const { ctx, guildId, start } = scene;
  await expect(acceptClose(ctx, guildId, { ...answer, at: start })).rejects.toThrow('close-request.none');
  await expect(ask('x', start, 0)).rejects.toThrow('input.invalid');
  await expect(ask('y'.repeat(1_025), start)).rejects.toThrow('input.invalid');
  const first = await ask('One', start + 1, 2);
  expect(first).toMatchObject({ nextActionAt: start + 1 + 2 * hour });
  const second = await ask('Two', start + 2);
  expect(second).toMatchObject({ nextActionAt: null, closeRequest: { reason: 'Two', closesAt: null } });
  await ask('One', start + 1, 2);
  expect((await read(scene, ticketId))?.closeRequest?.reason).toBe('Two');
  const stale = acceptClose(ctx, guildId, { ...answer, requestAt: start + 1, at: start + 3 });
  await expect(stale).rejects.toThrow('close-request.stale');
  const byStaff = acceptClose(ctx, guildId, { ...answer, by: scene.owner, at: start + 3 });
  await expect(byStaff).rejects.toThrow('close-request.not-opener');
  const stranger = denyClose(ctx, guildId, { ...answer, by: scene.person(), at: start + 3 });
  await expect(stranger).rejects.toThrow('permission.staff-or-opener');
  expect(await denyClose(ctx, guildId, { ...answer, at: start + 4 })).toMatchObject({ closeRequest: null });
  await denyClose(ctx, guildId, { ...answer, at: start + 4 });
  await ask('Three', start + 5);
  const accepted = { ...answer, requestAt: start + 5, at: start + 6 };
  expect(await acceptClose(ctx, guildId, accepted)).toMatchObject({
    state: 'closed',
    closeReason: 'Three',
    closeRequest: null,
    closedBy: opener.id,
  });
  await acceptClose(ctx, guildId, accepted);
  const names = (await readHistory(pool, guildId, ticketId)).map(({ name }) => name);
  const asked = 'close_requested';
  expect(names).toEqual(['opened', asked, asked, 'close_denied', asked, 'closed']);
});
