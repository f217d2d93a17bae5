// Categories hold 50 channels: which one takes the next, and the further ones that Docket makes (features.md 1.3-34).
import { DiscordAPIError } from '@discordjs/rest';
import { type APIChannel, type APIGuildCategoryChannel, ChannelType, Routes } from 'discord-api-types/v10';
import { LimitedError } from '#discord/limits.ts';
import { translate } from '#locales/index.ts';
import { claimCategory, listMadeCategories, recordCategory } from '#tickets/store/room.ts';
import { timeOfSnowflake } from '../interactions/snowflake.ts';
import type { EffectDeps, Seen } from './seen.ts';

/** Where a ticket's channel is wanted: the panel's category, else the server's; null for none. */
export const baseOf = ({ panel, guild }: Pick<Seen, 'panel' | 'guild'>): string | null =>
  panel?.categoryId ?? guild.settings.ticketCategory;

/** The categories that may take a ticket's channel, in order: the wanted one, the overflow ones, those that Docket made. */
export async function chainOf(deps: EffectDeps, seen: Seen): Promise<string[]> {
  const base = baseOf(seen);
  if (base === null) return [];
  const { guild, panel } = seen;
  const overflow =
    panel && panel.overflowCategoryIds.length > 0 ? panel.overflowCategoryIds : guild.settings.overflowCategories;
  const made = await listMadeCategories(deps.ctx.db, guild.guildId, { baseId: base });
  return [...new Set([base, ...overflow, ...made.flatMap(({ categoryId }) => categoryId ?? [])])];
}

/**
 * What Discord's 50035 says about a category: `full` (CHANNEL_PARENT_MAX_CHANNELS), or `gone` for one that was deleted or is none. Null: it is
 * about something else. https://discord.com/developers/docs/resources/guild#create-guild-channel
 */
export function troubleOfCategory(error: unknown): 'full' | 'gone' | null {
  if (!(error instanceof DiscordAPIError) || error.code !== 50_035) return null;
  const text = JSON.stringify(error.rawError);
  if (!text.includes('parent_id')) return null;
  return text.includes('CHANNEL_PARENT_MAX_CHANNELS') ? 'full' : 'gone';
}

/** The channels of a server by their categories: one request instead of a try for each full category. */
export async function readCategories(deps: EffectDeps, guildId: string) {
  const channels = (await deps.rest.get(Routes.guildChannels(guildId))) as APIChannel[];
  const counts = new Map<string, number>();
  for (const channel of channels)
    if ('parent_id' in channel && channel.parent_id)
      counts.set(channel.parent_id, (counts.get(channel.parent_id) ?? 0) + 1);
  const categories = channels.filter((one): one is APIGuildCategoryChannel => one.type === ChannelType.GuildCategory);
  return { counts, categories };
}

/** Whoever finds another making a category comes back after this. */
const comeBackMs = 1_000;
/** Who began to make a category and is not done after this was interrupted. */
const staleMs = 30_000;
/** Clocks of two machines differ. */
const clockSlackMs = 60_000;

/**
 * Makes the next category of a full one, once for all who need it: like the first in everything but its number. Answers its id, or that of one
 * that somebody made meanwhile (it is not among the `known`).
 * Throws LimitedError while somebody else makes it, and what Discord refuses.
 */
export async function makeCategory(
  deps: EffectDeps,
  seen: Seen,
  { baseId, known }: { baseId: string; known: readonly string[] },
): Promise<string> {
  const { db } = deps.ctx;
  const { guildId } = seen.guild;
  // In this order: what was made before is in Discord's list.
  const made = await listMadeCategories(db, guildId, { baseId });
  const newer = made.find(({ categoryId }) => categoryId !== null && !known.includes(categoryId));
  if (newer?.categoryId) return newer.categoryId;
  const { categories } = await readCategories(deps, guildId);
  const lost = made.filter(({ categoryId }) => categoryId !== null && !categories.some(({ id }) => id === categoryId));
  for (const { no } of lost) await recordCategory(db, guildId, { baseId, no, categoryId: null });
  // The lowest number that no category has.
  const taken = new Set(
    made
      .filter(({ categoryId }) => categoryId !== null && !lost.some((one) => one.categoryId === categoryId))
      .map(({ no }) => no),
  );
  let no = 2;
  while (taken.has(no)) no += 1;
  const now = deps.ctx.now();
  const claim = await claimCategory(db, guildId, { baseId, no, now, staleBefore: now - staleMs });
  if (!claim.isMine) throw new LimitedError(comeBackMs);
  const base = categories.find(({ id }) => id === baseId);
  const name = `${(base?.name ?? translate(seen.locale, 'category.tickets')).slice(0, 90)} ${no}`;
  const isEarlier = (one: APIGuildCategoryChannel): boolean =>
    one.name === name && timeOfSnowflake(one.id) > now - clockSlackMs - 10 * staleMs;
  const earlier = claim.isRetry ? categories.find(isEarlier) : undefined;
  try {
    const category = earlier ?? ((await create(deps, seen, { name, base })) as APIGuildCategoryChannel);
    await recordCategory(db, guildId, { baseId, no, categoryId: category.id });
    deps.ctx.log.info({ guildId, baseId, no }, 'category made');
    return category.id;
  } catch (error) {
    // A refusal is an answer: the next who needs one may try at once. Without an answer it may be there.
    if (error instanceof DiscordAPIError && error.status < 500)
      await recordCategory(db, guildId, { baseId, no, categoryId: null });
    throw error;
  }
}

const create = (deps: EffectDeps, seen: Seen, o: { name: string; base: APIGuildCategoryChannel | undefined }) =>
  deps.creationRest.post(Routes.guildChannels(seen.guild.guildId), {
    body: {
      name: o.name,
      type: ChannelType.GuildCategory,
      ...(o.base && { position: o.base.position, permission_overwrites: o.base.permission_overwrites ?? [] }),
    },
    reason: translate(seen.locale, 'audit.category'),
  });
