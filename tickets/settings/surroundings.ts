import { AppError } from '../errors.ts';
import { boundsOf } from './derive.ts';
import { type Overrides, type Setting, type SettingName, type Settings, settings } from './registry.ts';

/**
 * What a server has in Discord, asked for only when a change names such a thing. `wanted` are the ids that are looked for: what is remembered
 * for a while may lack one that was just made.
 */
export type Surroundings = {
  channels(wanted?: readonly string[]): Promise<readonly { readonly id: string; readonly type: number }[]>;
  roles(wanted?: readonly string[]): Promise<readonly { readonly id: string }[]>;
  isMember(userId: string): Promise<boolean>;
};

// Discord's types of channel that a setting may name: https://discord.com/developers/docs/resources/channel#channel-object-channel-types
const channelTypes: Readonly<Record<'text' | 'category', readonly number[]>> = { text: [0, 5], category: [4] };
/** Members are looked up one by one, at 45 requests a second at most. */
const membersAtOnce = 50;

/**
 * Checks that what a change names in Discord is of this server and of the right kind. What the settings named before may stay, so that a role
 * that was deleted hinders no other change.
 * @throws AppError setting.invalid {field, fix}
 */
export async function checkSurroundings(
  guildId: string,
  patch: Overrides,
  before: Settings,
  around: Surroundings,
): Promise<void> {
  for (const [name, value] of Object.entries(patch) as [SettingName, unknown][]) {
    const setting: Setting = settings[name];
    if (setting.kind === 'channel' && typeof value === 'string' && value !== before[name])
      mustHave(name, channelIds(await around.channels([value]), setting.types), [value]);
    if (setting.kind !== 'list' || !Array.isArray(value)) continue;
    const known: readonly unknown[] = Array.isArray(before[name]) ? (before[name] as readonly unknown[]) : [];
    const added = (value as readonly string[]).filter((id) => !known.includes(id));
    if (added.length === 0) continue;
    if (setting.of === 'category') mustHave(name, channelIds(await around.channels(added), 'category'), added);
    if (setting.of === 'role') {
      // @everyone has the server's id, and is nobody in particular: as support role it would make everybody staff.
      const ids = (await around.roles(added)).map((role) => role.id).filter((id) => id !== guildId);
      mustHave(name, ids, added);
    }
    if (setting.of === 'user') await mustBeMembers(name, added, around);
  }
}

const channelIds = (channels: Awaited<ReturnType<Surroundings['channels']>>, kind: 'text' | 'category'): string[] =>
  channels.filter((channel) => channelTypes[kind].includes(channel.type)).map((channel) => channel.id);

function mustHave(name: SettingName, has: readonly string[], wanted: readonly string[]): void {
  if (wanted.some((id) => !has.includes(id)))
    throw new AppError('setting.invalid', { field: name, fix: boundsOf(name) });
}

async function mustBeMembers(name: SettingName, ids: readonly string[], around: Surroundings): Promise<void> {
  if (ids.length > membersAtOnce)
    throw new AppError('setting.invalid', { field: name, fix: `at most ${membersAtOnce} new members at a time` });
  const present = await Promise.all(ids.map((id) => around.isMember(id)));
  if (present.includes(false)) throw new AppError('setting.invalid', { field: name, fix: boundsOf(name) });
}
