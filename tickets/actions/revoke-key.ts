import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { type ListedKey, revokeApiKey } from '../store/api-key.ts';
import { writeAudit } from '../store/audit.ts';

/**
 * Revokes an API key of a server: whoever uses it is refused from the next request on. Revoking it again changes nothing.
 * Throws `key.unknown`.
 */
export async function revokeKey(
  ctx: Ctx,
  guildId: string,
  input: { by: string | null; keyId: number },
): Promise<ListedKey> {
  const { by, keyId } = input;
  const at = ctx.now();
  const key = await ctx.db.transaction(async (db) => {
    const revoked = await revokeApiKey(db, guildId, { keyId, at });
    if (!revoked) throw new AppError('key.unknown');
    if (revoked.revokedAt === at)
      await writeAudit(db, guildId, { at, actorId: by, action: 'key.revoked', data: { keyId, name: revoked.name } });
    return revoked;
  });
  ctx.log.info({ guildId, keyId }, 'API key revoked');
  return key;
}
