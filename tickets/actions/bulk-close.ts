import type { Db } from '#runtime/postgres.ts';
import { mustBeWithin } from '../bounds.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Actor } from '../permission.ts';
import { readReason } from '../reason.ts';
import {
  type BulkClose,
  type BulkFilter,
  findBulkTickets,
  insertBulkClose,
  lockBulkClose,
  writeBulkClose,
} from '../store/bulk-close.ts';
import { readHistory } from '../store/history.ts';
import { addBulkCloseJob } from '../store/job.ts';
import { lockTicket } from '../store/ticket.ts';
import { closing, mustHaveReason } from './close.ts';
import { commitChange, mustMay, readInForce } from './commit.ts';

/** No server has as many with channels: Discord ends at 500 channels and 1,000 active threads. */
const limit = 10_000;
/** One transaction holds this many tickets at most. */
const batch = 25;
const hourMs = 60 * 60_000;
const maxInactiveHours = 365 * 24;

/** What somebody wants to close at once. */
export type BulkInput = {
  by: Actor;
  panelId: number | null;
  categoryId: string | null;
  inactiveHours: number | null;
  labelId: number | null;
  reason: string | null;
};

/**
 * Says which open tickets a filter means, and keeps that: exactly these can be closed by `runBulkClose`.
 * @throws AppError bulk.none, close.reason-required, input.invalid {field, fix}, permission.admin
 */
export async function previewBulkClose(ctx: Ctx, guildId: string, input: BulkInput): Promise<BulkClose> {
  const { by, panelId, categoryId, inactiveHours, labelId } = input;
  const given = readReason(input.reason);
  if (inactiveHours !== null) mustBeWithin('inactive_for', inactiveHours, 1, maxInactiveHours);
  return ctx.db.transaction(async (db) => {
    const { settings, ...access } = await readInForce(db, guildId);
    mustMay(by, 'tickets.close-many', { settings, ...access });
    const reason = mustHaveReason(given, settings);
    const filter: BulkFilter = {
      panelId,
      categoryId,
      inactiveMs: inactiveHours === null ? null : inactiveHours * hourMs,
      labelId,
    };
    const now = ctx.now();
    const ticketIds = await findBulkTickets(db, guildId, {
      filter,
      ticketCategory: settings.ticketCategory,
      now,
      limit,
    });
    if (ticketIds.length === 0) throw new AppError('bulk.none');
    return insertBulkClose(db, guildId, { filter, reason, askedBy: by, askedAt: now, ticketIds });
  });
}

/**
 * Begins to close what a preview showed; a job does it. Repeated, it changes nothing. `replyToken`: whose answer shows how far it is.
 * @throws AppError bulk.unknown, permission.admin
 */
export async function runBulkClose(
  ctx: Ctx,
  guildId: string,
  input: { by: Actor; bulkId: number; replyToken: string | null },
): Promise<BulkClose> {
  const { by, bulkId, replyToken } = input;
  return ctx.db.transaction(async (db) => {
    mustMay(by, 'tickets.close-many', await readInForce(db, guildId));
    const bulk = await lockBulkClose(db, guildId, bulkId);
    if (!bulk) throw new AppError('bulk.unknown');
    if (bulk.state !== 'preview') return bulk;
    const running = { ...bulk, state: 'running' as const, askedBy: by, replyToken };
    await writeBulkClose(db, guildId, { ...running, at: ctx.now() });
    await addBulkCloseJob(db, guildId, bulkId);
    ctx.log.info({ guildId, bulkId, tickets: bulk.ticketIds.length }, 'closing of many tickets began');
    return running;
  });
}

/** Closes the next few tickets, in one transaction: an interruption leaves none half done and none twice. Answers how far it is, null when unknown. */
export function closeNextBatch(ctx: Ctx, guildId: string, bulkId: number): Promise<BulkClose | null> {
  return ctx.db.transaction(async (db) => {
    const bulk = await lockBulkClose(db, guildId, bulkId);
    if (bulk?.state !== 'running') return bulk;
    const ids = bulk.ticketIds.slice(bulk.done, bulk.done + batch);
    let { closed } = bulk;
    for (const ticketId of ids) if (await closeOne(ctx, db, guildId, { ticketId, bulk })) closed += 1;
    const done = bulk.done + ids.length;
    const after = { ...bulk, done, closed, state: done < bulk.ticketIds.length ? bulk.state : ('done' as const) };
    await writeBulkClose(db, guildId, { ...after, at: ctx.now() });
    return after;
  });
}

/** Closes one, unless it was closed meanwhile, or somebody wrote where only silent ones were meant. */
async function closeOne(
  ctx: Ctx,
  db: Db,
  guildId: string,
  { ticketId, bulk }: { ticketId: number; bulk: BulkClose },
): Promise<boolean> {
  const ticket = await lockTicket(db, guildId, ticketId);
  if (ticket?.state !== 'open') return false;
  const { inactiveMs } = bulk.filter;
  const wrote = (ticket.facts.lastSpoken?.at ?? 0) > bulk.askedAt;
  if (inactiveMs !== null && wrote) return false;
  const access = await readInForce(db, guildId);
  const change = closing({ ticket, access }, { by: bulk.askedBy, reason: bulk.reason, at: ctx.now(), isBulk: true });
  await commitChange(db, { ticket, history: await readHistory(db, guildId, ticketId) }, 'close', change);
  return true;
}
