import { createClickhouse } from '#analytics/clickhouse/client.ts';
import { parseTopic } from '#discord/topic.ts';
import { createLog } from '#runtime/log.ts';
import { createPool, sql } from '#runtime/postgres.ts';
import { printLine } from '#runtime/stdout.ts';
import { until } from './desk.ts';
import { type Fleet, shardCount } from './fleet.ts';
import type { Sent } from './traffic.ts';

/** What is left after faults, counted in every place. Of a fleet that lost and doubled nothing, all but the first few numbers are 0. */
export type Reckoning = {
  sent: number;
  stored: number;
  counted: number;
  tickets: number;
  /** Sent and not stored. */
  lost: number;
  /** Stored though nobody is known to have sent them, less those whose sender never got an answer. */
  invented: number;
  /** Rows that ClickHouse counts twice. */
  duplicates: number;
  /** Differences that `docket verify` finds. */
  differences: number;
  deadLetters: number;
  /** Tickets that are neither open nor closed. */
  halfOpen: number;
  /** Ticket channels without an open ticket, second channels of a ticket, open tickets without their channel. */
  orphans: number;
  /** "Thinking…" that was never followed by anything, in a channel that is still there. */
  silent: number;
  secondSessions: number;
  /** Connected shards, less those there should be. */
  extraSessions: number;
  /** IDENTIFYs that Discord would have refused. */
  identifyViolations: number;
};

const settleWithinMs = 120_000;

/** Waits until everything that is under way is done, then counts. */
export async function reckon(fleet: Fleet, sent: Sent): Promise<Reckoning> {
  const pool = createPool({ url: fleet.databaseUrl, name: 'test', log: createLog({ role: 'test', level: 'silent' }) });
  const clickhouse = createClickhouse({ url: new URL(fleet.clickhouseUrl).origin, database: 'docket' });
  const messages = async (): Promise<string[]> =>
    (await pool.query<{ id: string }>(sql`select id from message where author_kind <> 'bot'`)).map((row) => row.id);
  const halfOpen = async (): Promise<number> =>
    (await pool.query<{ id: number }>(sql`select id from ticket where state in ('reserved', 'channel')`)).length;
  let strays: string[] = [];
  const orphans = async (): Promise<number> => {
    const tickets = await pool.query<{ id: number; state: string; channelId: string | null; applied: object }>(
      sql`select id, state, channel_id as "channelId", applied from ticket`,
    );
    const ticketOf = new Map(tickets.map((row) => [row.id, row]));
    const all = (await Promise.all(fleet.desks.map((desk) => fleet.control.channels(desk.guild.id)))).flat();
    const there = new Set(all.map((one) => one.id));
    const isOpenIn = (ticketId: number, channelId: string): boolean => {
      const ticket = ticketOf.get(ticketId);
      return ticket?.state === 'open' && ticket.channelId === channelId;
    };
    const stray = all.flatMap((one) => {
      const ticketId = parseTopic(one.topic);
      if (ticketId === null || isOpenIn(ticketId, one.id)) return [];
      return [`channel ${one.id} of ${JSON.stringify(ticketOf.get(ticketId) ?? `no ticket ${ticketId}`)}`];
    });
    const homeless = tickets
      .filter((row) => row.state === 'open' && !there.has(row.channelId ?? ''))
      .map((row) => `no channel for ${JSON.stringify(row)}`);
    strays = [...stray, ...homeless];
    return strays.length;
  };
  const silent = async (): Promise<number> => {
    const all = (await Promise.all(fleet.desks.map((desk) => fleet.control.channels(desk.guild.id)))).flat();
    const there = new Set(all.map((one) => one.id));
    let left = 0;
    for (const [id, channelId] of fleet.watch.seen.deferred) {
      const isOver =
        !there.has(channelId) || (await fleet.control.interaction(id).catch(() => ({ isAnswered: true }))).isAnswered;
      if (isOver) fleet.watch.seen.deferred.delete(id);
      else left += 1;
    }
    return left;
  };
  // Gives the last answer where the deadline passes: then it is a figure of the reckoning, not an error of its own.
  const settled = async (ask: () => Promise<number>): Promise<number> =>
    until(ask, (n) => n === 0, settleWithinMs).catch(ask);
  try {
    const lost = await settled(async () => {
      const known = new Set(await messages());
      return [...sent.messageIds].filter((id) => !known.has(id)).length;
    });
    const leftHalfOpen = await settled(halfOpen);
    const leftOrphans = await settled(orphans);
    for (const one of strays) printLine(one);
    const leftSilent = await settled(silent);
    fleet.watch.seen.deferred.clear(); // counted once
    const extraSessions = await settled(async () => (await fleet.control.counts()).connections - shardCount);
    const verdict = await fleet.verify();
    const query =
      "select count() as n, uniqExact(id) as ids from event final where name like 'message.%' and actor_kind != 'bot'";
    const [counted] = await (await clickhouse.query({ query, format: 'JSONEachRow' })).json<{
      n: string;
      ids: string;
    }>();
    const stored = await messages();
    const { violations, secondSessions } = fleet.watch.seen;
    return {
      sent: sent.messageIds.size,
      stored: stored.length,
      counted: Number(counted?.n ?? 0),
      tickets: sent.channelIds.size,
      lost,
      invented: Math.max(0, stored.filter((id) => !sent.messageIds.has(id)).length - sent.unanswered),
      duplicates: Number(counted?.n ?? 0) - Number(counted?.ids ?? 0),
      differences: Number(verdict['differences']),
      deadLetters: Number(verdict['deadLetters']),
      halfOpen: leftHalfOpen,
      orphans: leftOrphans,
      silent: leftSilent,
      secondSessions,
      extraSessions,
      identifyViolations: (violations['identify_too_early'] ?? 0) + (violations['session_start_limit'] ?? 0),
    };
  } finally {
    await pool.end();
    await clickhouse.close();
  }
}
