import { parseArgs } from 'node:util';
import { rebuild } from '#analytics/rebuild/rebuild.ts';
import { ConfigError, readConfig } from '#runtime/config.ts';
import { createLog } from '#runtime/log.ts';
import { printLine } from '#runtime/stdout.ts';
import { createStop } from '#runtime/stop.ts';
import { openPostgres } from './parts.ts';
import { readPlaces } from './places.ts';
import { LOG_LEVEL } from './variables.ts';

function readGuild(args: readonly string[]): { guildId?: string } {
  try {
    const { values } = parseArgs({ args: [...args], options: { guild: { type: 'string' } } });
    return values.guild === undefined ? {} : { guildId: values.guild };
  } catch (error) {
    throw new ConfigError([`${(error as Error).message}. Usage: npm run -s docket -- rebuild [--guild ID]`]);
  }
}

/**
 * Writes every fact of one server or of all anew, from what Postgres keeps, through the same log as everything else; may run beside a
 * Docket that serves, and again after it was interrupted. Prints one line of JSON: how much was told anew.
 */
export async function run(args: readonly string[]): Promise<void> {
  const scope = readGuild(args);
  const { databaseUrl } = readPlaces(['databaseUrl']);
  const log = createLog({ role: 'rebuild', level: readConfig({ LOG_LEVEL }).LOG_LEVEL });
  const stop = createStop({ log, interrupted: 1 });
  const pool = await openPostgres({ url: databaseUrl, name: 'rebuild', max: 3, log, stop });
  printLine(JSON.stringify(await rebuild({ pool, log, signal: stop.signal }, scope)));
  await stop.now(0);
}
