import { ApplicationFlags as Flags, GatewayIntentBits as Intents } from 'discord-api-types/v10';
import { expect, test } from 'vitest';
import { intentsOf } from './application.ts';

const needed = Intents.Guilds | Intents.GuildMessages;

test.each([
  [0, needed],
  [Flags.GatewayMessageContent, needed | Intents.MessageContent],
  [Flags.GatewayMessageContentLimited, needed | Intents.MessageContent],
  [Flags.GatewayGuildMembersLimited, needed | Intents.GuildMembers],
  [Flags.GatewayPresence, needed],
])('flags %i are asked for intents %i: never more than is granted', (flags, intents) => {
  expect(intentsOf(flags)).toBe(intents);
});
