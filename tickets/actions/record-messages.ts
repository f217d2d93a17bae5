import { metrics } from '#runtime/telemetry.ts';
import type { Db } from '#runtime/postgres.ts';
import type { Ctx } from '../context.ts';
import { seal } from '../crypto.ts';
import type { LogRow } from '../events.ts';
import type { Entry, MessageEntry, OfficeClock } from '../facts.ts';
import { attachmentsOf } from '../attachments-of.ts';
import { authorKindOf, teamIdsOf } from '../permission.ts';
import { continues, tellAgain, tellMore } from '../rows.ts';
import type { Settings } from '../settings/registry.ts';
import { insertAttachments, type NewAttachment } from '../store/fleet/attachment.ts';
import { entriesOf, writeHeard } from '../store/fleet/history.ts';
import {
  insertMessages,
  type LockedTicket,
  lockTickets,
  type Outgoing,
  readOutgoing,
  readSurroundings,
  type SealedMessage,
  type Surroundings,
  ticketsOfChannels,
} from '../store/fleet/message.ts';
import { appendOutbox } from '../store/fleet/outbox.ts';
import { clocksOf } from '../store/fleet/schedule.ts';
import { type Attachment, bodyOf, sealedRow } from '../store/transcript.ts';
import { nextTimer, staleAtOf } from '../timers.ts';

/** A message as the gateway brings it. */
export type IncomingMessage = {
  guildId: string;
  channelId: string;
  /** From the channel's topic; null: looked up by the channel. */
  ticketId: number | null;
  id: string;
  authorId: string;
  isBot: boolean;
  /** Whether Docket sent it. Such a message is an entry only if its nonce says for whom. */
  isOwn?: boolean;
  roleIds: readonly string[];
  content: string;
  attachments: readonly Attachment[];
  nonce: string | null;
  /** From its snowflake (ms). */
  at: number;
};

type Placed = IncomingMessage & { ticketId: number };

/**
 * Stores a batch of messages, of whichever servers, and what they mean: one transaction holds their tickets, stores the
 * messages (again is harmless), folds them and appends the rows that became true. Messages in no ticket are ignored.
 */
export async function recordMessages(ctx: Ctx, messages: readonly IncomingMessage[]): Promise<void> {
  if (messages.length === 0) return;
  const stored = await ctx.db.transaction(async (db) => {
    const placed = await placeMessages(db, messages);
    const keys = [...new Map(placed.map(({ guildId, ticketId }) => [ticketId, { guildId, ticketId }])).values()];
    if (keys.length === 0) return 0;
    const tickets = new Map((await lockTickets(db, keys)).map((ticket) => [ticket.id, ticket]));
    const around = await readSurroundings(db, keys);
    const outgoing = await outgoingOf(db, placed);
    const sealed: SealedMessage[] = [];
    const files: NewAttachment[] = [];
    for (const message of placed) {
      const ticket = tickets.get(message.ticketId);
      if (!ticket || !isIn(message, ticket)) continue;
      const entry = entryFor(message, { ticket, around, outgoing: outgoing.get(message.nonce ?? '') });
      const one = entry && sealMessage(ctx, message, entry, around);
      if (!one) continue;
      sealed.push(one.message);
      files.push(...one.files);
    }
    const fresh = await insertMessages(db, sealed);
    await insertAttachments(
      db,
      files.filter((file) => fresh.has(file.messageId)),
    );
    const ofTicket = Map.groupBy(
      sealed.filter((message) => fresh.delete(message.id)), // one of each id, should a batch hold it twice
      (message) => message.ticketId,
    );
    await foldInto(db, { ofTicket, tickets, settings: around.settings });
    return [...ofTicket.values()].reduce((sum, list) => sum + list.length, 0);
  });
  metrics.messagesRecorded.inc(stored);
}

/** A topic is text that anybody who manages channels can write: what it says must not contradict what is stored. */
const isIn = (message: Placed, ticket: LockedTicket): boolean =>
  message.guildId === ticket.guildId && (ticket.channelId === null || ticket.channelId === message.channelId);

async function placeMessages(db: Db, messages: readonly IncomingMessage[]): Promise<Placed[]> {
  const unknown = messages.filter((message) => message.ticketId === null);
  const found = unknown.length === 0 ? [] : await ticketsOfChannels(db, unknown);
  const ofChannel = new Map(found.map((row) => [row.channelId, row.ticketId]));
  return messages.flatMap((message) => {
    const ticketId = message.ticketId ?? ofChannel.get(message.channelId);
    return ticketId === undefined ? [] : [{ ...message, ticketId }];
  });
}

async function outgoingOf(db: Db, messages: readonly Placed[]): Promise<Map<string, Outgoing>> {
  const own = messages.flatMap(({ guildId, nonce, isBot }) => (isBot && nonce !== null ? [{ guildId, nonce }] : []));
  if (own.length === 0) return new Map();
  return new Map((await readOutgoing(db, own)).map((row) => [row.nonce, row]));
}

type Author = Pick<MessageEntry, 'actorId' | 'actorKind' | 'actorTeamIds'>;

/** Who wrote a message and as what, decided now and never again; undefined when it is no entry. */
function entryFor(
  message: Placed,
  o: { ticket: LockedTicket; around: Surroundings; outgoing: Outgoing | undefined },
): Author | undefined {
  const { ticket, around, outgoing } = o;
  if (outgoing?.ticketId === ticket.id && outgoing.guildId === ticket.guildId) return outgoing;
  if (message.isOwn) return undefined;
  const staff = around.staff.get(ticket.guildId) ?? [];
  const author = { id: message.authorId, roleIds: message.roleIds, isBot: message.isBot };
  const kind = authorKindOf(author, { ...ticket, memberIds: around.members.get(ticket.id) ?? [] }, staff);
  // A server's owner is always an admin (features.md 1.1-07), with or without a row of their own.
  const isOwner = kind !== 'opener' && kind !== 'bot' && around.owners.get(ticket.guildId) === author.id;
  const actorKind = isOwner ? 'staff' : kind;
  return { actorId: author.id, actorKind, actorTeamIds: actorKind === 'staff' ? teamIdsOf(author, staff) : [] };
}

/** Seals a message's text and what is known of its files; undefined when the ticket was erased. */
function sealMessage(
  ctx: Ctx,
  message: Placed,
  author: Author,
  around: Surroundings,
): { message: SealedMessage; files: NewAttachment[] } | undefined {
  const { guildId, ticketId, id, at } = message;
  const wrapped = around.wrappedKeys.get(ticketId);
  if (!wrapped) return undefined;
  const isKept = around.settings.get(guildId)?.storeTranscripts ?? true;
  const body = JSON.stringify(bodyOf(message, isKept));
  const place = { guildId, ticketId, row: sealedRow.message(id) };
  const key = ctx.keys.open(guildId, ticketId, wrapped);
  const sealed: SealedMessage = {
    guildId,
    ticketId,
    id,
    at,
    authorId: author.actorId,
    authorKind: author.actorKind,
    authorTeamIds: author.actorTeamIds,
    sealed: seal(key, place, body),
  };
  return { message: sealed, files: isKept ? attachmentsOf(key, message) : [] };
}

const messageEntry = (message: SealedMessage): MessageEntry => ({
  kind: 'message',
  id: message.id,
  at: message.at,
  actorId: message.authorId,
  actorKind: message.authorKind,
  actorTeamIds: message.authorTeamIds,
});

/** Continues each ticket's facts, or folds it anew where a message came late, and writes what follows in two statements. */
async function foldInto(
  db: Db,
  {
    ofTicket,
    tickets,
    settings,
  }: {
    ofTicket: ReadonlyMap<number, readonly SealedMessage[]>;
    tickets: ReadonlyMap<number, LockedTicket>;
    settings: Surroundings['settings'];
  },
): Promise<void> {
  const batches = [...ofTicket].flatMap(([ticketId, messages]) => {
    const ticket = tickets.get(ticketId);
    return ticket ? [{ ticket, fresh: messages.map(messageEntry) }] : [];
  });
  const late = batches.filter(({ ticket, fresh }) => !continues(ticket.facts, fresh));
  const stored = await entriesOf(
    db,
    late.map(({ ticket }) => ({ guildId: ticket.guildId, ticketId: ticket.id })),
  );
  const clockOf = await clocksOf(
    db,
    batches.map(({ ticket }) => ticket),
  );
  const written: LockedTicket[] = [];
  const rows: (LogRow & { guildId: string; ticketId: number })[] = [];
  for (const { ticket, fresh } of batches) {
    const version = ticket.version + 1;
    const told = tellBatch(ticket, fresh, { stored: stored.get(ticket.id), office: clockOf(ticket) });
    written.push(timed({ ...ticket, version, facts: told.facts }, settings.get(ticket.guildId)));
    // Until a ticket opens, nothing is told of it: its opening tells everything at once, and an abandoned one has no rows.
    if (ticket.lifetimeNo === null) continue;
    for (const row of told.rows) rows.push({ ...row, guildId: ticket.guildId, ticketId: ticket.id });
  }
  await writeHeard(db, written);
  await appendOutbox(db, rows);
}

/** A ticket with the timers that its facts imply now. */
function timed(ticket: LockedTicket, rules: Settings | undefined): LockedTicket {
  if (ticket.state !== 'open' || !rules) return ticket;
  const staleAt = staleAtOf(ticket, ticket.facts, rules);
  return { ...ticket, staleAt, nextActionAt: nextTimer({ ...ticket, staleAt }, ticket.facts, rules)?.at ?? null };
}

function tellBatch(
  ticket: LockedTicket,
  fresh: readonly MessageEntry[],
  { stored, office }: { stored: readonly Entry[] | undefined; office: OfficeClock },
) {
  const telling = { version: ticket.version + 1, office };
  if (!stored) return tellMore(ticket, fresh, telling);
  // The messages are stored already, so the stored entries hold them too.
  const ids = new Set(fresh.map((entry) => entry.id));
  const others = stored.filter((entry) => entry.kind === 'change' || !ids.has(entry.id));
  return tellAgain(ticket, others, fresh, telling);
}
