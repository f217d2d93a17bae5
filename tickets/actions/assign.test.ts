import { describe, expect, test } from 'vitest';
import { testDatabase } from '#test/harness/postgres.ts';
import { sql } from '#runtime/postgres.ts';
import type { Actor } from '../permission.ts';
import { createScene, type Scene } from '../scene.ts';
import { readClaimToPing, readHistory } from '../store/history.ts';
import { addStaff } from './add-staff.ts';
import { assignTicket } from './assign.ts';
import { claimTicket } from './claim.ts';
import { editTicket } from './edit.ts';
import { releaseTicket } from './release.ts';
import { renameTicket } from './rename.ts';
import { setSettings } from './set-settings.ts';
import { switchPanel } from './switch-panel.ts';

const { pool } = await testDatabase({ max: 20 });
const assignee = (actor: Actor, isBot = false) => ({ ...actor, isBot });

async function hire(scene: Scene): Promise<Actor> {
  const actor = scene.person();
  const subject = { subjectId: actor.id, subjectKind: 'user' as const, level: 'support' as const };
  await addStaff(scene.ctx, scene.guildId, { by: scene.owner, ...subject });
  return actor;
}
const namesOf = async (scene: Scene, ticketId: number) =>
  (await readHistory(pool, scene.guildId, ticketId)).map(({ name }) => name);
const toThread = (ticketId: number) => pool.query(sql`update ticket set mode = 'thread' where id = ${ticketId}`);

describe('assign', () => {
  test('of many who pass a ticket on at once each hands on what they hold, and the history tells whom it went to', async () => {
    const scene = await createScene(pool);
    const { id: ticketId } = await scene.open(scene.person());
    const staff = await Promise.all(Array.from({ length: 6 }, () => hire(scene)));
    await claimTicket(scene.ctx, scene.guildId, { ticketId, by: scene.staff, at: scene.start + 1 });
    const results = await Promise.allSettled(
      staff.map((one, i) =>
        assignTicket(scene.ctx, scene.guildId, {
          ticketId,
          by: scene.staff,
          assignee: assignee(one),
          at: scene.start + 2 + i,
          isTransfer: true,
        }),
      ),
    );
    const won = results.filter((one) => one.status === 'fulfilled');
    expect(won).toHaveLength(1);
    const holder = won[0]?.value.claimedBy ?? '';
    const refusals = results.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    for (const refusal of refusals)
      expect(refusal).toMatchObject({ code: 'claim.not-yours', context: { claimedBy: holder } });
    expect(await namesOf(scene, ticketId)).toEqual(['opened', 'claimed', 'assigned']);
    expect(won[0]?.value.facts.claimer).toMatchObject({ id: holder });
  });

  test('a replay does not take a ticket back from whoever holds it since', async () => {
    const scene = await createScene(pool);
    const { id: ticketId } = await scene.open(scene.person());
    const other = await hire(scene);
    const give = () =>
      assignTicket(scene.ctx, scene.guildId, {
        ticketId,
        by: scene.owner,
        assignee: assignee(other),
        at: scene.start + 1_000,
        isTransfer: false,
      });
    await give();
    await releaseTicket(scene.ctx, scene.guildId, { ticketId, by: other, at: scene.start + 2_000 });
    const claimed = await claimTicket(scene.ctx, scene.guildId, { ticketId, by: scene.staff, at: scene.start + 3_000 });
    expect(await give()).toEqual(claimed);
  });

  test('bots, members and staff of other teams are not given a ticket; claiming that is off does not hinder an assignment', async () => {
    const scene = await createScene(pool);
    const { id: ticketId } = await scene.open(scene.person());
    const to = (one: Actor & { isBot: boolean }, by = scene.owner) =>
      assignTicket(scene.ctx, scene.guildId, { ticketId, by, assignee: one, at: scene.start + 1, isTransfer: false });
    await expect(to(assignee(scene.staff, true))).rejects.toMatchObject({ code: 'assign.not-staff' });
    await expect(to(assignee(scene.person()))).rejects.toMatchObject({ code: 'assign.not-staff' });
    await pool.query(sql`update ticket set team_ids = '{}' where id = ${ticketId}`);
    await expect(to(assignee(scene.staff))).rejects.toMatchObject({ code: 'assign.not-staff' });
    await setSettings(scene.ctx, scene.guildId, { by: scene.owner, patch: { claimingMode: 'disabled' } });
    expect((await to(assignee(scene.owner))).claimedBy).toBe(scene.owner.id);
  });
});

test('threads are neither claimed nor assigned nor moved to another panel', async () => {
  const scene = await createScene(pool);
  const { panel } = await scene.panel();
  const { id: ticketId } = await scene.open(scene.person());
  await toThread(ticketId);
  const act = { ticketId, by: scene.staff, at: scene.start + 1 };
  const { ctx, guildId } = scene;
  await expect(claimTicket(ctx, guildId, act)).rejects.toMatchObject({ code: 'claim.thread' });
  const given = { ...act, assignee: assignee(scene.staff), isTransfer: false };
  await expect(assignTicket(ctx, guildId, given)).rejects.toMatchObject({ code: 'claim.thread' });
  await expect(switchPanel(ctx, guildId, { ...act, panelId: panel.id })).rejects.toMatchObject({
    code: 'switch.thread',
  });
});

describe('what is written about a ticket', () => {
  test('a replay does not bring back what was changed since', async () => {
    const scene = await createScene(pool);
    const { id: ticketId } = await scene.open(scene.person());
    const { ctx, guildId, staff: by } = scene;
    const at = (s: number) => scene.start + s * 1_000;
    await editTicket(ctx, guildId, { ticketId, by, patch: { priority: 'high' }, at: at(1) });
    await renameTicket(ctx, guildId, { ticketId, by, name: 'one', at: at(1) });
    await editTicket(ctx, guildId, { ticketId, by, patch: { priority: 'low' }, at: at(2) });
    await renameTicket(ctx, guildId, { ticketId, by, name: 'two', at: at(2) });
    await editTicket(ctx, guildId, { ticketId, by, patch: { priority: 'high' }, at: at(1) });
    const last = await renameTicket(ctx, guildId, { ticketId, by, name: 'one', at: at(1) });
    expect(last).toMatchObject({ priority: 'low', name: 'two' });
  });

  test('a closed ticket stays as it is', async () => {
    const scene = await createScene(pool);
    const { id: ticketId } = await scene.open(scene.person());
    await pool.query(sql`update ticket set state = 'closed' where id = ${ticketId}`);
    const act = { ticketId, by: scene.owner, at: scene.start + 1 };
    await expect(renameTicket(scene.ctx, scene.guildId, { ...act, name: 'x' })).rejects.toMatchObject({
      code: 'ticket.closed',
    });
    await expect(
      editTicket(scene.ctx, scene.guildId, { ...act, patch: { priority: 'low', topic: 'x' } }),
    ).rejects.toMatchObject({ code: 'ticket.closed' });
  });

  test('a panel of another server, or a deleted one, is none', async () => {
    const [scene, other] = [await createScene(pool), await createScene(pool)];
    const [theirs, gone] = [await other.panel(), await scene.panel()];
    await pool.query(sql`update panel set deleted_at = now() where id = ${gone.panel.id}`);
    const { id: ticketId } = await scene.open(scene.person());
    for (const { panel } of [theirs, gone]) {
      const act = { ticketId, by: scene.staff, panelId: panel.id, at: scene.start + 1 };
      await expect(switchPanel(scene.ctx, scene.guildId, act)).rejects.toMatchObject({ code: 'panel.unknown' });
    }
  });
});

test('a claim that came after what somebody has read of a ticket is not told with it', async () => {
  const scene = await createScene(pool);
  await setSettings(scene.ctx, scene.guildId, { by: scene.owner, patch: { pingOpenerOnClaim: true } });
  const { id: ticketId } = await scene.open(scene.person());
  const { version } = await claimTicket(scene.ctx, scene.guildId, { ticketId, by: scene.staff, at: scene.start + 1 });
  const given = { by: scene.owner, assignee: assignee(scene.owner), isTransfer: true, at: scene.start + 2 };
  const after = await assignTicket(scene.ctx, scene.guildId, { ticketId, ...given });
  const toPing = (at: number) => readClaimToPing(pool, scene.guildId, { ticketId, version: at });
  expect([await toPing(version - 1), await toPing(version), await toPing(after.version)]).toEqual([
    null,
    version,
    after.version,
  ]);
});
