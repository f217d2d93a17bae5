import { DiscordError } from '../http/errors.ts';
import { type Call, ok, type Reply, type Route } from '../http/route.ts';
import { openDm } from '../state/channels.ts';
import { channelPayload, memberPayload, myGuildPayload, selfPayload, userOf, userPayload } from '../state/payloads.ts';
import { compareIds } from '../state/snowflake.ts';
import { applicationOf } from '../state/world.ts';
import { isSnowflake } from '../validate/fields.ts';
import { idOf } from './access.ts';

/** Users, and what a person's Bearer token may read. */
export const userRoutes: Route[] = [
  {
    method: 'GET',
    path: '/users/@me',
    auth: 'either',
    run(call) {
      if (call.auth.kind === 'user') requireScope(call, 'identify');
      return ok(selfPayload(userOf(call.world, callerId(call))));
    },
  },
  { method: 'GET', path: '/users/@me/guilds', auth: 'either', run: myGuilds },
  {
    method: 'GET',
    path: '/users/@me/guilds/:guildId/member',
    auth: 'user',
    run(call) {
      requireScope(call, 'guilds.members.read');
      const member = call.world.guilds.get(idOf(call, 'guildId'))?.members.get(callerId(call));
      if (!member) throw new DiscordError(10004);
      return ok(memberPayload(call.world, member));
    },
  },
  {
    method: 'POST',
    path: '/users/@me/channels',
    run(call) {
      const recipientId = call.body.recipient_id;
      const user = isSnowflake(recipientId) ? call.world.users.get(recipientId) : undefined;
      if (!user || user.id === applicationOf(call.world).id) throw new DiscordError(50033);
      return ok(channelPayload(call.world, openDm(call.world, user.id)));
    },
  },
  {
    method: 'GET',
    path: '/users/:userId',
    run(call) {
      const user = call.world.users.get(idOf(call, 'userId'));
      if (!user) throw new DiscordError(10013);
      return ok(userPayload(user));
    },
  },
];

function callerId(call: Call): string {
  return call.auth.kind === 'user' ? call.auth.userId : applicationOf(call.world).id;
}

function requireScope(call: Call, scope: string): void {
  if (call.auth.kind === 'user' && !call.auth.scopes.includes(scope)) throw new DiscordError(50001);
}

function myGuilds(call: Call): Reply {
  requireScope(call, 'guilds');
  const id = callerId(call);
  const after = call.query.get('after') ?? '0';
  const limit = Math.min(Number(call.query.get('limit') ?? 200), 200);
  const guilds = [...call.world.guilds.values()].filter(
    (guild) => guild.members.has(id) && compareIds(guild.id, after) > 0,
  );
  const withCounts = call.query.get('with_counts') === 'true';
  return ok(
    guilds.slice(0, limit).map((guild) => {
      const {
        approximate_member_count: members,
        approximate_presence_count: present,
        ...rest
      } = myGuildPayload(guild, id);
      return withCounts ? { ...rest, approximate_member_count: members, approximate_presence_count: present } : rest;
    }),
  );
}
