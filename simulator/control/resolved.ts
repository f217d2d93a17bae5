import { DiscordError } from '../http/errors.ts';
import { channelPayload, memberPayload, rolePayload, userPayload } from '../state/payloads.ts';
import { channelPermissions } from '../state/permissions.ts';
import type { Channel } from '../state/types.ts';
import type { World } from '../state/world.ts';
import type { Json } from '../validate/fields.ts';

/** Why somebody cannot do it; the control API answers 400. */
export function cannot(why: string): DiscordError {
  return new DiscordError(50035, { message: why });
}

/** Adds what an id of a kind (Discord's option types 6 to 9) names to `resolved`; refuses an unknown one. */
export type Resolve = (type: number, id: string) => void;

/** Collects Discord's `resolved`: users, members, roles, channels and messages that an interaction names. */
export function createResolved(world: World, channel: Channel) {
  const value: Record<string, Record<string, unknown>> = {};
  const guild = channel.guildId === null ? undefined : world.guilds.get(channel.guildId);
  const put = (kind: string, id: string, what: unknown) => {
    value[kind] = { ...value[kind], [id]: what };
  };
  function user(id: string): boolean {
    const found = world.users.get(id);
    if (!found) return false;
    put('users', id, userPayload(found));
    const member = guild?.members.get(id);
    if (guild && member) {
      const { user: _user, mute: _mute, deaf: _deaf, ...rest } = memberPayload(world, member);
      put('members', id, { ...rest, permissions: channelPermissions(guild, channel, id).toString() });
    }
    return true;
  }
  function role(id: string): boolean {
    const found = guild?.roles.get(id);
    if (found) put('roles', id, rolePayload(found));
    return found !== undefined;
  }
  function channelById(id: string, userId?: string): boolean {
    const found = guild?.channels.get(id);
    if (guild && found) {
      const permissions = channelPermissions(guild, found, userId ?? guild.ownerId).toString();
      put('channels', id, { ...channelPayload(world, found), permissions });
    }
    return found !== undefined;
  }
  return {
    value,
    isEmpty: () => Object.keys(value).length === 0,
    /** By option type: 6 user, 7 channel, 8 role, 9 whatever can be mentioned. */
    add: (type: number, id: string): void => {
      const isFound =
        type === 6 ? user(id) : type === 7 ? channelById(id) : type === 8 ? role(id) : role(id) || user(id);
      if (!isFound) throw cannot(`There is no ${id}.`);
    },
    target: (id: string): Json => {
      const message = world.messagesOf(channel.id).get(id);
      if (message) put('messages', id, message.body);
      else user(id);
      return {};
    },
  };
}
