import { type Db, sql } from '#runtime/postgres.ts';
import { isStillLogged } from './log.ts';

/** Something that Discord refuses, until somebody mends it: an error code with its context, and what it hinders. */
export type Problem = {
  code: string;
  context: Record<string, string | number | null>;
  /** When it was met last (ms); null where that is not kept. */
  at: number | null;
  ticketId: number | null;
  displayNo: number | null;
  panelMessageId: number | null;
  /** How many tickets it hinders in the same way; the newest of them is named. */
  count: number;
};

/** How long a refusal to open stays on the list when nobody has opened such a ticket since. */
const refusedForMs = 7 * 24 * 60 * 60_000;

/**
 * A server's open problems, newest first. Of tickets those that are open or that Discord still has a channel of; of those that could not be opened
 * the ones that no later opening of the same panel has disproved. A closed direct message is nobody's to mend.
 */
export function listProblems(db: Db, guildId: string, input: { now: number; limit: number }): Promise<Problem[]> {
  const since = input.now - refusedForMs;
  return db.query<Problem>(sql`
    with hindered as (
      select applied -> 'problem' ->> 'code' as code, applied -> 'problem' -> 'context' as context,
             (applied -> 'problem' ->> 'at')::bigint as at, id, display_no
      from ticket
      where guild_id = ${guildId} and applied -> 'problem' <> 'null'::jsonb
        and applied -> 'problem' ->> 'code' <> 'discord.dms-closed'
        and (state in ('reserved', 'channel', 'open')
          or (state = 'closed' and (applied ->> 'channelDeletedAt') is null and (applied ->> 'archivedAt') is null)
          or (state = 'abandoned' and (applied -> 'problem' ->> 'at')::bigint > ${since}
            and not exists (
              select from ticket as later
              where later.guild_id = ticket.guild_id and later.id > ticket.id and later.lifetime_no is not null
                and later.panel_id is not distinct from ticket.panel_id)))
    ), grouped as (
      select code, context - 'wanted' as context, max(at) as at, count(*) as count,
             (array_agg(id order by id desc))[1] as "ticketId", (array_agg(display_no order by id desc))[1] as "displayNo"
      from hindered group by code, context - 'wanted'
    )
    select code, context, at, "ticketId", "displayNo", null::bigint as "panelMessageId", count from grouped
    union all
    select problem, jsonb_build_object('place', channel_id::text) || problem_context, null, null, null, id, 1
    from panel_message where guild_id = ${guildId} and problem is not null and deleted_at is null
    union all
    select code, context || jsonb_build_object('place', channel_id::text), (extract(epoch from at) * 1000)::bigint,
           null, null, null, 1
    from log_problem where guild_id = ${guildId} and ${isStillLogged}
    order by 3 desc nulls last limit ${input.limit}`);
}

/** The tickets and panel messages that may go on once somebody has mended what hindered them. */
export async function forgetProblems(
  db: Db,
  guildId: string,
  input: { limit: number },
): Promise<{ ticketIds: number[]; panelMessageIds: number[] }> {
  const tickets = await db.query<{ id: number }>(sql`
    with hindered as (
      select id from ticket
      where guild_id = ${guildId} and applied -> 'problem' <> 'null'::jsonb
        and (state in ('reserved', 'channel', 'open') or (state = 'closed' and (applied ->> 'channelDeletedAt') is null))
      order by id limit ${input.limit} for update
    )
    update ticket set applied = applied || '{"problem": null}'::jsonb
    from hindered where ticket.guild_id = ${guildId} and ticket.id = hindered.id returning ticket.id`);
  const messages = await db.query<{ id: number }>(sql`
    update panel_message set problem = null, applied_hash = null
    where guild_id = ${guildId} and problem is not null and deleted_at is null returning id`);
  return { ticketIds: tickets.map(({ id }) => id), panelMessageIds: messages.map(({ id }) => id) };
}
