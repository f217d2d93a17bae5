import { parseArgs } from 'node:util';
import { ConfigError, readConfig } from '#runtime/config.ts';
import { type Scope, scopes } from '#api/app.ts';
import { hashToken, newToken } from '#api/token.ts';
import { createLog } from '#runtime/log.ts';
import { printLine } from '#runtime/stdout.ts';
import { createStop } from '#runtime/stop.ts';
import { createApiKey } from '#tickets/store/identity.ts';
import { readGuild } from '#tickets/store/guild.ts';
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
  if (!(await readGuild(db, asked.guildId)))
    throw new ConfigError([`Docket is not in a server with the id ${asked.guildId}.`]);
  const token = `dk_${newToken()}`;
  const { guildId, name } = asked;
  await createApiKey(db, { guildId, name, scopes: asked.scopes, hash: hashToken(token), createdBy: null });
  printLine(token);
  await stop.now(0);
}
