import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sql } from '#runtime/postgres.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { createScene } from '../scene.ts';
import { openTicket } from './open.ts';
import { resetNumbers } from './reset-numbers.ts';
import { setSettings } from './set-settings.ts';

const { pool } = await testDatabase();

test('only admins reset numbers, and a panel of another server is unknown', async () => {
  const [scene, other] = [await createScene(pool), await createScene(pool)];
  const { panel } = await other.panel();
  const reset = (by = scene.owner, panelId: number | null = null) =>
    resetNumbers(scene.ctx, scene.guildId, { by, panelId });
  await expect(reset(scene.staff)).rejects.toMatchObject({ code: 'permission.admin' });
  await expect(reset(scene.owner, panel.id)).rejects.toMatchObject({ code: 'panel.unknown' });
});

test('tickets ever are counted on, whatever is reset', async () => {
  const scene = await createScene(pool);
  const first = await scene.open(scene.person());
  await resetNumbers(scene.ctx, scene.guildId, { by: scene.owner, panelId: null });
  const second = await scene.open(scene.person());
  expect([first.displayNo, second.displayNo, first.lifetimeNo, second.lifetimeNo]).toEqual([1, 1, 1, 2]);
});

// What people may do to numbers, in any order: 0 and 1 are panels, null is the server.
const place = fc.constantFrom(null, 0, 1);
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('open' as const), place, opens: fc.integer({ min: 1, max: 3 }) }),
  },
  fc.record({ do: fc.constant('reset' as const), place }),
  fc.record({ do: fc.constant('number-through' as const), isOn: fc.boolean() }),
);

test('numbers with reset never collide: each numbering counts from 1 without a gap, in the epoch that it is in', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
      const scene = await createScene(pool);
      const panels = [(await scene.panel({ name: 'A' })).panel.id, (await scene.panel({ name: 'B' })).panel.id];
      const idOf = (at: number | null): number | null => (at === null ? null : (panels[at] ?? null));
      const counts = new Map<number, number>();
      let isThrough = true;
      for (const one of steps) {
        if (one.do === 'number-through') {
          isThrough = one.isOn;
          await setSettings(scene.ctx, scene.guildId, { by: scene.owner, patch: { continuousNumbering: isThrough } });
        } else if (one.do === 'reset') {
          const panelId = idOf(one.place);
          await resetNumbers(scene.ctx, scene.guildId, { by: scene.owner, panelId });
          if (panelId === null) counts.clear();
          else counts.delete(panelId);
        } else {
          const panelId = idOf(one.place);
          const scope = isThrough ? 0 : (panelId ?? 0);
          const opening = () => {
            const opener = scene.person();
            const asked = { interactionId: scene.id(), opener, openedBy: opener, panelId, source: 'panel' as const };
            return openTicket(scene.ctx, scene.guildId, { ...asked, subject: null, answers: [], at: scene.start });
          };
          const opened = await Promise.all(Array.from({ length: one.opens }, opening));
          const from = counts.get(scope) ?? 0;
          counts.set(scope, from + one.opens);
          const numbers = opened.map(({ ticket }) => [ticket.displayScope, ticket.displayNo]);
          numbers.sort(([, a = 0], [, b = 0]) => a - b);
          expect(numbers).toEqual(Array.from({ length: one.opens }, (_, i) => [scope, from + i + 1]));
        }
      }
      const [twice] = await pool.query<{ n: number }>(sql`
        select count(*) as n from (
          select from ticket where guild_id = ${scene.guildId}
          group by display_scope, display_epoch, display_no having count(*) > 1) as same`);
      expect(twice?.n).toBe(0);
    }),
    { numRuns: 15 },
  );
});
