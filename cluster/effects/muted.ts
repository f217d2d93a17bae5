import { type APIGuild, type APIGuildChannel, type GuildChannelType, Routes } from 'discord-api-types/v10';
import { bitsOf, channelPermissions, hasAll, type Overwrite } from '#discord/permissions.ts';
import { modeFor } from '#tickets/mode.ts';
import type { Panel } from '#tickets/panel.ts';
import type { Settings } from '#tickets/settings/registry.ts';
import type { RestClient } from '../interactions/deps.ts';

const toSee = bitsOf('ViewChannel');
const toWrite = bitsOf('SendMessagesInThreads');

/** Whether @everyone may not write in a channel's threads: who opened one there could read it and say nothing (features.md 1.9-06). */
export async function isMuted(rest: RestClient, o: { guildId: string; channelId: string }): Promise<boolean> {
  const [guild, channel] = (await Promise.all([
    rest.get(Routes.guild(o.guildId)),
    rest.get(Routes.channel(o.channelId)),
  ])) as [APIGuild, APIGuildChannel<GuildChannelType>];
  const overwrites = (channel.permission_overwrites ?? []) as Overwrite[];
  const everyone = { guildId: o.guildId, ownerId: guild.owner_id, userId: o.guildId, roleIds: [], roles: guild.roles };
  const bits = channelPermissions({ ...everyone, overwrites });
  // A channel for some roles alone is theirs to write in.
  return hasAll(bits, toSee) && !hasAll(bits, toWrite);
}

/** The warning about panels whose tickets are threads in a channel; null when there is nothing to warn of. */
export async function mutedProblem(
  rest: RestClient,
  o: { guildId: string; channelId: string; panels: readonly Pick<Panel, 'mode'>[]; settings: Settings },
): Promise<{ code: 'thread.muted'; context: { place: string } } | null> {
  const isThread = o.panels.some((panel) => modeFor({ panel, settings: o.settings, source: 'panel' }) === 'thread');
  if (!isThread || !(await isMuted(rest, o))) return null;
  return { code: 'thread.muted', context: { place: o.channelId } };
}
