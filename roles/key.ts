import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { ConfigError, readConfig } from '#runtime/config.ts';
import { now } from '#runtime/clock.ts';
import { createLog } from '#runtime/log.ts';
import { printLine } from '#runtime/stdout.ts';
import { createStop } from '#runtime/stop.ts';
import { createKey } from '#tickets/actions/create-key.ts';
import { revokeKey } from '#tickets/actions/revoke-key.ts';
import { type Scope, scopes } from '#tickets/api-key.ts';
import type { Ctx } from '#tickets/context.ts';
import { createKeyring } from '#tickets/crypto.ts';
import { AppError } from '#tickets/errors.ts';
import { type ListedKey, listApiKeys } from '#tickets/store/api-key.ts';
import { readGuild } from '#tickets/store/guild.ts';
import { openPostgres } from './parts.ts';
import { readPlaces } from './places.ts';
import { LOG_LEVEL } from './variables.ts';

const usages = [
  `key create --guild ID --scope ${scopes.join('|')} [--name TEXT]`,
  'key list --guild ID',
  'key revoke --guild ID --key ID',
];

type Asked = { guildId: string } & (
  | { verb: 'create'; scopes: Scope[]; name: string }
  | { verb: 'list' }
  | { verb: 'revoke'; keyId: number }
);

const options = {
  guild: { type: 'string' },
  scope: { type: 'string', multiple: true },
  name: { type: 'string' },
  key: { type: 'string' },
} as const;
/** The options that each verb knows, besides --guild. */
const known: Record<Asked['verb'], readonly string[]> = { create: ['scope', 'name'], list: [], revoke: ['key'] };

/** What was asked for; null when it makes no sense. Throws what parseArgs says of unknown options. */
function parse(args: readonly string[]): Asked | null {
  const { positionals, values } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [verb] = positionals;
  const { guild: guildId = '', scope: asked = [], name = 'command line', key = '' } = values;
  if (positionals.length !== 1 || !/^\d{15,20}$/.test(guildId)) return null;
  if (verb !== 'create' && verb !== 'list' && verb !== 'revoke') return null;
  if (Object.keys(values).some((option) => option !== 'guild' && !known[verb].includes(option))) return null;
  if (verb === 'list') return { verb, guildId };
  if (verb === 'revoke') return /^\d{1,15}$/.test(key) ? { verb, guildId, keyId: Number(key) } : null;
  const granted = scopes.filter((scope) => asked.includes(scope));
  return granted.length > 0 && granted.length === asked.length ? { verb, guildId, scopes: granted, name } : null;
}

function readArgs(args: readonly string[]): Asked {
  let asked: Asked | null = null;
  try {
    asked = parse(args);
  } catch {
    // An option that does not exist: the usage says which do.
  }
  if (!asked) throw new ConfigError(usages.map((usage) => `Usage: npm run -s docket -- ${usage}`));
  return asked;
}

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
const lineOf = (key: ListedKey): string =>
  JSON.stringify({
    ...key,
    createdAt: iso(key.createdAt),
    lastUsedAt: iso(key.lastUsedAt),
    revokedAt: iso(key.revokedAt),
  });

async function answer(ctx: Ctx, asked: Asked): Promise<string[]> {
  const { guildId } = asked;
  switch (asked.verb) {
    case 'create':
      return [(await createKey(ctx, guildId, { by: null, name: asked.name, scopes: asked.scopes })).token];
    case 'list':
      if (!(await readGuild(ctx.db, guildId))) throw new AppError('guild.unknown');
      return (await listApiKeys(ctx.db, guildId)).map(lineOf);
    case 'revoke':
      return [lineOf(await revokeKey(ctx, guildId, { by: null, keyId: asked.keyId }))];
  }
}

/** Expected refusals, in words for a person at a terminal. */
function explain(error: unknown, guildId: string): unknown {
  if (!(error instanceof AppError)) return error;
  if (error.code === 'guild.unknown') return new ConfigError([`Docket is not in a server with the id ${guildId}.`]);
  if (error.code === 'key.unknown')
    return new ConfigError([`The server ${guildId} has no such key. List them: npm run -s docket -- ${usages[1]}`]);
  return error;
}

/**
 * API keys of a server. `create` prints the token alone, once: only its hash is kept. `list` prints a line of JSON for each key, `revoke` that of the
 * key which is refused from then on.
 */
export async function run(args: readonly string[]): Promise<void> {
  const asked = readArgs(args);
  const { databaseUrl } = readPlaces(['databaseUrl']);
  const log = createLog({ role: 'key', level: readConfig({ LOG_LEVEL }).LOG_LEVEL });
  const stop = createStop({ log, interrupted: 1 });
  const db = await openPostgres({ url: databaseUrl, name: 'key', max: 1, log, stop });
  // Nothing is sealed or opened here, so the keys need not be the installation's.
  const keys = createKeyring(randomBytes(32).toString('base64'));
  const lines = await answer({ db, log, now, keys, premium: 'everyone' }, asked).catch((error: unknown) => {
    throw explain(error, asked.guildId);
  });
  for (const line of lines) printLine(line);
  await stop.now(0);
}
