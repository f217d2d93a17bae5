import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { ConfigError, readConfig } from '#runtime/config.ts';
import { now } from '#runtime/clock.ts';
import { createLog } from '#runtime/log.ts';
import { printLine } from '#runtime/stdout.ts';
import { createStop } from '#runtime/stop.ts';
import { createKey } from '#tickets/actions/create-key.ts';
import { type Scope, scopes } from '#tickets/api-key.ts';
import { createKeyring } from '#tickets/crypto.ts';
import { AppError } from '#tickets/errors.ts';
import { openPostgres } from './parts.ts';
import { readPlaces } from './places.ts';
import { LOG_LEVEL } from './variables.ts';

const usage = `key create --guild ID --scope ${scopes.join('|')} [--name TEXT]`;

function readArgs(args: readonly string[]): { guildId: string; scopes: Scope[]; name: string } {
  const options = {
    guild: { type: 'string' },
    scope: { type: 'string', multiple: true },
    name: { type: 'string' },
  } as const;
  try {
    const { positionals, values } = parseArgs({ args: [...args], options, allowPositionals: true });
    const asked = values.scope ?? [];
    const known = scopes.filter((scope) => asked.includes(scope));
    if (positionals.join(' ') !== 'create' || !/^\d{15,20}$/.test(values.guild ?? '')) throw new Error('incomplete');
    if (known.length === 0 || known.length !== asked.length) throw new Error('unknown scope');
    return { guildId: values.guild ?? '', scopes: known, name: values.name ?? 'command line' };
  } catch {
    throw new ConfigError([`Usage: npm run -s docket -- ${usage}`]);
  }
}

/** Makes an API key of a guild and prints its token alone, once: only the hash is kept. */
export async function run(args: readonly string[]): Promise<void> {
  const asked = readArgs(args);
  const { databaseUrl } = readPlaces(['databaseUrl']);
  const log = createLog({ role: 'key', level: readConfig({ LOG_LEVEL }).LOG_LEVEL });
  const stop = createStop({ log, interrupted: 1 });
  const db = await openPostgres({ url: databaseUrl, name: 'key', max: 1, log, stop });
  const { guildId, ...input } = asked;
  // Nothing is sealed or opened here, so the keys need not be the installation's.
  const keys = createKeyring(randomBytes(32).toString('base64'));
  const made = await createKey({ db, log, now, keys }, guildId, { by: null, ...input }).catch((error: unknown) => {
    if (!(error instanceof AppError) || error.code !== 'guild.unknown') throw error;
    throw new ConfigError([`Docket is not in a server with the id ${guildId}.`]);
  });
  printLine(made.token);
  await stop.now(0);
}
