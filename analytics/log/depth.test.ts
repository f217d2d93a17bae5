import { test } from 'vitest';
import { createLog } from '#runtime/log.ts';
import { registry } from '#runtime/telemetry.ts';
import { until } from '#test/harness/desk.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { appendOutbox } from '#tickets/store/fleet/outbox.ts';
import { watchOutbox } from './depth.ts';

test('the depth of the outbox is told while nobody drains it', async () => {
  const { pool } = await testDatabase();
  const row = { kind: 'event' as const, guildId: '1', ticketId: 1, row: {} };
  await appendOutbox(pool, [row, row, row]);
  const watch = watchOutbox({ db: pool, log: createLog({ role: 'test', level: 'silent' }) });
  await until(
    async () => (await registry.getSingleMetric('docket_outbox_rows')?.get())?.values[0]?.value,
    (depth) => depth === 3,
  );
  await watch.stop();
});
