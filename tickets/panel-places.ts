import { invalid } from './bounds.ts';
import { isEmoji, type OwnEmoji, ownIn, readEmoji } from './emoji.ts';
import type { PanelValues } from './panel.ts';
import type { Surroundings } from './settings/surroundings.ts';

/** What a server has in Discord that panels name; asked for only when a change names such a thing. */
export type Places = Surroundings & { emojis(): Promise<readonly OwnEmoji[]> };

// https://discord.com/developers/docs/resources/channel#channel-object-channel-types
const textTypes: readonly number[] = [0, 5];
const categoryType = 4;

async function mustBeCategories(field: string, ids: readonly string[], places: Places): Promise<void> {
  if (ids.length === 0) return;
  const found = (await places.channels(ids)).filter((channel) => channel.type === categoryType);
  if (ids.some((id) => !found.some((channel) => channel.id === id))) throw invalid(field, 'a category of this server');
}

async function mustBeRoles(field: string, guildId: string, ids: readonly string[], places: Places): Promise<void> {
  if (ids.length === 0) return;
  // @everyone has the server's id, and is nobody in particular.
  const found = (await places.roles(ids)).filter((role) => role.id !== guildId);
  if (ids.some((id) => !found.some((role) => role.id === id))) throw invalid(field, 'a role of this server');
}

async function emojiIn(given: string, places: Places): Promise<string> {
  const text = given.trim();
  if (isEmoji(text) && !ownIn(text)) return text; // Unicode's: nobody needs to be asked
  return readEmoji('buttonEmoji', text, await places.emojis());
}

const added = (now: readonly string[] | undefined, before: readonly string[] | undefined): string[] =>
  (now ?? []).filter((id) => !before?.includes(id));

/**
 * Checks that what a change of a panel names in Discord is of this server, and reads its emoji. What it named before may stay, so that a role
 * that was deleted hinders no other change.
 * @throws AppError input.invalid {field, fix}
 */
export async function checkPanelPlaces<T extends Partial<PanelValues>>(
  guildId: string,
  patch: T,
  before: PanelValues | null,
  places: Places,
): Promise<T> {
  const { categoryId, mentions, buttonEmoji } = patch;
  if (categoryId && categoryId !== before?.categoryId) await mustBeCategories('categoryId', [categoryId], places);
  const overflow = added(patch.overflowCategoryIds, before?.overflowCategoryIds);
  await mustBeCategories('overflowCategoryIds', overflow, places);
  const required = added(patch.requiredRoleIds, before?.requiredRoleIds);
  await mustBeRoles('requiredRoleIds', guildId, required, places);
  const known = (before?.mentions ?? []).map(({ id }) => id);
  const isNew = (kind: 'user' | 'role') =>
    (mentions ?? []).filter((one) => one.kind === kind && !known.includes(one.id)).map(({ id }) => id);
  await mustBeRoles('mentions', guildId, isNew('role'), places);
  const members = await Promise.all(isNew('user').map((id) => places.isMember(id)));
  if (members.includes(false)) throw invalid('mentions', 'a member of this server');
  if (!buttonEmoji || buttonEmoji === before?.buttonEmoji) return patch;
  return { ...patch, buttonEmoji: await emojiIn(buttonEmoji, places) };
}

/** Checks that a channel is a text channel of this server. Throws AppError input.invalid. */
export async function checkTextChannel(channelId: string, places: Places): Promise<void> {
  const found = (await places.channels([channelId])).find((channel) => channel.id === channelId);
  if (!found || !textTypes.includes(found.type)) throw invalid('channelId', 'a text channel of this server');
}
