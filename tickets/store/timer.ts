import { type Db, sql } from '#runtime/postgres.ts';
import type { Applied } from '../applied.ts';
import type { Ticket } from '../ticket.ts';
import { ticketColumns } from './ticket.ts';

/** An open ticket as far as its timers go. */
export type TimedTicket = Omit<Ticket, 'memberIds'>;

const moment = (at: number | null): Date | null => (at === null ? null : new Date(at));

/** Holds an open ticket; null when it is not open, or when somebody else holds it. */
export async function holdOpenTicket(db: Db, guildId: string, ticketId: number): Promise<{ id: number } | null> {
  const [row] = await db.query<{ id: number }>(sql`
    select id from ticket where guild_id = ${guildId} and id = ${ticketId} and state = 'open' for update skip locked`);
  return row ?? null;
}

/** Holds the next open tickets of a server above `after` (an id), in the order in which everybody locks them. */
export function lockOpenTickets(
  db: Db,
  guildId: string,
  input: { after: number; limit: number },
): Promise<TimedTicket[]> {
  return db.query<TimedTicket>(sql`
    select ${ticketColumns} from ticket
    where guild_id = ${guildId} and state = 'open' and id > ${input.after} order by id limit ${input.limit} for update`);
}

/** Writes when the timers of held tickets are due. It is no change of theirs: no version, no event. */
export async function writeTimers(
  db: Db,
  guildId: string,
  tickets: readonly Pick<Ticket, 'id' | 'nextActionAt' | 'staleAt'>[],
): Promise<void> {
  if (tickets.length === 0) return;
  await db.query(sql`
    update ticket set next_action_at = new.next_action_at, stale_at = new.stale_at
    from unnest(
      ${tickets.map((one) => one.id)}::bigint[], ${tickets.map((one) => moment(one.nextActionAt))}::timestamptz[],
      ${tickets.map((one) => moment(one.staleAt))}::timestamptz[]
    ) as new (id, next_action_at, stale_at)
    where ticket.guild_id = ${guildId} and ticket.id = new.id`);
}

/** Puts an open ticket's timer off, and says why where people look. */
export async function postponeTimer(
  db: Db,
  guildId: string,
  input: { ticketId: number; until: number; problem: Applied['problem'] },
): Promise<void> {
  await db.query(sql`
    update ticket set next_action_at = ${new Date(input.until)},
      applied = applied || ${JSON.stringify({ problem: input.problem })}::jsonb
    where guild_id = ${guildId} and id = ${input.ticketId} and state = 'open'`);
}
