import { type Db, sql } from '#runtime/postgres.ts';
import type { Actor } from '../permission.ts';

/** Which open tickets are closed at once; all that is named must hold. */
export type BulkFilter = {
  readonly panelId: number | null;
  /** A category of Discord's: of tickets whose panel, or the server's setting, puts them there. */
  readonly categoryId: string | null;
  /** Nobody but bots wrote for so long. */
  readonly inactiveMs: number | null;
  readonly labelId: number | null;
};

/** A closing of many tickets: first a preview, then it runs, batch after batch. */
export type BulkClose = {
  readonly id: number;
  readonly state: 'preview' | 'running' | 'done';
  readonly filter: BulkFilter;
  readonly reason: string | null;
  readonly askedBy: Actor;
  readonly askedAt: number;
  readonly ticketIds: readonly number[];
  /** How many of them have been looked at, and of these how many were closed. */
  readonly done: number;
  readonly closed: number;
  readonly replyToken: string | null;
};

const columns = sql`
  id, state, filter, reason, asked_by as "askedBy", asked_at as "askedAt", ticket_ids as "ticketIds", done, closed,
  reply_token as "replyToken"`;

/** The open tickets that a filter means, in the order in which everybody locks them. `categoryId`: where tickets go whose panel has no category. */
export async function findBulkTickets(
  db: Db,
  guildId: string,
  input: { filter: BulkFilter; ticketCategory: string | null; now: number; limit: number },
): Promise<number[]> {
  const { panelId, categoryId, inactiveMs, labelId } = input.filter;
  const quietSince = inactiveMs === null ? null : input.now - inactiveMs;
  const rows = await db.query<{ id: number }>(sql`
    select ticket.id from ticket
    left join panel on panel.guild_id = ticket.guild_id and panel.id = ticket.panel_id
    where ticket.guild_id = ${guildId} and ticket.state = 'open'
      and (${panelId}::bigint is null or ticket.panel_id = ${panelId})
      and (${categoryId}::bigint is null or coalesce(panel.category_id, ${input.ticketCategory}::bigint) = ${categoryId})
      and (${labelId}::bigint is null or ticket.label_ids @> array[${labelId}::bigint])
      and (${quietSince}::bigint is null or greatest(
        (ticket.facts -> 'lastSpoken' ->> 'at')::bigint, (ticket.facts ->> 'openSince')::bigint,
        (ticket.facts ->> 'openedAt')::bigint) <= ${quietSince})
    order by ticket.id limit ${input.limit}`);
  return rows.map(({ id }) => id);
}

/** Stores a preview; earlier ones that nobody ran within the hour are forgotten. */
export async function insertBulkClose(
  db: Db,
  guildId: string,
  input: Pick<BulkClose, 'filter' | 'reason' | 'askedBy' | 'askedAt' | 'ticketIds'>,
): Promise<BulkClose> {
  const at = new Date(input.askedAt);
  const [row] = await db.query<BulkClose>(sql`
    with old as (
      delete from bulk_close where guild_id = ${guildId} and state = 'preview' and asked_at < ${at}::timestamptz - interval '1 hour'
    )
    insert into bulk_close (guild_id, filter, reason, asked_by, asked_at, ticket_ids)
    values (${guildId}, ${JSON.stringify(input.filter)}, ${input.reason}, ${JSON.stringify(input.askedBy)}, ${at},
      ${input.ticketIds}::bigint[])
    returning ${columns}`);
  if (!row) throw new Error('the insert of a bulk closing returned nothing');
  return row;
}

/** A closing of many tickets, held until the transaction ends. */
export async function lockBulkClose(db: Db, guildId: string, bulkId: number): Promise<BulkClose | null> {
  const [row] = await db.query<BulkClose>(sql`
    select ${columns} from bulk_close where guild_id = ${guildId} and id = ${bulkId} for update`);
  return row ?? null;
}

/** The same, to look at. */
export async function readBulkClose(db: Db, guildId: string, bulkId: number): Promise<BulkClose | null> {
  const [row] = await db.query<BulkClose>(sql`
    select ${columns} from bulk_close where guild_id = ${guildId} and id = ${bulkId}`);
  return row ?? null;
}

/** Writes how far it is; the caller holds the row. */
export async function writeBulkClose(
  db: Db,
  guildId: string,
  input: Pick<BulkClose, 'id' | 'state' | 'askedBy' | 'done' | 'closed' | 'replyToken'> & { at: number },
): Promise<void> {
  await db.query(sql`
    update bulk_close set state = ${input.state}, asked_by = ${JSON.stringify(input.askedBy)}, done = ${input.done},
      closed = ${input.closed}, reply_token = ${input.replyToken},
      finished_at = case when ${input.state} = 'done' then ${new Date(input.at)}::timestamptz end
    where guild_id = ${guildId} and id = ${input.id}`);
}
