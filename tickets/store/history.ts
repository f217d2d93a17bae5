import { type Db, sql } from '#runtime/postgres.ts';
import type { AuthorKind, ChangeEntry, ChangeName, Person } from '../facts.ts';

/** A change as `history` keeps it. `data` is what belongs to the change only: a reason, a member's id, a rating. */
export type HistoryRow = {
  version: number;
  name: ChangeName;
  at: number;
  actorId: string | null;
  actorKind: AuthorKind;
  actorTeamIds: number[];
  data: HistoryData;
};

/** Facts beside the entry. `askedAt` is when the change was asked for, which `at` may be later than. */
export type HistoryData = {
  askedAt: number;
  reason?: string | null;
  userId?: string;
  rating?: number;
  assignee?: Person;
  panelId?: number | null;
  /** What was written or chosen: a name, a topic, a priority, labels; before it what stood there. */
  before?: string | readonly number[] | null;
  after?: string | readonly number[] | null;
  closesAt?: number | null;
  /** For `opened`: when its channel was there. */
  readyAt?: number;
  /** For `claimed` and `assigned`: the opener is pinged, as the server's setting said then. */
  pings?: boolean;
};

/** A ticket's changes, in order. */
export function readHistory(db: Db, guildId: string, ticketId: number): Promise<HistoryRow[]> {
  return db.query<HistoryRow>(sql`
    select version, name, at, actor_id as "actorId", actor_kind as "actorKind", actor_team_ids as "actorTeamIds", data
    from history where guild_id = ${guildId} and ticket_id = ${ticketId} order by version`);
}

// Which settings name a channel that is told: everything, and openings and closings by themselves (features.md 1.3-25, 1.3-26).
const logsOf = (name: ChangeName): string[] => [
  'logChannel',
  ...(name === 'opened' ? ['openedLogChannel'] : name === 'closed' ? ['closedLogChannel'] : []),
];

/** Appends a change, and what the server's log channels are to be told of it; part of its transaction. */
export async function insertHistory(
  db: Db,
  guildId: string,
  input: { ticketId: number; entry: ChangeEntry; data: HistoryData },
): Promise<void> {
  const { entry } = input;
  await db.query(sql`
    with added as (
      insert into history (guild_id, ticket_id, version, name, at, actor_id, actor_kind, actor_team_ids, data)
      values (${guildId}, ${input.ticketId}, ${entry.version}, ${entry.name}, ${new Date(entry.at)}, ${entry.actorId},
              ${entry.actorKind}, ${entry.actorTeamIds}::bigint[], ${JSON.stringify(input.data)})
      returning guild_id, ticket_id, version
    )
    insert into log_post (guild_id, channel_id, ticket_id, version)
    select distinct added.guild_id, (guild.settings ->> setting)::bigint, added.ticket_id, added.version
    from added join guild on guild.guild_id = added.guild_id, unnest(${logsOf(entry.name)}::text[]) as setting
    where guild.settings ->> setting is not null`);
}

/** What of a change's data its entry needs: what the fold looks at. */
export const partOf = ({ rating, assignee, panelId, readyAt }: Partial<HistoryData>) => ({
  ...(rating !== undefined && { rating }),
  ...(assignee !== undefined && { assignee }),
  ...(panelId !== undefined && { panelId }),
  ...(readyAt !== undefined && { readyAt }),
});

/**
 * The version of the claim by which a ticket is held at a version of its own, if the opener is to be pinged about it: a claim that came since is
 * not what the ticket says yet.
 */
export async function readClaimToPing(
  db: Db,
  guildId: string,
  input: { ticketId: number; version: number },
): Promise<number | null> {
  const [row] = await db.query<{ version: number; pings: boolean | null }>(sql`
    select version, (data ->> 'pings')::boolean as pings from history
    where guild_id = ${guildId} and ticket_id = ${input.ticketId} and version <= ${input.version}
      and name in ('claimed', 'assigned')
    order by version desc limit 1`);
  return row?.pings ? row.version : null;
}

/** The entry of a stored change. */
export function entryOf(row: HistoryRow): ChangeEntry {
  const { data, ...entry } = row;
  return { kind: 'change', ...entry, ...partOf(data) };
}
