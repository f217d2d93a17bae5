import type { Log } from '#runtime/log.ts';
import type { Pool } from '#runtime/postgres.ts';
import { waitMs } from '#runtime/retry.ts';
import { retellTickets } from '#tickets/store/fleet/history.ts';
import { outboxDepth } from '#tickets/store/fleet/outbox.ts';

type Deps = { pool: Pool; log: Log; signal?: AbortSignal };

// Tickets held in one transaction: short enough that nobody who writes into one of them waits long.
const batch = 200;
// The rebuild waits while more rows than this are on their way: it must not keep people's own changes from the figures.
const maxWaiting = 20_000;
const waitForDrainMs = 200;

/**
 * Tells everything anew from Postgres: every row of every ticket goes through the outbox again, folded from its stored entries, with a new
 * version. Of one server, or of all. Can run beside everything else, be cut off and run again. Returns how many rows were told.
 */
export async function rebuild(deps: Deps, o: { guildId?: string } = {}): Promise<{ rows: number }> {
  let after = 0;
  let rows = 0;
  for (;;) {
    deps.signal?.throwIfAborted();
    const input = { after, limit: batch, ...(o.guildId !== undefined && { guildId: o.guildId }) };
    const told = await deps.pool.transaction((db) => retellTickets(db, input));
    if (told.last === null) return { rows };
    after = told.last;
    rows += told.rows;
    deps.log.info({ rows, lastTicketId: after }, 'tickets were told anew');
    while ((await outboxDepth(deps.pool)) > maxWaiting) await waitMs(waitForDrainMs, deps.signal);
  }
}
