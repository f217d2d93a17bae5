import { createLog } from '#runtime/log.ts';
import { readConfig } from '#runtime/config.ts';
import { readRunFile } from '#runtime/embedded/run-file.ts';
import { printLine } from '#runtime/stdout.ts';
import { openObjects } from '#runtime/objects/open.ts';
import { createStop } from '#runtime/stop.ts';
import { checkClickhouse, checkFolder, checkNode, checkPostgres } from './doctor/databases.ts';
import { checkDiscord } from './doctor/discord.ts';
import { checkKafka } from './doctor/kafka.ts';
import { checkObjects } from './doctor/objects.ts';
import { kafkaBeside } from './kafka.ts';
import { DISCORD_API_URL, INTERACTIONS, kafka, objectStore, optional } from './variables.ts';

/** What a check found. `wrong` and `note` say how to mend it; only `wrong` makes the doctor end with 1. */
export type Finding = { readonly kind: 'ok' | 'note' | 'wrong'; readonly what: string; readonly fix?: string };

/** Checks everything that Docket stands on and prints, for each, what is wrong and how to mend it. Exit code 1 when anything is wrong. */
export async function run(): Promise<void> {
  const { DATABASE_URL, CLICKHOUSE_URL, DISCORD_TOKEN } = optional;
  const config = readConfig({
    DATABASE_URL,
    CLICKHOUSE_URL,
    DISCORD_TOKEN,
    DISCORD_API_URL,
    INTERACTIONS,
    ...objectStore,
    ...kafka,
  });
  const running = readRunFile(config.DATA_DIR);
  const log = createLog({ role: 'doctor', level: 'silent' });
  const stop = createStop({ log, interrupted: 1 });
  const checks: (() => Promise<Finding[]>)[] = [
    checkNode,
    () => checkFolder(config.DATA_DIR),
    () => checkPostgres(config.DATABASE_URL ?? running?.databaseUrl),
    () => checkClickhouse(config.CLICKHOUSE_URL ?? running?.clickhouseUrl),
    () => checkKafka(kafkaBeside(config, running)),
    () => checkObjects(openObjects(config)),
    () =>
      checkDiscord({
        token: config.DISCORD_TOKEN ?? running?.discordToken,
        apiUrl: config.DISCORD_TOKEN ? config.DISCORD_API_URL : (running?.discordApiUrl ?? config.DISCORD_API_URL),
        interactions: config.INTERACTIONS,
      }),
  ];
  let wrong = 0;
  for (const check of checks) {
    for (const { kind, what, fix } of await check()) {
      printLine(`${{ ok: 'ok   ', note: 'note ', wrong: 'WRONG' }[kind]}  ${what}`);
      if (fix) printLine(`       → ${fix}`);
      if (kind === 'wrong') wrong += 1;
    }
  }
  printLine(wrong === 0 ? 'Nothing is wrong.' : `${wrong} ${wrong === 1 ? 'thing is' : 'things are'} wrong.`);
  await stop.now(wrong === 0 ? 0 : 1);
}
