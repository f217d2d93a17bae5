import { type Db, sql } from '#runtime/postgres.ts';
import type { History } from './history.ts';
import type { Recorded } from './tell.ts';

/** Puts recorded histories into Postgres as they would be there: servers, counters, panels, tickets and their entries. */
export async function storeHistories(
  db: Db,
  stored: readonly { history: History; recorded: readonly Recorded[] }[],
): Promise<void> {
  const guildIds = stored.map(({ history }) => history.guildId);
  await db.query(sql`
    insert into guild (guild_id, name, owner_id)
    select id, 'made up', 1 from unnest(${guildIds}::bigint[]) as new (id)`);
  await db.query(sql`
    insert into guild_counter (guild_id, display_no, lifetime_no)
    select id, n, n from unnest(${guildIds}::bigint[], ${stored.map((one) => one.recorded.length)}::integer[]) as new (id, n)`);
  const panels = stored.flatMap(({ history }) =>
    history.panels.map((panel) => ({ guildId: history.guildId, ...panel })),
  );
  await db.query(sql`
    insert into panel (guild_id, id, name, button_label, deleted_at)
    select guild_id, id, name, 'open', case when gone then now() end
    from unnest(${panels.map((one) => one.guildId)}::bigint[], ${panels.map((one) => one.id)}::bigint[],
                ${panels.map((one) => one.name)}::text[], ${panels.map((one) => one.isDeleted)}::boolean[])
      as new (guild_id, id, name, gone)`);
  await storeTickets(db, stored);
  const entries = stored.flatMap(({ recorded }) =>
    recorded.flatMap(({ ticket, entries: list }) =>
      list.map((entry) => ({ guild_id: ticket.guildId, ticket_id: ticket.id, ...entry, at: new Date(entry.at) })),
    ),
  );
  await db.query(sql`
    insert into history (guild_id, ticket_id, version, name, at, actor_id, actor_kind, actor_team_ids, data)
    select guild_id, ticket_id, version, name, at, "actorId", "actorKind", "actorTeamIds",
           json_strip_nulls(json_build_object('askedAt', 0, 'rating', rating))
    from json_to_recordset(${JSON.stringify(entries.filter((entry) => entry.kind === 'change'))}) as new (
      guild_id bigint, ticket_id bigint, version integer, name text, at timestamptz, "actorId" bigint, "actorKind" text,
      "actorTeamIds" bigint[], rating smallint)`);
  await db.query(sql`
    insert into message (guild_id, ticket_id, id, at, author_id, author_kind, author_team_ids, sealed)
    select guild_id, ticket_id, id, at, "actorId", "actorKind", "actorTeamIds", ''
    from json_to_recordset(${JSON.stringify(entries.filter((entry) => entry.kind === 'message'))}) as new (
      guild_id bigint, ticket_id bigint, id bigint, at timestamptz, "actorId" bigint, "actorKind" text,
      "actorTeamIds" bigint[])`);
}

async function storeTickets(
  db: Db,
  stored: readonly { history: History; recorded: readonly Recorded[] }[],
): Promise<void> {
  const rows = stored.flatMap(({ recorded }) =>
    recorded.map(({ ticket, claimedBy }, i) => ({
      ...ticket,
      guild_id: ticket.guildId,
      no: i + 1,
      state: ticket.facts.status,
      claimed_by: claimedBy,
      opened_at: new Date(ticket.openedAt),
    })),
  );
  await db.query(sql`
    insert into ticket (guild_id, id, version, state, display_epoch, display_no, lifetime_no, interaction_id,
                        opener_id, opened_by, panel_id, opened_panel_id, team_ids, source, claimed_by, opened_at,
                        facts, applied, change_version, changed_at)
    select guild_id, id, version, state, 0, no, no, id, "openerId", "openedBy", "openedPanelId", "openedPanelId", '{1000}', source,
           claimed_by, opened_at, facts, '{}', version, opened_at
    from json_to_recordset(${JSON.stringify(rows)}) as new (
      guild_id bigint, id bigint, version integer, state text, no integer, "openerId" bigint, "openedBy" bigint,
      "openedPanelId" bigint, source text, claimed_by bigint, opened_at timestamptz, facts jsonb)`);
}
