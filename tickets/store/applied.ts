import { type Db, sql } from '#runtime/postgres.ts';
import type { Applied } from '../applied.ts';

/** Writes what has been made true in Discord; what `patch` does not name stays. It is no change of the ticket: no version, no event. */
export async function recordApplied(db: Db, guildId: string, ticketId: number, patch: Partial<Applied>): Promise<void> {
  await db.query(sql`
    update ticket set applied = applied || ${JSON.stringify(patch)}::jsonb
    where guild_id = ${guildId} and id = ${ticketId}`);
}

/**
 * Notes that Discord looks like the ticket did at `version` (the version that the reconciler read, before its first step):
 * nothing is left to do, or what is left was finally refused. The sweep re-queues tickets that changed after that.
 */
export async function recordSettled(
  db: Db,
  guildId: string,
  input: { ticketId: number; version: number },
): Promise<void> {
  await db.query(sql`
    update ticket set settled_version = greatest(settled_version, ${input.version})
    where guild_id = ${guildId} and id = ${input.ticketId}`);
}
