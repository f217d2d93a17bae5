import { createHash } from 'node:crypto';
import { guildLocale } from '#locales/index.ts';
import { overwritesHash, ticketOverwrites, type Overwrite } from '#discord/permissions.ts';
import type { Ctx } from '#tickets/context.ts';
import type { Panel } from '#tickets/panel.ts';
import { type Guild, readGuild } from '#tickets/store/guild.ts';
import { readWantedSince } from '#tickets/store/attachment.ts';
import { listOnCall } from '#tickets/store/on-call.ts';
import { readPanel } from '#tickets/store/panel.ts';
import { readClaimToPing } from '#tickets/store/history.ts';
import { listStaff } from '#tickets/store/staff.ts';
import { readTicket } from '#tickets/store/ticket.ts';
import type { Staff } from '#tickets/permission.ts';
import type { Ticket } from '#tickets/ticket.ts';
import type { RestClient } from '../interactions/deps.ts';

/** What effects work with. */
export type EffectDeps = {
  readonly ctx: Ctx;
  /** With the bot's token, on the shared limiter. */
  readonly rest: RestClient;
  /** The same without retries: a creation whose answer was lost must be looked for, not repeated. */
  readonly creationRest: RestClient;
  /** For interaction tokens: no limiter. */
  readonly callbackRest: RestClient;
  readonly applicationId: string;
  readonly botUserId: string;
  readonly publicUrl: string | null;
  /** How long a closed ticket's channel stays at least: what was said in the moment of the closing is on its way, with its files. */
  readonly lastWordsMs: number;
};

/** A ticket with everything that decides how Discord should look. */
export type Seen = {
  readonly ticket: Ticket;
  readonly guild: Guild;
  readonly panel: Panel | null;
  /** The staff who work on it: its teams, and bot admins. */
  readonly staff: readonly Staff[];
  readonly overwrites: readonly Overwrite[];
  readonly wantedHash: string;
  readonly locale: string;
  /** Since when the newest file is wanted that keeps a closed ticket's channel (ms). */
  readonly filesSince: number | null;
  /** The version of the claim that its opener is to be pinged about; null for none. */
  readonly claimToPing: number | null;
  /** Thread tickets: the roles of its teams' staff who are on call. */
  readonly onCallRoleIds: readonly string[];
};

/** Reads it; null when the ticket or its server is unknown. */
export async function readSeen(deps: EffectDeps, guildId: string, ticketId: number): Promise<Seen | null> {
  const { db } = deps.ctx;
  const ticket = await readTicket(db, guildId, ticketId);
  if (!ticket) return null;
  const mayLose = ticket.state === 'closed' && ticket.applied.channelDeletedAt === null;
  const isHeld = ticket.state === 'open' && ticket.claimedBy !== null;
  const [guild, panel, everyone, filesSince, onCall, claimToPing] = await Promise.all([
    readGuild(db, guildId),
    ticket.panelId === null ? null : readPanel(db, guildId, ticket.panelId),
    listStaff(db, guildId),
    mayLose ? readWantedSince(db, guildId, ticketId) : null,
    ticket.mode === 'thread' ? listOnCall(db, guildId) : [],
    isHeld ? readClaimToPing(db, guildId, { ticketId, version: ticket.version }) : null,
  ]);
  if (!guild) return null;
  const staff = everyone.filter((row) => row.level === 'admin' || ticket.teamIds.includes(row.teamId));
  const overwrites = overwritesOf(deps, { ticket, guild, staff });
  return {
    ticket,
    guild,
    panel,
    staff,
    overwrites,
    wantedHash: ticket.mode === 'thread' ? threadHash(ticket, staff) : overwritesHash(overwrites),
    locale: guildLocale(guild.settings.language, guild.locale),
    filesSince,
    claimToPing,
    onCallRoleIds: onCall.filter((row) => ticket.teamIds.includes(row.teamId)).map((row) => row.roleId),
  };
}

/** Who is in a ticket's thread, besides the staff who joined it. */
export const threadMembersOf = (ticket: Ticket): string[] => [...new Set([ticket.openerId, ...ticket.memberIds])];

/** Who belongs into a thread, and the staff who may join it: a change of either is a look at who is in it. */
function threadHash(ticket: Ticket, staff: readonly Staff[]): string {
  const rows = staff.map((row) => `${row.teamId}:${row.subjectKind}:${row.subjectId}:${row.level}`).toSorted();
  const hash = createHash('sha256').update(rows.join(',')).digest('base64url').slice(0, 22);
  return `${threadMembersOf(ticket).join(',')}/${hash}`;
}

/** Discord's refusal of more overwrites than a channel has. https://discord.com/developers/docs/topics/opcodes-and-status-codes#json-json-error-codes */
export const overwritesFull = 30_060;
/** So many times fewer staff can be asked of `fewerStaff`. */
export const staffCuts = 3;

/**
 * The staff that still fit when Discord refused so many overwrites (30060): first people who are no admins go, then all people, then roles.
 * Teams that work by roles lose nobody.
 */
export function fewerStaff(staff: readonly Staff[], cut: number): readonly Staff[] {
  if (cut <= 0) return staff;
  if (cut >= staffCuts) return [];
  return staff.filter((row) => row.subjectKind === 'role' || (cut === 1 && row.level === 'admin'));
}

/** Who sees the channel, from what is stored: discord/permissions.ts decides. */
export function overwritesOf(
  deps: Pick<EffectDeps, 'botUserId'>,
  o: { ticket: Ticket; guild: Guild; staff: readonly Staff[] },
  botBits?: bigint,
): Overwrite[] {
  const { ticket, guild } = o;
  const { settings } = guild;
  return ticketOverwrites({
    guildId: ticket.guildId,
    botUserId: deps.botUserId,
    openerId: ticket.openerId,
    openerMay: {
      reactions: settings.openerReactions,
      tts: settings.openerTts,
      embeds: settings.openerEmbeds,
      files: settings.openerFiles,
      emojis: settings.openerEmojis,
      stickers: settings.openerStickers,
      voiceMessages: settings.openerVoiceMessages,
    },
    memberIds: ticket.memberIds,
    claimedBy: ticket.claimedBy,
    staff: o.staff.map(({ subjectId, subjectKind, level }) => ({ subjectId, subjectKind, isAdmin: level === 'admin' })),
    claimingMode: settings.claimingMode,
    ...(botBits !== undefined && { botBits }),
  });
}
