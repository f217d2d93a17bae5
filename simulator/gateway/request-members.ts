import { GatewayIntentBits } from 'discord-api-types/v10';
import { memberPayload, userOf } from '../state/payloads.ts';
import { asText, asArray, isSnowflake, type Json } from '../validate/fields.ts';
import type { Hub, Session } from './hub.ts';

const chunkSize = 1_000;

/** Answers op 8 with GUILD_MEMBERS_CHUNKs. Whole lists need the GUILD_MEMBERS intent. */
export function sendMemberChunks(hub: Hub, session: Session, data: Json, refuse: (reason: string) => void): void {
  const { world } = hub;
  const guild = world.guilds.get(String(data.guild_id));
  if (!guild || hub.shard(guild.id, session.shardCount) !== session.shardId) return;
  const userIds = isSnowflake(data.user_ids) ? [data.user_ids] : asArray(data.user_ids).map(String);
  const query = data.query === undefined ? null : asText(data.query).toLowerCase();
  const limit = Number(data.limit ?? 0);
  const wantsAll = userIds.length === 0 && (query === null || query === '') && limit === 0;
  if (wantsAll && (session.intents & GatewayIntentBits.GuildMembers) === 0) return refuse('Disallowed intent(s).');
  let found = [...guild.members.values()];
  if (userIds.length > 0) found = found.filter((member) => userIds.includes(member.userId));
  else if (query) {
    found = found.filter((member) => {
      const user = userOf(world, member.userId);
      return [user.username, user.globalName, member.nick].some((name) => name?.toLowerCase().startsWith(query));
    });
  }
  if (userIds.length === 0 && limit > 0) found = found.slice(0, Math.min(limit, 100));
  const count = Math.max(1, Math.ceil(found.length / chunkSize));
  const notFound = userIds.filter((id) => !guild.members.has(id));
  for (let index = 0; index < count; index++) {
    hub.dispatch(session, 'GUILD_MEMBERS_CHUNK', {
      guild_id: guild.id,
      members: found.slice(index * chunkSize, (index + 1) * chunkSize).map((member) => memberPayload(world, member)),
      chunk_index: index,
      chunk_count: count,
      ...(notFound.length > 0 ? { not_found: notFound } : {}),
      ...(data.nonce === undefined ? {} : { nonce: data.nonce }),
    });
  }
}
