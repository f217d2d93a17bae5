import { type APIEmoji, Routes } from 'discord-api-types/v10';
import { bitsOf } from '#discord/permissions.ts';
import { AppError } from '#tickets/errors.ts';
import type { Places } from '#tickets/panel-places.ts';
import type { Settings } from '#tickets/settings/registry.ts';
import { missingIn, permissionError } from '../effects/missing-permissions.ts';
import type { Deps } from './deps.ts';
import { surroundingsOf } from './surroundings.ts';

/** What the bot needs where a panel stands. */
const neededForPanel = bitsOf('ViewChannel', 'SendMessages', 'EmbedLinks');

/** What a server has in Discord that panels name. */
export const placesOf = (deps: Deps, guildId: string): Places => ({
  ...surroundingsOf(deps, guildId),
  async emojis() {
    const found = (await deps.botRest.get(Routes.guildEmojis(guildId))) as APIEmoji[];
    return found.flatMap(({ id, name, animated = false }) => (id && name ? [{ id, name, isAnimated: animated }] : []));
  },
});

/**
 * Says before anything is stored why a panel cannot stand in a channel.
 * @throws AppError input.invalid for the transcripts channel, discord.permission naming what the bot lacks there
 */
export async function mustHoldPanels(
  deps: Deps,
  o: { guildId: string; settings: Settings; channelId: string },
): Promise<void> {
  const { guildId, channelId } = o;
  if (channelId === o.settings.transcriptsChannel)
    throw new AppError('input.invalid', { field: 'channel', fix: 'another one than the transcripts channel' });
  const lacking = await missingIn(deps.botRest, {
    guildId,
    botUserId: deps.botUserId,
    channelId,
    needed: neededForPanel,
  });
  if (lacking.names.length > 0) throw permissionError(lacking);
}
