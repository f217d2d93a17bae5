import { createHash, randomBytes } from 'node:crypto';
import type { Scope } from '../api-key.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { writeAudit } from '../store/audit.ts';
import { readGuild } from '../store/guild.ts';
import { type ApiKey, createApiKey } from '../store/identity.ts';

/**
 * Makes an API key of a server. The token is returned here and never again: only its SHA-256 is kept, which is enough for
 * 256 random bits. Throws `guild.unknown`.
 */
export async function createKey(
  ctx: Ctx,
  guildId: string,
  input: { by: string | null; name: string; scopes: readonly Scope[] },
): Promise<{ key: ApiKey; token: string }> {
  const { by: createdBy, name, scopes } = input;
  const token = `dk_${randomBytes(32).toString('base64url')}`;
  const hash = createHash('sha256').update(token).digest();
  const key = await ctx.db.transaction(async (db) => {
    if (!(await readGuild(db, guildId))) throw new AppError('guild.unknown');
    const made = await createApiKey(db, { guildId, hash, name, scopes, createdBy });
    await writeAudit(db, guildId, {
      at: ctx.now(),
      actorId: createdBy,
      action: 'key.created',
      data: { keyId: made.id, name, scopes },
    });
    return made;
  });
  ctx.log.info({ guildId, keyId: key.id, scopes }, 'API key created');
  return { key, token };
}
