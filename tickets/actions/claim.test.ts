import { describe, expect, test } from 'vitest';
import { testDatabase } from '#test/harness/postgres.ts';
import { AppError } from '../errors.ts';
import { createScene, type Scene } from '../scene.ts';
import { readHistory } from '../store/history.ts';
import { readTicket } from '../store/ticket.ts';
import { addStaff } from './add-staff.ts';
import { claimTicket } from './claim.ts';
import { releaseTicket } from './release.ts';
import { setSettings } from './set-settings.ts';

const { pool } = await testDatabase({ max: 20 });

const hire = async (scene: Scene) => {
  const actor = scene.person();
  await addStaff(scene.ctx, scene.guildId, {
    by: scene.owner,
    subjectId: actor.id,
    subjectKind: 'user',
    level: 'support',
  });
  return actor;
};

describe('claim', () => {
  test('of staff who claim at once one wins, and every other is told who', async () => {
    const scene = await createScene(pool);
    const ticket = await scene.open(scene.person());
    const staff = await Promise.all(Array.from({ length: 8 }, () => hire(scene)));
    const at = scene.start + 1_000;
    const results = await Promise.allSettled(
      staff.map((by) => claimTicket(scene.ctx, scene.guildId, { ticketId: ticket.id, by, at })),
    );
    const won = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(won).toHaveLength(1);
    const lost = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    const refusal = new AppError('claim.taken', { claimedBy: won[0]?.claimedBy ?? null });
    expect(lost).toEqual(Array.from({ length: 7 }, () => refusal));
    expect(await readTicket(pool, scene.guildId, ticket.id)).toEqual(won[0]);
    const history = await readHistory(pool, scene.guildId, ticket.id);
    expect(history.map((row) => row.name)).toEqual(['opened', 'claimed']);
  });

  test('whoever holds a ticket may claim it again; nothing changes', async () => {
    const scene = await createScene(pool);
    const { id: ticketId } = await scene.open(scene.person());
    const claim = (afterS: number) =>
      claimTicket(scene.ctx, scene.guildId, { ticketId, by: scene.staff, at: scene.start + afterS * 1_000 });
    const once = await claim(1);
    expect(await claim(2)).toEqual(once);
  });

  test('members, other teams’ staff and servers that switched it off are refused', async () => {
    const scene = await createScene(pool);
    const member = scene.person();
    const { id: ticketId } = await scene.open(member);
    const at = scene.start + 1_000;
    const by = (actor: typeof member) => claimTicket(scene.ctx, scene.guildId, { ticketId, by: actor, at });
    await expect(by(member)).rejects.toMatchObject({ code: 'permission.support' });
    await setSettings(scene.ctx, scene.guildId, { by: scene.owner, patch: { claimingMode: 'disabled' } });
    await expect(by(scene.staff)).rejects.toMatchObject({ code: 'claim.disabled' });
  });

  test('a reservation cannot be claimed yet', async () => {
    const scene = await createScene(pool);
    const { id: ticketId } = await scene.reserve(scene.person());
    const early = claimTicket(scene.ctx, scene.guildId, { ticketId, by: scene.staff, at: scene.start });
    await expect(early).rejects.toMatchObject({ code: 'ticket.not-ready' });
  });
});

describe('release', () => {
  test('the claimer and admins let go of it, nobody else does', async () => {
    const scene = await createScene(pool);
    const { id: ticketId } = await scene.open(scene.person());
    const other = await hire(scene);
    const at = (afterS: number) => scene.start + afterS * 1_000;
    const release = (by: typeof other, afterS: number) =>
      releaseTicket(scene.ctx, scene.guildId, { ticketId, by, at: at(afterS) });
    const claim = (afterS: number) =>
      claimTicket(scene.ctx, scene.guildId, { ticketId, by: scene.staff, at: at(afterS) });
    await expect(release(other, 1)).rejects.toMatchObject({ code: 'claim.none' });
    await claim(2);
    const refused = { code: 'claim.not-yours', context: { claimedBy: scene.staff.id } };
    await expect(release(other, 3)).rejects.toMatchObject(refused);
    expect(await release(scene.staff, 4)).toMatchObject({ claimedBy: null });
    await claim(5);
    expect(await release(scene.owner, 6)).toMatchObject({ claimedBy: null });
  });

  test('a replayed release does not undo a later claim', async () => {
    const scene = await createScene(pool);
    const { id: ticketId } = await scene.open(scene.person());
    const verb = { ticketId, by: scene.staff };
    await claimTicket(scene.ctx, scene.guildId, { ...verb, at: scene.start + 1_000 });
    await releaseTicket(scene.ctx, scene.guildId, { ...verb, at: scene.start + 2_000 });
    const again = await claimTicket(scene.ctx, scene.guildId, { ...verb, at: scene.start + 3_000 });
    expect(await releaseTicket(scene.ctx, scene.guildId, { ...verb, at: scene.start + 2_000 })).toEqual(again);
  });
});
