import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import type { APIMessage, APIReaction } from 'discord-api-types/v10';
import { DiscordError } from '../http/errors.ts';
import { type Call, nothing, ok, type Reply, type Route } from '../http/route.ts';
import { userOf, userPayload } from '../state/payloads.ts';
import type { Channel, Message } from '../state/types.ts';
import { applicationOf } from '../state/world.ts';
import { channelOf, messageOf } from './access.ts';

const path = '/channels/:channelId/messages/:messageId/reactions';
const bucket = { limit: 1, perMs: 250 };

/** The bot's own reactions; nobody else reacts in this world. */
export const reactionRoutes: Route[] = [
  { method: 'PUT', path: `${path}/:emoji/@me`, bucket, run: (call) => change(call, true) },
  { method: 'DELETE', path: `${path}/:emoji/@me`, bucket, run: (call) => change(call, false) },
  {
    method: 'GET',
    path: `${path}/:emoji`,
    run(call) {
      const message = messageOf(call, channelOf(call, P.ReadMessageHistory));
      const emoji = emojiOf(call);
      const isThere = message.body.reactions?.some((reaction) => sameEmoji(reaction, emoji));
      return ok(isThere ? [userPayload(userOf(call.world, applicationOf(call.world).id))] : []);
    },
  },
  {
    method: 'DELETE',
    path,
    run(call) {
      const channel = channelOf(call, P.ManageMessages);
      const message = messageOf(call, channel);
      store(call, channel, message, [], 'MESSAGE_REACTION_REMOVE_ALL', {});
      return nothing;
    },
  },
];

type Emoji = { id: string | null; name: string };

function emojiOf(call: Call): Emoji {
  const custom = /^(?:a:)?(\w+):(\d+)$/.exec(call.params.emoji ?? '');
  if (custom) return { id: String(custom[2]), name: String(custom[1]) };
  const name = call.params.emoji ?? '';
  if (!/\p{Extended_Pictographic}|\p{Regional_Indicator}|⃣/u.test(name)) throw new DiscordError(10014, { status: 400 });
  return { id: null, name };
}

function sameEmoji(reaction: APIReaction, emoji: Emoji): boolean {
  return reaction.emoji.id === emoji.id && (emoji.id !== null || reaction.emoji.name === emoji.name);
}

function change(call: Call, isAdded: boolean): Reply {
  const channel = channelOf(call, P.ReadMessageHistory | (isAdded ? P.AddReactions : 0n));
  const message = messageOf(call, channel);
  const emoji = emojiOf(call);
  const others = (message.body.reactions ?? []).filter((reaction) => !sameEmoji(reaction, emoji));
  const own: APIReaction = {
    emoji,
    count: 1,
    count_details: { burst: 0, normal: 1 },
    burst_colors: [],
    me_burst: false,
    me: true,
  };
  const data = { user_id: applicationOf(call.world).id, emoji, burst: false, type: 0 };
  const name = isAdded ? 'MESSAGE_REACTION_ADD' : 'MESSAGE_REACTION_REMOVE';
  store(call, channel, message, isAdded ? [...others, own] : others, name, data);
  return nothing;
}

function store(call: Call, channel: Channel, message: Message, reactions: APIReaction[], name: string, data: object) {
  const { reactions: _old, ...body } = message.body;
  const next = reactions.length > 0 ? { ...body, reactions } : body;
  call.world.saveMessage({ ...message, body: next as APIMessage });
  const guildId = channel.guildId === null ? {} : { guild_id: channel.guildId };
  call.world.publish({
    name,
    data: { ...data, message_id: body.id, channel_id: channel.id, ...guildId },
    guildId: channel.guildId,
    channel,
  });
}
