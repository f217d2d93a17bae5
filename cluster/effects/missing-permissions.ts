import type { APIGuild, APIGuildChannel, APIGuildMember, GuildChannelType } from 'discord-api-types/v10';
import { Routes } from 'discord-api-types/v10';
import {
  channelPermissions,
  guildPermissions,
  missing,
  type Overwrite,
  type PermissionName,
} from '#discord/permissions.ts';
import { discordCodeOf } from '#discord/rest.ts';
import { AppError } from '#tickets/errors.ts';
import type { RestClient } from '../interactions/deps.ts';

/** Which permissions the bot lacks, and where: a channel's or category's id, or null for the whole server. */
export type Lacking = {
  readonly names: readonly PermissionName[];
  readonly channelId: string | null;
  readonly bits: bigint;
};

/** Works out what the bot lacks of `needed`, in a channel or in the whole server. Three requests: asked when something is refused. */
export async function missingIn(
  rest: RestClient,
  o: { guildId: string; botUserId: string; channelId: string | null; needed: bigint },
): Promise<Lacking> {
  const [guild, member] = (await Promise.all([
    rest.get(Routes.guild(o.guildId)),
    rest.get(Routes.guildMember(o.guildId, o.botUserId)),
  ])) as [APIGuild, APIGuildMember];
  const who = {
    guildId: o.guildId,
    ownerId: guild.owner_id,
    userId: o.botUserId,
    roleIds: member.roles,
    roles: guild.roles,
  };
  const overwrites = o.channelId ? await overwritesOf(rest, o.channelId) : null;
  // A channel that the bot may not even look at lacks the first of all permissions.
  if (overwrites === 'hidden') return { names: ['ViewChannel'], channelId: o.channelId, bits: 0n };
  const bits = overwrites ? channelPermissions({ ...who, overwrites }) : guildPermissions(who);
  return { names: missing(bits, o.needed), channelId: overwrites ? o.channelId : null, bits };
}

async function overwritesOf(rest: RestClient, channelId: string): Promise<Overwrite[] | 'hidden' | null> {
  try {
    const channel = (await rest.get(Routes.channel(channelId))) as APIGuildChannel<GuildChannelType>;
    return (channel.permission_overwrites ?? []) as Overwrite[];
  } catch (error) {
    if (discordCodeOf(error) === 50_001) return 'hidden';
    if (discordCodeOf(error) === 10_003) return null;
    throw error;
  }
}

/** What an AppError or a problem says about them. */
export const permissionContext = (lacking: Lacking): { permissions: string; place: string } => ({
  permissions: lacking.names.join(','),
  place: lacking.channelId ?? 'server',
});

/** The refusal that names them. */
export const permissionError = (lacking: Lacking): AppError =>
  new AppError('discord.permission', permissionContext(lacking));
