import { GatewayIntentBits as I } from 'discord-api-types/v10';

// Which intent an event needs: in a server, and in direct messages. 0: none. Absent: GUILDS.
const needed: Record<string, readonly [inGuild: number, inDm: number]> = {
  INTERACTION_CREATE: [0, 0],
  MESSAGE_CREATE: [I.GuildMessages, I.DirectMessages],
  MESSAGE_UPDATE: [I.GuildMessages, I.DirectMessages],
  MESSAGE_DELETE: [I.GuildMessages, I.DirectMessages],
  MESSAGE_DELETE_BULK: [I.GuildMessages, I.DirectMessages],
  MESSAGE_REACTION_ADD: [I.GuildMessageReactions, I.DirectMessageReactions],
  MESSAGE_REACTION_REMOVE: [I.GuildMessageReactions, I.DirectMessageReactions],
  MESSAGE_REACTION_REMOVE_ALL: [I.GuildMessageReactions, I.DirectMessageReactions],
  TYPING_START: [I.GuildMessageTyping, I.DirectMessageTyping],
  GUILD_MEMBER_ADD: [I.GuildMembers, I.GuildMembers],
  GUILD_MEMBER_UPDATE: [I.GuildMembers, I.GuildMembers],
  GUILD_MEMBER_REMOVE: [I.GuildMembers, I.GuildMembers],
  CHANNEL_CREATE: [I.Guilds, 0],
};

/** The intents of which a session must have one to hear an event; 0 when everybody hears it. */
export function intentsFor(name: string, isInGuild: boolean): number {
  const pair = needed[name];
  if (!pair) return I.Guilds;
  return isInGuild ? pair[0] : pair[1];
}

/** Every intent there is; others make an IDENTIFY invalid (4013). */
export const knownIntents = Object.values(I)
  .filter((bit) => typeof bit === 'number')
  .reduce((all, bit) => all | bit, 0);

/** Intents that the application's flags do not grant (4014). Each has a full and a limited flag. */
export function deniedIntents(intents: number, flags: number): number {
  let denied = 0;
  if ((flags & ((1 << 12) | (1 << 13))) === 0) denied |= intents & I.GuildPresences;
  if ((flags & ((1 << 14) | (1 << 15))) === 0) denied |= intents & I.GuildMembers;
  if ((flags & ((1 << 18) | (1 << 19))) === 0) denied |= intents & I.MessageContent;
  return denied;
}
