import { createProblems, DiscordError, invalid } from '../http/errors.ts';
import type { Channel, Guild, Overwrite } from '../state/types.ts';
import type { World } from '../state/world.ts';
import {
  asText,
  asArray,
  asObject,
  checkChoice,
  checkInteger,
  checkSnowflake,
  checkText,
  type Json,
} from './fields.ts';

const creatable = [0, 2, 4, 5, 13, 15, 16];

/** Checks a channel's fields. Throws 50035. */
export function checkChannel(body: Json, isNew: boolean): void {
  const problems = createProblems();
  checkText(problems, ['name'], body.name, { min: 1, max: 100, required: isNew });
  checkText(problems, ['topic'], body.topic, { min: 0, max: 1_024 });
  if (body.type !== undefined && body.type !== null) checkChoice(problems, ['type'], body.type, creatable);
  checkInteger(problems, ['rate_limit_per_user'], body.rate_limit_per_user, 0, 21_600);
  checkInteger(problems, ['position'], body.position, 0, 2 ** 31 - 1);
  asArray(body.permission_overwrites).forEach((value, index) => {
    checkSnowflake(problems, ['permission_overwrites', index, 'id'], asObject(value).id);
  });
  problems.throwIfAny();
}

/** Refuses a parent that is no category, or one that is full (`CHANNEL_PARENT_MAX_CHANNELS`). */
export function checkParent(world: World, guild: Guild, parentId: string | null, moving: Channel | null): void {
  if (parentId === null || moving?.parentId === parentId) return;
  const parent = guild.channels.get(parentId);
  if (!parent) throw invalid(['parent_id'], 'CHANNEL_PARENT_INVALID', 'Category does not exist');
  if (parent.type !== 4) throw invalid(['parent_id'], 'CHANNEL_PARENT_INVALID_TYPE', 'Not a category');
  let children = 0;
  for (const channel of guild.channels.values()) if (channel.parentId === parentId && !channel.thread) children++;
  if (children >= world.limits.channelsPerCategory) {
    const text = `Maximum number of channels in category reached (${world.limits.channelsPerCategory})`;
    throw invalid(['parent_id'], 'CHANNEL_PARENT_MAX_CHANNELS', text);
  }
}

/** Reads Discord's overwrites (bits as texts or numbers). Throws 50035 or 30060. */
export function readOverwrites(world: World, value: unknown): Overwrite[] {
  const all = asArray(value).map((entry) => {
    const overwrite = asObject(entry);
    return readOverwrite(String(overwrite.id), overwrite);
  });
  if (all.length > world.limits.overwritesPerChannel) throw new DiscordError(30060);
  return [...new Map(all.map((overwrite) => [overwrite.id, overwrite])).values()];
}

export function readOverwrite(id: string, body: Json): Overwrite {
  // Some libraries still send the names that gateway v8 dropped.
  const type = body.type === 'member' || Number(body.type) === 1 ? 1 : 0;
  return { id, type, allow: bits(body.allow, 'allow'), deny: bits(body.deny, 'deny') };
}

function bits(value: unknown, field: string): string {
  if (value === undefined || value === null) return '0';
  if (!/^\d+$/.test(asText(value)))
    throw invalid([field], 'NUMBER_TYPE_COERCE', `Value "${asText(value)}" is not int.`);
  return BigInt(asText(value)).toString();
}
