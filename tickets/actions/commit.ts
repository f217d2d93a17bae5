import type { Db } from '#runtime/postgres.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { ChangeEntry, ChangeName } from '../facts.ts';
import { type Access, type Action, type Actor, authorKindOf, levelOf, refusalOf, teamIdsOf } from '../permission.ts';
import { continues, type Told, tellAgain, tellAll, tellMore } from '../rows.ts';
import type { Settings } from '../settings/registry.ts';
import { messagesOf } from '../store/fleet/history.ts';
import { appendOutbox } from '../store/fleet/outbox.ts';
import { clocksOf } from '../store/fleet/schedule.ts';
import { lockCounter, readGuild, readGuildAndStaff } from '../store/guild.ts';
import { entryOf, type HistoryData, type HistoryRow, insertHistory, partOf, readHistory } from '../store/history.ts';
import { addTicketJob } from '../store/job.ts';
import { lockTicket, updateTicket } from '../store/ticket.ts';
import { type Ticket, transition, type Verb } from '../ticket.ts';
import { nextTimer, staleAtOf } from '../timers.ts';

/** The configuration in force when somebody acts. */
export type InForce = Access & { readonly settings: Settings; readonly entitledUntil: number | null };

/** Reads the configuration in force. Throws `guild.unknown`. */
export async function readInForce(db: Db, guildId: string): Promise<InForce> {
  const guild = await readGuildAndStaff(db, guildId);
  if (!guild) throw new AppError('guild.unknown');
  return { settings: guild.settings, entitledUntil: guild.entitledUntil, staff: guild.staff };
}

/** Throws what an actor lacks for an action. */
export function mustMay(actor: Actor, action: Action, access: Access, ticket?: Ticket): void {
  const refused = refusalOf(actor, action, access, ticket);
  if (refused) throw new AppError(refused);
}

/** Who acts, as entries keep it. Null is Docket itself. An admin without a team is staff in what they do. */
export function authorOf(
  by: Actor | null,
  ticket: Ticket,
  access: Access,
): Pick<ChangeEntry, 'actorId' | 'actorKind' | 'actorTeamIds'> {
  if (!by) return { actorId: null, actorKind: 'system', actorTeamIds: [] };
  const kind = authorKindOf({ ...by, isBot: false }, ticket, access.staff);
  const isAdmin = kind !== 'opener' && levelOf(by, access) === 'admin';
  return {
    actorId: by.id,
    actorKind: isAdmin ? 'staff' : kind,
    actorTeamIds: isAdmin || kind === 'staff' ? teamIdsOf(by, access.staff) : [],
  };
}

/** What a verb makes of a ticket, besides what its entry implies: claimer, closing and rating come out of the fold. */
export type Change = {
  set?: Partial<
    Pick<
      Ticket,
      | 'lifetimeNo'
      | 'channelId'
      | 'parentId'
      | 'mode'
      | 'closeReason'
      | 'nextActionAt'
      | 'memberIds'
      | 'panelId'
      | 'teamIds'
      | 'priority'
      | 'topic'
      | 'labelIds'
      | 'name'
      | 'isExcluded'
      | 'staleAt'
      | 'warnedAt'
      | 'closeRequest'
      | 'queuedAt'
    >
  >;
  /** What the verb is in the ticket's history; a step that is no entry (a channel was attached) has none. */
  entry?: {
    name: ChangeName;
    by: Pick<ChangeEntry, 'actorId' | 'actorKind' | 'actorTeamIds'>;
    /** When it was asked for (ms); it is filed no earlier than the change before it. */
    at: number;
    data?: Omit<HistoryData, 'askedAt'>;
  };
  /** Nobody waits for it: what it needs in Discord comes after what people asked for. */
  isBulk?: boolean;
};

/** A ticket whose row is held, and its changes so far. */
export type Held = { ticket: Ticket; history: readonly HistoryRow[] };

/**
 * The last step of every verb, inside its transaction and under its ticket's lock: version, history, facts, outbox, one job.
 * @throws AppError when the ticket's state does not let the verb happen
 */
export async function commitChange(db: Db, held: Held, verb: Verb, change: Change): Promise<Ticket> {
  const { ticket } = held;
  const { guildId } = ticket;
  const next = transition(ticket.state, verb);
  if ('refused' in next) throw new AppError(next.refused);
  const version = ticket.version + 1;
  let changedAt = held.history.at(-1)?.at ?? ticket.openedAt;
  let { facts } = ticket;
  if (change.entry) {
    const { name, by, at, data } = change.entry;
    // Changes never go back behind each other, so that fold and transitions see them in one order (design.md 3).
    changedAt = Math.max(changedAt, at);
    const entry: ChangeEntry = { kind: 'change', name, at: changedAt, version, ...by, ...partOf(data ?? {}) };
    const told = await tell(db, held, entry, { ...ticket, ...change.set });
    facts = told.facts;
    await insertHistory(db, guildId, { ticketId: ticket.id, entry, data: { askedAt: at, ...data } });
    await appendOutbox(
      db,
      told.rows.map((row) => ({ ...row, guildId, ticketId: ticket.id })),
    );
  }
  const changed: Ticket = {
    ...ticket,
    ...change.set,
    state: next.to,
    version,
    facts,
    claimedBy: facts.claimer?.id ?? null,
    closedAt: facts.closedAt,
    closedBy: facts.closedBy,
    rating: facts.rating,
    ratedAt: facts.ratedAt,
  };
  const after = next.to === 'open' ? await withTimers(db, changed) : changed;
  await updateTicket(db, guildId, { ...after, changedAt });
  await addTicketJob(db, guildId, ticket.id, { isBulk: change.isBulk ?? false });
  return after;
}

/** An open ticket with the moment of its next timer, which any change may move. */
async function withTimers(db: Db, ticket: Ticket): Promise<Ticket> {
  const guild = await readGuild(db, ticket.guildId);
  if (!guild) return ticket;
  const staleAt = staleAtOf(ticket, ticket.facts, guild.settings);
  const timer = nextTimer({ ...ticket, staleAt }, ticket.facts, guild.settings);
  return { ...ticket, staleAt, nextActionAt: timer?.at ?? null };
}

async function tell(db: Db, { ticket, history }: Held, entry: ChangeEntry, changed: Ticket): Promise<Told> {
  const isOpening = entry.name === 'opened';
  const telling = { version: entry.version, office: (await clocksOf(db, [ticket]))(ticket) };
  if (!isOpening && continues(ticket.facts, [entry])) return tellMore(ticket, [entry], telling, changed);
  const messages = await messagesOf(db, [{ guildId: ticket.guildId, ticketId: ticket.id }]);
  const stored = [...history.map(entryOf), ...(messages.get(ticket.id) ?? [])];
  // Nothing was told of a reservation: what was said in it meanwhile is told together with its opening.
  if (isOpening) return tellAll(changed, [...stored, entry], telling);
  return tellAgain(ticket, stored, [entry], telling, changed);
}

/** What a verb sees before it decides. */
export type Seen = {
  db: Db;
  ticket: Ticket;
  access: InForce;
  /** The version that the last change made: messages raise a ticket's version too, but nobody edits what they say. */
  changeVersion: number;
  /** What happened to it so far. */
  history: readonly HistoryRow[];
};

type Decided = Change | readonly Change[] | undefined;

/**
 * A verb on an existing ticket, in one transaction under its lock. `decide` throws what is missing, returns the change (or
 * several, which happen in this order), or undefined when there is nothing to do. An `asked` verb that is repeated (a replayed interaction) changes nothing.
 * @throws AppError guild.unknown, ticket.unknown, and what `decide` and `transition` say
 */
export async function changeTicket(
  ctx: Ctx,
  guildId: string,
  o: {
    ticketId: number;
    verb: Verb;
    asked?: { name: ChangeName; by: string | null; at: number };
    /** It counts limits: like openings, changes of this kind take turns in a server. */
    countsLimits?: boolean;
  },
  decide: (seen: Seen) => Decided | Promise<Decided>,
): Promise<Ticket> {
  return ctx.db.transaction(async (db) => {
    if (o.countsLimits && !(await lockCounter(db, guildId))) throw new AppError('guild.unknown');
    const ticket = await lockTicket(db, guildId, o.ticketId);
    if (!ticket) throw new AppError('ticket.unknown');
    const history = await readHistory(db, guildId, ticket.id);
    const { asked } = o;
    if (asked) {
      const isSame = (row: HistoryRow): boolean =>
        row.name === asked.name && row.actorId === asked.by && row.data.askedAt === asked.at;
      if (history.some(isSame)) return ticket;
      const next = transition(ticket.state, o.verb);
      if ('refused' in next) throw new AppError(next.refused);
    }
    const changeVersion = history.at(-1)?.version ?? 0;
    const decided = await decide({ db, ticket, access: await readInForce(db, guildId), changeVersion, history });
    const [first, ...further] = [decided ?? []].flat();
    if (!first) return ticket;
    let changed = await commitChange(db, { ticket, history }, o.verb, first);
    for (const change of further) {
      const held = { ticket: changed, history: await readHistory(db, guildId, ticket.id) };
      changed = await commitChange(db, held, o.verb, change);
    }
    ctx.log.info({ guildId, ticketId: ticket.id, verb: o.verb, state: changed.state }, 'ticket changed');
    return changed;
  });
}
