import type { ErrorCode } from './errors.ts';
import type { AuthorKind } from './facts.ts';
import type { Ticket } from './ticket.ts';

/** Who acts, as Discord's interaction or the signed-in session told us. */
export type Actor = {
  readonly id: string;
  readonly roleIds: readonly string[];
  readonly isOwner: boolean;
  readonly hasManageGuild: boolean;
};

/** A row of team_member: a user or a role in a team. `admin` of the Default team is a bot admin (design.md 3). */
export type Staff = {
  readonly teamId: number;
  readonly subjectId: string;
  readonly subjectKind: 'user' | 'role';
  readonly level: 'support' | 'admin';
};

/** What somebody is in a guild, highest first. */
export const levels = ['admin', 'support', 'member'] as const;
export type Level = (typeof levels)[number];

/** What a guild says about who may do what. */
export type Access = {
  readonly staff: readonly Staff[];
  readonly settings: { readonly trustManageGuild: boolean; readonly usersCanClose: boolean };
};

const isOf = (actor: Pick<Actor, 'id' | 'roleIds'>, row: Staff): boolean =>
  row.subjectKind === 'user' ? row.subjectId === actor.id : actor.roleIds.includes(row.subjectId);

/** The level of an actor: the owner, a bot admin and (unless switched off) whoever may manage the server are admins (features.md C6). */
export function levelOf(actor: Actor, access: Access): Level {
  if (actor.isOwner || (actor.hasManageGuild && access.settings.trustManageGuild)) return 'admin';
  const rows = access.staff.filter((row) => isOf(actor, row));
  if (rows.some((row) => row.level === 'admin')) return 'admin';
  return rows.length > 0 ? 'support' : 'member';
}

/**
 * Whether somebody is on the blocklist (features.md C21): they open no ticket and use no command, while their own tickets go on. Admins are never
 * blocked: they could not take themselves off the list again.
 */
export function isBlocked(
  actor: Actor,
  access: Access & {
    readonly settings: { readonly blockedUsers: readonly string[]; readonly blockedRoles: readonly string[] };
  },
): boolean {
  const { blockedUsers, blockedRoles } = access.settings;
  const isListed = blockedUsers.includes(actor.id) || actor.roleIds.some((id) => blockedRoles.includes(id));
  return isListed && levelOf(actor, access) !== 'admin';
}

/** What somebody lacks who must have at least a level; undefined when they have it. */
export function refusalBelow(actor: Actor, access: Access, level: Level): ErrorCode | undefined {
  if (levels.indexOf(levelOf(actor, access)) <= levels.indexOf(level)) return undefined;
  return level === 'admin' ? 'permission.admin' : 'permission.support';
}

/** The teams that an actor belongs to, by name or by role, in ascending order. */
export function teamIdsOf(actor: Pick<Actor, 'id' | 'roleIds'>, staff: readonly Staff[]): number[] {
  return [...new Set(staff.filter((row) => isOf(actor, row)).map((row) => row.teamId))].sort((a, b) => a - b);
}

/**
 * What an author is to a ticket at this moment (metrics.md 1.2): opener before all; staff = bot admin by team, member of one of the ticket's teams,
 * or its claimer; participant = added; else observer, whom only Discord's permissions let in.
 */
export function authorKindOf(
  author: Pick<Actor, 'id' | 'roleIds'> & { readonly isBot: boolean },
  ticket: Pick<Ticket, 'openerId' | 'claimedBy' | 'teamIds' | 'memberIds'>,
  staff: readonly Staff[],
): AuthorKind {
  if (author.isBot) return 'bot';
  if (author.id === ticket.openerId) return 'opener';
  const rows = staff.filter((row) => isOf(author, row));
  if (rows.some((row) => row.level === 'admin' || ticket.teamIds.includes(row.teamId))) return 'staff';
  if (author.id === ticket.claimedBy) return 'staff';
  return ticket.memberIds.includes(author.id) ? 'participant' : 'observer';
}

/** What somebody may want to do. Those on a ticket come first. A new one needs a line in permission-matrix.test.ts. */
export const actions = [
  'ticket.view',
  'ticket.claim',
  'ticket.join',
  'ticket.reopen',
  'ticket.release',
  'ticket.add',
  'ticket.remove',
  'ticket.close',
  'ticket.rate',
  'ticket.assign',
  'ticket.switch-panel',
  'ticket.rename',
  'ticket.edit',
  'ticket.request-close',
  'ticket.accept-close',
  'ticket.deny-close',
  'ticket.amend',
  'ticket.exclude',
  'tickets.close-many',
  'tickets.list',
  'guild.analytics',
  'guild.settings',
  'guild.staff',
  'guild.panels',
  'guild.labels',
  'guild.view',
] as const;
export type Action = (typeof actions)[number];

type TicketPart = Pick<Ticket, 'openerId' | 'claimedBy' | 'teamIds' | 'memberIds'> & Partial<Pick<Ticket, 'closedBy'>>;

/**
 * Whether an actor may do an action: undefined when allowed, else the error that says what is missing. The only place where that is decided.
 * `ticket` is needed for every `ticket.…` action.
 */
export function refusalOf(actor: Actor, action: Action, access: Access, ticket?: TicketPart): ErrorCode | undefined {
  const level = levelOf(actor, access);
  // What the opener alone answers for.
  const isPersonal = action === 'ticket.rate' || action === 'ticket.accept-close';
  if (level === 'admin' && !isPersonal) return undefined;
  const isOpener = ticket?.openerId === actor.id;
  const works =
    ticket !== undefined &&
    (ticket.claimedBy === actor.id || teamIdsOf(actor, access.staff).some((id) => ticket.teamIds.includes(id)));
  switch (action) {
    case 'ticket.view':
      return works || isOpener || ticket?.memberIds.includes(actor.id) ? undefined : 'ticket.unknown';
    case 'ticket.claim':
    case 'ticket.join':
    case 'ticket.reopen':
    case 'ticket.release':
    case 'ticket.assign':
    case 'ticket.switch-panel':
    case 'ticket.rename':
    case 'ticket.edit':
    case 'ticket.request-close':
    case 'ticket.exclude':
      return works ? undefined : level === 'support' ? 'permission.team' : 'permission.support';
    case 'ticket.add':
    case 'ticket.remove':
    case 'ticket.deny-close':
      return works || isOpener ? undefined : 'permission.staff-or-opener';
    case 'ticket.close':
      if (works) return undefined;
      if (isOpener) return access.settings.usersCanClose ? undefined : 'close.not-allowed';
      return 'permission.staff-or-opener';
    case 'ticket.accept-close':
      return isOpener ? undefined : 'close-request.not-opener';
    case 'ticket.amend':
      return works || (ticket?.closedBy ?? null) === actor.id ? undefined : 'reason.not-allowed';
    case 'ticket.rate':
      return isOpener ? undefined : 'rate.not-opener';
    case 'tickets.list':
    case 'guild.view':
      return level === 'support' ? undefined : 'permission.support';
    case 'guild.analytics':
    case 'guild.settings':
    case 'guild.staff':
    case 'guild.panels':
    case 'guild.labels':
    case 'tickets.close-many':
      return 'permission.admin';
  }
}
