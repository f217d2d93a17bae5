import { type APIGuild, PermissionFlagsBits, Routes } from 'discord-api-types/v10';
import QuickLRU from 'quick-lru';
import { guildLocale } from '#locales/index.ts';
import { AppError } from '#tickets/errors.ts';
import { type Actor, isBlocked, type Level, levelOf, levels } from '#tickets/permission.ts';
import { readGuild, upsertGuild } from '#tickets/store/guild.ts';
import { listStaff } from '#tickets/store/staff.ts';
import { readTicket, readTicketByChannel } from '#tickets/store/ticket.ts';
import type { Ticket } from '#tickets/ticket.ts';
import type { Call, Handler, Rate } from './define.ts';
import type { Deps } from './deps.ts';
import type { Languages } from './languages.ts';
import type { Handled } from './parse.ts';
import type { Reply } from './reply.ts';
import { timeOfSnowflake } from './snowflake.ts';

/** Remembers the last uses of each person and handler; bounded, and per process, which is enough against a held key. */
export function createRates(maxSize = 20_000) {
  const uses = new QuickLRU<string, number[]>({ maxSize });
  return function check(key: string, rate: Rate, now: number): void {
    const recent = (uses.get(key) ?? []).filter((at) => at > now - rate.everyMs);
    if (recent.length >= rate.times) {
      throw new AppError('rate-limited', { retryAfterS: Math.ceil(((recent[0] ?? now) + rate.everyMs - now) / 1000) });
    }
    uses.set(key, [...recent, now]);
  };
}

/** Who asks, as Discord tells it with the interaction. In direct messages nobody has roles. */
export function actorOf(interaction: Handled, ownerId: string): Actor {
  const person = interaction.member?.user ?? interaction.user;
  if (!person) throw new AppError('user.unknown');
  const permissions = BigInt(interaction.member?.permissions ?? 0);
  return {
    id: person.id,
    roleIds: interaction.member?.roles ?? [],
    isOwner: person.id === ownerId,
    hasManageGuild: (permissions & (PermissionFlagsBits.ManageGuild | PermissionFlagsBits.Administrator)) !== 0n,
  };
}

async function guildOf(deps: Deps, guildId: string) {
  const known = await readGuild(deps.ctx.db, guildId);
  if (known) return known;
  // The first interaction of a server can overtake its GUILD_CREATE.
  const guild = (await deps.botRest.get(Routes.guild(guildId), {
    query: new URLSearchParams({ with_counts: 'true' }),
  })) as APIGuild;
  await upsertGuild(deps.ctx.db, guildId, {
    name: guild.name,
    ownerId: guild.owner_id,
    iconHash: guild.icon,
    memberCount: guild.approximate_member_count ?? 0,
    locale: guild.preferred_locale,
  });
  const stored = await readGuild(deps.ctx.db, guildId);
  if (!stored) throw new AppError('guild.unknown');
  return stored;
}

/** The refusal for somebody below a handler's level. */
const tooLow: Record<Exclude<Level, 'member'>, 'permission.admin' | 'permission.support'> = {
  admin: 'permission.admin',
  support: 'permission.support',
};

async function ticketOf(deps: Deps, guildId: string, interaction: Handled, ticketId: unknown): Promise<Ticket> {
  const channelId = interaction.channel?.id;
  const ticket =
    typeof ticketId === 'number'
      ? await readTicket(deps.ctx.db, guildId, ticketId)
      : channelId
        ? await readTicketByChannel(deps.ctx.db, guildId, channelId)
        : null;
  if (!ticket) throw new AppError(typeof ticketId === 'number' ? 'ticket.unknown' : 'ticket.not-here');
  return ticket;
}

/**
 * What every handler's guards ask, once: the server, who acts, the level, the ticket.
 * @throws AppError guild.unknown, open.blocked, permission.…, ticket.unknown, ticket.not-here
 */
export async function prepare(
  deps: Deps,
  handler: Handler,
  interaction: Handled,
  o: {
    guildId: string;
    args: Record<string, string | number>;
    replyIn: (locale: string) => Reply;
    languages?: Languages;
  },
): Promise<Call & { ticket: Ticket | null }> {
  const [guild, staff] = await Promise.all([guildOf(deps, o.guildId), listStaff(deps.ctx.db, o.guildId)]);
  // Noted before anything is refused, so that the refusal is in the server's language.
  o.languages?.note(o.guildId, guild.settings.language);
  const actor = actorOf(interaction, guild.ownerId);
  const level = levelOf(actor, { staff, settings: guild.settings });
  // Own tickets go on, and one's own data stays reachable (features.md C21).
  if (!handler.forBlocked && isBlocked(actor, { staff, settings: guild.settings })) {
    const own = handler.inTicket ? await ticketOf(deps, o.guildId, interaction, o.args.ticketId) : null;
    if (!own || (own.openerId !== actor.id && !own.memberIds.includes(actor.id))) throw new AppError('open.blocked');
  }
  if (handler.level !== 'member' && levels.indexOf(level) > levels.indexOf(handler.level))
    throw new AppError(tooLow[handler.level]);
  const ticket = handler.inTicket ? await ticketOf(deps, o.guildId, interaction, o.args.ticketId) : null;
  const preferredLocale = interaction.guild_locale ?? guild.locale;
  const locale = guildLocale(guild.settings.language, preferredLocale);
  const person = interaction.member?.user ?? interaction.user;
  return {
    deps,
    guildId: o.guildId,
    guild: { name: guild.name, ownerId: guild.ownerId, settings: guild.settings },
    actor,
    level,
    userName: interaction.member?.nick ?? person?.global_name ?? person?.username ?? actor.id,
    channelId: interaction.channel?.id ?? null,
    interactionId: interaction.id,
    token: interaction.token,
    at: timeOfSnowflake(interaction.id),
    locale,
    preferredLocale,
    reply: o.replyIn(locale),
    ticket,
  };
}
