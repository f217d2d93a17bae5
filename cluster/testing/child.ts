// What tests fork as a cluster: it behaves as CHILD_DOES says. Nothing of a running Docket uses it.
import { readApplication } from '#discord/application.ts';
import { createPlainRest } from '#discord/rest.ts';
import { choice, readConfig, text } from '#runtime/config.ts';
import { createLog } from '#runtime/log.ts';
import { createPool } from '#runtime/postgres.ts';
import { createStop } from '#runtime/stop.ts';
import { metrics } from '#runtime/telemetry.ts';
import { createKeyring } from '#tickets/crypto.ts';
import { joinSupervisor } from '../child.ts';
import { recordChanges } from '../gateway/record.ts';
import { type Shards, startShards } from '../gateway/shards.ts';

const unused = (doc: string) => text({ default: '', doc });
const config = readConfig({
  CHILD_DOES: choice({ of: ['nothing', 'gateway', 'die', 'misconfigured', 'ignore-sigterm'], doc: 'what it does' }),
  DATABASE_URL: unused('Postgres'),
  DISCORD_API_URL: unused('Discord'),
  DISCORD_TOKEN: unused('the token'),
  ENCRYPTION_KEY: unused('the key'),
});
if (config.CHILD_DOES === 'die') process.exit(1);
if (config.CHILD_DOES === 'misconfigured') process.exit(2);

const log = createLog({ role: 'test', level: 'silent' });
let shards: Shards | undefined;
const child = joinSupervisor({
  stats: () =>
    shards?.stats() ?? {
      wanted: child.shardIds.length,
      ready: config.CHILD_DOES === 'gateway' ? 0 : child.shardIds.length,
    },
  // Told by a metric, which a supervisor can read.
  onNotified: (channel, payload) => metrics.gatewayDispatches.inc({ event: `${channel} ${payload}` }),
  onMissed: () => metrics.gatewayDispatches.inc({ event: 'missed' }),
});
metrics.messagesRecorded.inc(child.shardIds.length);
// A hung event loop: no signal, no message reaches it any more.
process.on('SIGUSR2', () => {
  for (;;);
});

if (config.CHILD_DOES === 'ignore-sigterm') process.on('SIGTERM', () => undefined);
else {
  const stop = createStop({ log, interrupted: 0 });
  if (config.CHILD_DOES === 'gateway') {
    const pool = createPool({ url: config.DATABASE_URL, name: 'child', log });
    stop.add('pool', () => pool.end());
    const ctx = {
      db: pool,
      log,
      now: Date.now,
      keys: createKeyring(config.ENCRYPTION_KEY),
      premium: 'everyone' as const,
    };
    const rest = createPlainRest({ token: config.DISCORD_TOKEN, apiUrl: config.DISCORD_API_URL });
    shards = await startShards({
      ctx,
      rest,
      token: config.DISCORD_TOKEN,
      application: await readApplication(rest),
      shardIds: child.shardIds,
      shardCount: child.shardCount,
      cluster: `test/${child.id}`,
      onInteraction: async () => undefined,
      record: (changes) => recordChanges(ctx, changes),
      onFatal: () => void stop.now(2), // ends the process
      everyMs: 100,
    });
    const running = shards;
    stop.add('shards', () => running.stop());
  }
}
