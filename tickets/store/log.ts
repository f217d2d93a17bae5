import { type Db, sql } from '#runtime/postgres.ts';
import type { HistoryRow } from './history.ts';

/** A change on its way to a log channel, with what of its ticket is said. */
export type LogEntry = Pick<HistoryRow, 'version' | 'name' | 'at' | 'actorId' | 'data'> & {
  ticketId: number;
  displayNo: number;
  openerId: string;
  channelId: string | null;
  panelName: string | null;
};

/** A message for a log channel. `isNew`: no earlier run can have sent it. */
export type LogBatch = { batch: number; isNew: boolean; entries: LogEntry[] };

/** The channels that something waits for. */
export async function listLogChannels(db: Db, guildId: string): Promise<string[]> {
  const rows = await db.query<{ channelId: string }>(
    sql`select distinct channel_id as "channelId" from log_post where guild_id = ${guildId} order by 1`,
  );
  return rows.map((row) => row.channelId);
}

/**
 * The next message for a channel: the one that was begun and not finished, else the oldest changes that wait. What belongs together is
 * decided once and written down, so that a message that is tried again is the same one. One job at a time does this for a server.
 */
export async function takeLogBatch(
  db: Db,
  guildId: string,
  input: { channelId: string; limit: number },
): Promise<LogBatch | null> {
  const { channelId, limit } = input;
  // A change that was stored before others may become visible after them: what was begun is among the first rows all the same.
  const head = await db.query<{ id: number; batch: number | null }>(sql`
    select id, batch from log_post where guild_id = ${guildId} and channel_id = ${channelId}
    order by batch is null, id limit ${limit}`);
  const [first] = head;
  if (!first) return null;
  const batch = first.batch ?? first.id;
  if (first.batch === null) {
    await db.query(sql`
      update log_post set batch = ${batch}
      where guild_id = ${guildId} and channel_id = ${channelId} and id = any(${head.map(({ id }) => id)}::bigint[])`);
  }
  const entries = await db.query<LogEntry>(sql`
    select post.ticket_id as "ticketId", post.version, history.name, history.at, history.actor_id as "actorId",
      history.data,
      ticket.display_no as "displayNo", ticket.opener_id as "openerId",
      case when ticket.state in ('channel', 'open') then ticket.channel_id end as "channelId",
      (select panel.name from panel where panel.guild_id = ticket.guild_id and panel.id = ticket.panel_id) as "panelName"
    from log_post as post
    join history on history.guild_id = post.guild_id and history.ticket_id = post.ticket_id
      and history.version = post.version
    join ticket on ticket.guild_id = post.guild_id and ticket.id = post.ticket_id
    where post.guild_id = ${guildId} and post.channel_id = ${channelId} and batch = ${batch}
    order by post.id`);
  return { batch, isNew: first.batch === null, entries };
}

/** Forgets a message that was sent; `batch` null: everything that waits for the channel. Answers how many changes it was. */
export async function dropLogPosts(
  db: Db,
  guildId: string,
  input: { channelId: string; batch: number | null },
): Promise<number> {
  const rows = await db.query(sql`
    delete from log_post where guild_id = ${guildId} and channel_id = ${input.channelId}
      and (${input.batch}::bigint is null or batch = ${input.batch}) returning 1`);
  return rows.length;
}

/** Why a log channel takes nothing. */
export type LogProblem = {
  channelId: string;
  code: string;
  context: Record<string, string | number | null>;
  at: number;
};

/** Of `log_problem`: the channel is still one of the server's log channels. */
export const isStillLogged = sql`exists (
  select from guild where guild.guild_id = log_problem.guild_id and log_problem.channel_id::text in
    (guild.settings ->> 'logChannel', guild.settings ->> 'openedLogChannel', guild.settings ->> 'closedLogChannel'))`;

/** The log channels that take nothing, each with its reason. */
export function listLogProblems(db: Db, guildId: string): Promise<LogProblem[]> {
  return db.query<LogProblem>(sql`
    select channel_id as "channelId", code, context, at from log_problem
    where guild_id = ${guildId} and ${isStillLogged} order by channel_id`);
}

/** Notes why a log channel takes nothing. */
export async function recordLogProblem(db: Db, guildId: string, input: LogProblem): Promise<void> {
  const context = JSON.stringify(input.context);
  await db.query(sql`
    insert into log_problem (guild_id, channel_id, code, context, at)
    values (${guildId}, ${input.channelId}, ${input.code}, ${context}, ${new Date(input.at)})
    on conflict (guild_id, channel_id) do update
      set code = excluded.code, context = excluded.context, at = excluded.at`);
}

/** Something arrived there again. */
export async function clearLogProblem(db: Db, guildId: string, channelId: string): Promise<void> {
  await db.query(sql`delete from log_problem where guild_id = ${guildId} and channel_id = ${channelId}`);
}
