import { type APIChannel, type APIRole, RESTJSONErrorCodes, Routes } from 'discord-api-types/v10';
import { discordCodeOf } from '#discord/rest.ts';
import { type Setting, type SettingName, type Settings, settings } from '#tickets/settings/registry.ts';
import type { Surroundings } from '#tickets/settings/surroundings.ts';
import { listReferable } from '#tickets/store/reference.ts';
import type { Deps } from './deps.ts';
import type { Known } from './setting-text.ts';

/** What a server has in Discord, each asked for once at most. */
export function surroundingsOf(deps: Deps, guildId: string): Surroundings {
  const once = <T>(read: () => Promise<T>): (() => Promise<T>) => {
    let answer: Promise<T> | undefined;
    return () => (answer ??= read());
  };
  return {
    channels: once(async () => (await deps.botRest.get(Routes.guildChannels(guildId))) as APIChannel[]),
    roles: once(async () => (await deps.botRest.get(Routes.guildRoles(guildId))) as APIRole[]),
    async isMember(userId) {
      try {
        await deps.botRest.get(Routes.guildMember(guildId, userId));
        return true;
      } catch (error) {
        const code = discordCodeOf(error);
        if (code === RESTJSONErrorCodes.UnknownMember || code === RESTJSONErrorCodes.UnknownUser) return false;
        throw error;
      }
    },
  };
}

/** What some settings name: names of panels and schedules, and what is gone. What Discord does not tell is taken for there. */
export async function knownOf(
  deps: Deps,
  guildId: string,
  names: readonly SettingName[],
  values: Settings,
  around: Surroundings,
): Promise<Known> {
  const used = names.flatMap((name): { setting: Setting; ids: string[] }[] => {
    const value = values[name];
    const ids = Array.isArray(value) ? (value as string[]) : value === null ? [] : [String(value)];
    return ids.length > 0 ? [{ setting: settings[name], ids }] : [];
  });
  const isIn = (setting: Setting): 'channels' | 'roles' | null => {
    if (setting.kind === 'channel' || (setting.kind === 'list' && setting.of === 'category')) return 'channels';
    return setting.kind === 'list' && setting.of === 'role' ? 'roles' : null;
  };
  const missing = async (where: 'channels' | 'roles'): Promise<string[]> => {
    const ids = used.filter(({ setting }) => isIn(setting) === where).flatMap((one) => one.ids);
    if (ids.length === 0) return [];
    const there = await around[where]().catch(() => null); // a settings page is worth no failure: mentions show it too
    return there ? ids.filter((id) => !there.some((one) => one.id === id)) : [];
  };
  const referred = async (to: 'panel' | 'schedule') =>
    used.some(({ setting }) => setting.kind === 'reference' && setting.to === to)
      ? listReferable(deps.ctx.db, guildId, { to })
      : [];
  const [channels, roles, panels, schedules] = await Promise.all([
    missing('channels'),
    missing('roles'),
    referred('panel'),
    referred('schedule'),
  ]);
  const things = [...panels, ...schedules];
  return {
    names: new Map(things.map(({ id, name }) => [id, name])),
    gone: new Set([...channels, ...roles, ...things.filter((one) => one.isDeleted).map((one) => String(one.id))]),
  };
}
