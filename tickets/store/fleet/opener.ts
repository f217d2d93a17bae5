import { type Db, sql } from '#runtime/postgres.ts';

/**
 * The openers of open tickets who were not seen since `before` (ms), in servers that close when somebody leaves. They are put off to `putOffTo`,
 * so that no other worker asks for them meanwhile.
 */
export async function takeUnseenOpeners(
  db: Db,
  input: { before: number; putOffTo: number; limit: number },
): Promise<{ guildId: string; openerId: string }[]> {
  const rows = await db.query<{ guildId: string; openerId: string }>(sql`
    with unseen as (
      select ticket.guild_id, ticket.id
      from guild join ticket on ticket.guild_id = guild.guild_id and ticket.state = 'open'
      where (guild.settings ->> 'autoclose')::boolean and (guild.settings ->> 'autocloseOnLeave')::boolean
        and guild.left_at is null and not ticket.is_excluded
        and coalesce(ticket.opener_seen_at, ticket.opened_at) < ${new Date(input.before)}
      order by coalesce(ticket.opener_seen_at, ticket.opened_at) limit ${input.limit} for update of ticket skip locked
    )
    update ticket set opener_seen_at = ${new Date(input.putOffTo)} from unseen
    where ticket.guild_id = unseen.guild_id and ticket.id = unseen.id
    returning ticket.guild_id as "guildId", ticket.opener_id as "openerId"`);
  return [...new Map(rows.map((row) => [`${row.guildId}/${row.openerId}`, row])).values()];
}
