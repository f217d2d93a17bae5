import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { now } from '#runtime/clock.ts';
import { ConfigError, readConfig } from '#runtime/config.ts';
import { createLog } from '#runtime/log.ts';
import { printLine } from '#runtime/stdout.ts';
import { createStop } from '#runtime/stop.ts';
import { entitleGuild } from '#tickets/actions/entitle-guild.ts';
import { createKeyring } from '#tickets/crypto.ts';
import { AppError } from '#tickets/errors.ts';
import { openPostgres } from './parts.ts';
import { readPlaces } from './places.ts';
import { LOG_LEVEL } from './variables.ts';

const usage =
  'Usage: npm run -s docket -- entitle --guild ID --until DATE (as 2027-01-31 or 2027-01-31T12:00:00Z, or none)';
const options = { guild: { type: 'string' }, until: { type: 'string' } } as const;

/** `2027-01-31` (its first moment, UTC), a moment with its zone, or `none`; undefined for anything else. */
function readUntil(text: string): number | null | undefined {
  if (text === 'none') return null;
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text)) return undefined;
  const at = Date.parse(text);
  // Date.parse makes 3 March of 31 February.
  const isDay = new Date(`${text.slice(0, 10)}T00:00:00Z`).toJSON()?.startsWith(text.slice(0, 10)) ?? false;
  return Number.isNaN(at) || !isDay ? undefined : at;
}

function readArgs(args: readonly string[]): { guildId: string; until: number | null } {
  let values: { guild?: string; until?: string } = {};
  try {
    values = parseArgs({ args: [...args], options }).values;
  } catch {
    // An option that does not exist: the usage says which do.
  }
  const { guild: guildId = '', until: written = '' } = values;
  const until = readUntil(written);
  if (!/^\d{15,20}$/.test(guildId) || until === undefined) throw new ConfigError([usage]);
  return { guildId, until };
}

/** Grants a server every feature until a moment, where PREMIUM=entitled; `none` takes the grant away. Prints one line of JSON. */
export async function run(args: readonly string[]): Promise<void> {
  const { guildId, until } = readArgs(args);
  const { databaseUrl } = readPlaces(['databaseUrl']);
  const log = createLog({ role: 'entitle', level: readConfig({ LOG_LEVEL }).LOG_LEVEL });
  const stop = createStop({ log, interrupted: 1 });
  const db = await openPostgres({ url: databaseUrl, name: 'entitle', max: 1, log, stop });
  // Nothing is sealed or opened here, so the keys need not be the installation's.
  const keys = createKeyring(randomBytes(32).toString('base64'));
  await entitleGuild({ db, log, now, keys, premium: 'entitled' }, guildId, { until }).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'guild.unknown')
      throw new ConfigError([`Docket is not in a server with the id ${guildId}.`]);
    throw error;
  });
  printLine(JSON.stringify({ guildId, entitledUntil: until === null ? null : new Date(until).toISOString() }));
  await stop.now(0);
}
