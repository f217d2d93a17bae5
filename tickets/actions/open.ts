import type { Db } from '#runtime/postgres.ts';
import type { Ctx } from '../context.ts';
import { seal } from '../crypto.ts';
import type { Applied } from '../applied.ts';
import { AppError } from '../errors.ts';
import { newFacts, type Source } from '../facts.ts';
import { officeHoursOf } from '../hours.ts';
import { modeFor } from '../mode.ts';
import type { Panel } from '../panel.ts';
import { type Actor, isBlocked, levelOf, refusalBelow } from '../permission.ts';
import type { Settings } from '../settings/registry.ts';
import { lockCounter } from '../store/guild.ts';
import { addTicketJob } from '../store/job.ts';
import { takeNumber } from '../store/number.ts';
import { readPanel } from '../store/panel.ts';
import { countActive, insertTicket, readOpenFromMessage, readTicketByInteraction } from '../store/ticket.ts';
import { sealedRow } from '../store/transcript.ts';
import type { Answer, Ticket } from '../ticket.ts';
import { type InForce, readInForce } from './commit.ts';

// A channel appears within a second or two, or after Discord's worst outages within minutes. Ten minutes is long enough for
// the reconciler's retries and short enough that a lost reservation does not keep a member from asking again.
const reservationMs = 10 * 60_000;

/** What somebody asks when they open a ticket. */
export type OpenInput = {
  /** The interaction that asked; the same one never opens a second ticket. */
  interactionId: string;
  opener: Actor;
  openedBy: Actor;
  panelId: number | null;
  source: Source;
  subject: string | null;
  answers: readonly Answer[];
  at: number;
  /** The channel where it was asked for; a thread hangs there, if it can. */
  channelId?: string | null;
  /** Who is in it from the beginning, besides the opener. */
  memberIds?: readonly string[];
  /** The message that it was started from, whose channel is told where the conversation went. */
  movedFrom?: Applied['movedFrom'];
  /** The interaction's token, if its reply waits for the channel. */
  replyToken?: string | null;
};

/**
 * Reserves a ticket: limits and display number are taken under the server's counter row, so openings of one server take
 * turns and no limit is ever passed. Its channel is the reconciler's work. Repeated with the same interaction it returns
 * the ticket that is there.
 * @throws AppError limit.user, limit.panel, limit.guild {limit}, panel.unknown, open.disabled, open.blocked,
 * open.has-ticket, open.role-required {roles}, open.closed-hours {opensAt}, input.invalid {field, fix},
 * permission.support, guild.unknown
 */
export async function openTicket(
  ctx: Ctx,
  guildId: string,
  input: OpenInput,
): Promise<{ ticket: Ticket; isNew: boolean }> {
  checkTexts(input);
  const opened = await ctx.db.transaction(async (db) => {
    const counter = await lockCounter(db, guildId);
    if (!counter) throw new AppError('guild.unknown');
    const known = await readTicketByInteraction(db, guildId, input.interactionId);
    if (known) return { ticket: known, isNew: false };
    const access = await readInForce(db, guildId);
    const panel = await panelOf(db, guildId, input.panelId);
    mustBeAllowed(input, panel, access);
    // People write in several lines: those after the first belong into the ticket.
    if (input.source === 'message' && (await readOpenFromMessage(db, guildId, { openerId: input.opener.id })))
      throw new AppError('open.has-ticket');
    await mustFit(db, guildId, { opener: input.opener, panel, access });
    const hours = await officeHoursOf(db, guildId, { panel, settings: access.settings, at: input.at });
    const isRefused = !hours.isOpen && hours.outside === 'refuse' && levelOf(input.openedBy, access) === 'member';
    if (isRefused) throw new AppError('open.closed-hours', { opensAt: hours.opensAt });
    const ticket = await reserve(ctx, db, guildId, {
      input,
      panel,
      settings: access.settings,
      scheduleId: hours.scheduleId,
    });
    await addTicketJob(db, guildId, ticket.id);
    return { ticket, isNew: true };
  });
  const { ticket, isNew } = opened;
  if (isNew) ctx.log.info({ guildId, ticketId: ticket.id, displayNo: ticket.displayNo }, 'ticket reserved');
  return opened;
}

/** An embed's title; a paragraph of a form, or a message. */
const subjectMax = 256;
const answersMax = 25;
const answerMax = 4_096;

function checkTexts({ subject, answers }: OpenInput): void {
  const refuse = (field: string, fix: string) => new AppError('input.invalid', { field, fix });
  if (subject !== null && subject.length > subjectMax) throw refuse('subject', `at most ${subjectMax} characters`);
  if (answers.length > answersMax) throw refuse('answers', `at most ${answersMax} of them`);
  const long = answers.find(({ label, value }) => label.length > subjectMax || value.length > answerMax);
  if (long) throw refuse(long.label.slice(0, 45), `at most ${answerMax} characters`);
}

async function panelOf(db: Db, guildId: string, panelId: number | null): Promise<Panel | null> {
  if (panelId === null) return null;
  const panel = await readPanel(db, guildId, panelId);
  if (!panel || panel.deletedAt !== null) throw new AppError('panel.unknown', { panelId });
  return panel;
}

function mustBeAllowed(input: OpenInput, panel: Panel | null, access: InForce): void {
  const isStaff = levelOf(input.openedBy, access) !== 'member';
  if (input.openedBy.id !== input.opener.id && !isStaff) throw new AppError('permission.support');
  const tooLow =
    input.source === 'context_menu' && refusalBelow(input.openedBy, access, access.settings.contextMenuLevel);
  if (tooLow) throw new AppError(tooLow);
  if (isBlocked(input.openedBy, access)) throw new AppError('open.blocked');
  if (input.source === 'command' && !access.settings.openCommand && !isStaff) throw new AppError('open.disabled');
  const needed = panel?.requiredRoleIds ?? [];
  if (needed.length > 0 && !isStaff && !input.opener.roleIds.some((id) => needed.includes(id)))
    throw new AppError('open.role-required', { roles: needed.join(',') });
}

/** Staff are immune to the limit per person; what a panel or the server can hold is the same for all. */
export async function mustFit(
  db: Db,
  guildId: string,
  o: { opener: Actor; panel: Panel | null; access: InForce },
): Promise<void> {
  const { openTicketsPerUser, openTicketsInServer } = o.access.settings;
  const isStaff = levelOf(o.opener, o.access) !== 'member';
  const most = {
    user: isStaff ? null : openTicketsPerUser,
    panel: o.panel?.maxOpen ?? null,
    guild: openTicketsInServer,
  };
  const panelId = o.panel?.id ?? null;
  const active = await countActive(db, guildId, { openerId: o.opener.id, panelId, limits: most });
  const limits = [
    { code: 'limit.user', limit: most.user, count: active.user },
    { code: 'limit.panel', limit: most.panel, count: active.panel },
    { code: 'limit.guild', limit: most.guild, count: active.guild },
  ] as const;
  const reached = limits.find(({ limit, count }) => limit !== null && count >= limit);
  if (reached) throw new AppError(reached.code, { limit: reached.limit });
}

async function reserve(
  ctx: Ctx,
  db: Db,
  guildId: string,
  {
    input,
    panel,
    settings,
    scheduleId,
  }: {
    input: OpenInput;
    panel: Panel | null;
    settings: Settings;
    scheduleId: number | null;
  },
): Promise<Ticket> {
  const number = await takeNumber(db, guildId, { panelId: settings.continuousNumbering ? null : input.panelId });
  // Taken before the insert, because what is sealed names its ticket.
  const { key, wrapped } = ctx.keys.create(guildId, number.id);
  const place = { guildId, ticketId: number.id, row: sealedRow.answers };
  return insertTicket(db, guildId, {
    ...number,
    mode: modeFor({ panel, settings, source: input.source }),
    parentId: input.channelId ?? null,
    memberIds: input.memberIds ?? [],
    movedFrom: input.movedFrom ?? null,
    scheduleId,
    interactionId: input.interactionId,
    openerId: input.opener.id,
    openedBy: input.openedBy.id,
    panelId: input.panelId,
    teamIds: panel?.teamIds ?? [],
    source: input.source,
    subject: input.subject,
    sealedAnswers: input.answers.length === 0 ? null : seal(key, place, JSON.stringify(input.answers)),
    wrappedKey: wrapped,
    openedAt: input.at,
    expiresAt: ctx.now() + reservationMs,
    facts: newFacts(input.at, input.opener.id, input.panelId),
    replyToken: input.replyToken ?? null,
  });
}
