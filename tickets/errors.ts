/** How the doors present an expected error: HTTP status and log level. Its text is the locale key `errors.<code>`. */
type Declared = { readonly status: number; readonly level: 'debug' | 'info' | 'warn' };

const refused = (status: number): Declared => ({ status, level: 'debug' });

/** Every expected error, once. Callers match on the code, never on text. */
export const errors = {
  'guild.unknown': refused(404),
  'ticket.unknown': refused(404),
  'attachment.unknown': refused(404),
  'ticket.not-here': refused(409),
  'ticket.closed': refused(409),
  'ticket.open': refused(409),
  'ticket.not-ready': refused(409),
  'panel.unknown': refused(404),
  'panel.limit': refused(409),
  'panel.stale': refused(412),
  'panel.message-missing': refused(409),
  'panel.emoji-refused': refused(409),
  'panel.refused': refused(409),
  'panel.unavailable': refused(503),
  'panel.transcripts-channel': refused(409),
  'panel-message.unknown': refused(404),
  'form.unknown': refused(404),
  'form.stale': refused(412),
  'form.in-use': refused(409),
  'team.unknown': refused(404),
  'team.stale': refused(412),
  'team.default': refused(409),
  'team.present': refused(409),
  'team.in-use': refused(409),
  'team.working': refused(409),
  'user.unknown': refused(404),
  'limit.user': refused(409),
  'limit.panel': refused(409),
  'limit.guild': refused(409),
  'open.disabled': refused(409),
  'open.blocked': refused(403),
  'open.has-ticket': refused(409),
  'open.role-required': refused(403),
  'open.closed-hours': refused(409),
  'claim.disabled': refused(409),
  'claim.taken': refused(409),
  'claim.none': refused(409),
  'claim.not-yours': refused(403),
  'claim.thread': refused(409),
  'assign.not-staff': refused(409),
  'switch.thread': refused(409),
  'ticket.stale': refused(412),
  'label.unknown': refused(404),
  'label.present': refused(409),
  'label.limit': refused(409),
  'label.stale': refused(412),
  'schedule.unknown': refused(404),
  'schedule.present': refused(409),
  'schedule.limit': refused(409),
  'schedule.stale': refused(412),
  'schedule.in-use': refused(409),
  'member.present': refused(409),
  'member.absent': refused(409),
  'member.opener': refused(409),
  'member.unknown': refused(409),
  'member.limit': refused(409),
  'close.reason-required': refused(422),
  'close.not-allowed': refused(403),
  'close-request.none': refused(409),
  'close-request.stale': refused(409),
  'close-request.not-opener': refused(403),
  'reason.not-allowed': refused(403),
  'bulk.unknown': refused(404),
  'bulk.none': refused(409),
  'thread.no-place': refused(409),
  'thread.unseen': refused(409),
  'thread.muted': refused(409),
  'thread.notes': refused(409),
  'reopen.channel': refused(409),
  'reopen.gone': refused(409),
  'on-call.no-team': refused(409),
  'user.bot': refused(422),
  'discord.threads-full': refused(409),
  'rate.not-opener': refused(403),
  'rate.not-closed': refused(409),
  'permission.admin': refused(403),
  'permission.support': refused(403),
  'permission.staff-or-opener': refused(403),
  'permission.team': refused(403),
  'staff.present': refused(409),
  'staff.absent': refused(409),
  'setting.invalid': refused(422),
  'setting.stale': refused(412),
  'audit.unknown': refused(404),
  'audit.final': refused(409),
  'audit.superseded': refused(409),
  'input.invalid': refused(422),
  'premium.required': refused(402),
  'setup.channel-required': refused(422),
  'setup.running': refused(409),
  'discord.roles-full': refused(409),
  'discord.channels-full': refused(409),
  'discord.permission': refused(409),
  'discord.channel-gone': refused(409),
  'discord.unavailable': refused(503),
  'interaction.stale': refused(409),
  'interaction.busy': refused(503),
  'rate-limited': refused(429),
  'key.unknown': refused(404),
} as const satisfies Record<string, Declared>;

/** The name of an expected error. */
export type ErrorCode = keyof typeof errors;

/** What an error's text may name: limits, ids, fields. Never message content. */
export type ErrorContext = Readonly<Record<string, string | number | boolean | null>>;

/** An expected refusal: a code and what its text needs. Anything else that is thrown is unexpected. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly context: ErrorContext;
  constructor(code: ErrorCode, context: ErrorContext = {}, options?: ErrorOptions) {
    super(code, options);
    this.name = 'AppError';
    this.code = code;
    this.context = context;
  }
}
