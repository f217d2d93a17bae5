import { beforeEach, expect, test } from 'vitest';
import { sql } from '#runtime/postgres.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { addStaff } from '../actions/add-staff.ts';
import { closeTicket } from '../actions/close.ts';
import { removeStaff } from '../actions/remove-staff.ts';
import { setSettings } from '../actions/set-settings.ts';
import { createScene } from '../scene.ts';
import { addTicketJob, bulkPriority } from '../store/job.ts';
import { reviewAccess } from './access.ts';

const { pool } = await testDatabase();
const scene = await createScene(pool);
const { ctx, guildId, owner: by } = scene;

type Job = { key: string; priority: number };
const jobs = () => pool.query<Job>(sql`select key, priority from graphile_worker.jobs order by id`);
const forget = () => pool.query(sql`delete from graphile_worker._private_jobs`);
beforeEach(forget);

test('a change of staff or of what openers may do queues one job for a server with open tickets, and none without', async () => {
  const member = { subjectId: scene.id(), subjectKind: 'user', level: 'support' } as const;
  await addStaff(ctx, guildId, { by, ...member });
  await removeStaff(ctx, guildId, { by, subjectId: member.subjectId });
  expect(await jobs()).toEqual([]);
  await scene.open(scene.person());
  const one = [{ key: `access:${guildId}`, priority: bulkPriority }];
  const changes = [
    () => addStaff(ctx, guildId, { by, ...member }),
    () => removeStaff(ctx, guildId, { by, subjectId: member.subjectId }),
    () => setSettings(ctx, guildId, { by, patch: { supportRoles: [scene.id()] } }),
    () => setSettings(ctx, guildId, { by, patch: { claimingMode: 'private' } }),
    () => setSettings(ctx, guildId, { by, patch: { openerFiles: false } }),
    () => setSettings(ctx, guildId, { by, patch: {}, reset: ['openerFiles'] }),
  ];
  for (const change of changes) {
    await forget();
    await change();
    await change().catch(() => undefined); // said twice: still one
    expect(await jobs()).toEqual(one);
  }
  await forget();
  await setSettings(ctx, guildId, { by, patch: { feedback: true } });
  expect(await jobs()).toEqual([]);
});

test('it queues every open ticket behind what people wait for, and moves back no job that waits', async () => {
  const mine = await createScene(pool);
  const [first, second, closed] = [
    await mine.open(mine.person()),
    await mine.open(mine.person()),
    await mine.open(mine.person()),
  ];
  await closeTicket(mine.ctx, mine.guildId, { ticketId: closed.id, by: mine.owner, reason: null, at: mine.start });
  await mine.open(mine.person(), { panelId: null });
  await forget();
  await addTicketJob(pool, mine.guildId, first.id);
  expect(await reviewAccess(mine.ctx, mine.guildId, { batch: 2 })).toBe(3);
  const queued = await jobs();
  expect(queued).toHaveLength(3);
  expect(queued).toContainEqual({ key: `ticket:${first.id}`, priority: 0 });
  expect(queued).toContainEqual({ key: `ticket:${second.id}`, priority: bulkPriority });
  expect(queued).not.toContainEqual(expect.objectContaining({ key: `ticket:${closed.id}` }));
});
