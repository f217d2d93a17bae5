import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import type { CommandOption, NewMessage } from '../client.ts';
import { DiscordError } from '../http/errors.ts';
import { commandsOf } from '../routes/applications.ts';
import { requireText } from '../routes/access.ts';
import { createInteraction } from '../state/interactions.ts';
import { createMessage } from '../state/messages.ts';
import { userOf } from '../state/payloads.ts';
import { channelPermissions, guildPermissions, has } from '../state/permissions.ts';
import type { Channel, Command, Interaction, Message } from '../state/types.ts';
import type { World } from '../state/world.ts';
import { cannot, createResolved, type Resolve } from './resolved.ts';
import { asText, asArray, asObject, type Json, lengthOf } from '../validate/fields.ts';

// What people do. Refusals are those that Discord's own client would show.

/** The channel, when somebody sees it and may do `bits` there. */
export function channelFor(world: World, channelId: string, userId: string, bits: bigint): Channel {
  const channel = world.channels.get(channelId);
  if (!channel) throw new DiscordError(10003);
  if (!world.users.has(userId)) throw new DiscordError(10013);
  if (channel.guildId === null) {
    if (channel.recipientId !== userId) throw new DiscordError(50001);
    return channel;
  }
  const guild = world.guilds.get(channel.guildId);
  if (!guild?.members.has(userId)) throw new DiscordError(10007);
  const granted = channelPermissions(guild, channel, userId);
  if (!has(granted, P.ViewChannel)) throw new DiscordError(50001);
  if (!has(granted, bits)) throw new DiscordError(50013);
  return channel;
}

/** Somebody writes. */
export function write(world: World, input: NewMessage): Message {
  const known = world.channels.get(input.channelId);
  const channel = channelFor(
    world,
    input.channelId,
    input.userId,
    known?.thread ? P.SendMessagesInThreads : P.SendMessages,
  );
  requireText(channel);
  if (channel.thread?.isLocked) throw new DiscordError(160005);
  const files = (input.attachments ?? []).map((file) => ({
    key: null,
    name: file.name,
    contentType: file.contentType ?? 'application/octet-stream',
    bytes: new Uint8Array(Buffer.from(file.contentBase64, 'base64')),
  }));
  const content = String(input.content ?? '');
  if (content.trim() === '' && files.length === 0) throw new DiscordError(50006);
  if (lengthOf(content) > 2_000) throw cannot('A message has at most 2000 characters.');
  const reference = input.replyTo === undefined ? {} : { message_reference: { message_id: input.replyTo } };
  return createMessage(world, channel, userOf(world, input.userId), { body: { content, ...reference }, files });
}

/** Somebody runs a command of the bot. */
export function runCommand(
  world: World,
  input: {
    channelId: string;
    userId: string;
    name: string;
    options?: CommandOption[];
    targetId?: string;
    locale?: string;
  },
): Interaction {
  const channel = channelFor(world, input.channelId, input.userId, P.UseApplicationCommands);
  const command = [
    ...(channel.guildId === null ? [] : commandsOf(world, channel.guildId)),
    ...commandsOf(world, null),
  ].find(({ body }) => body.name === input.name);
  if (!command) throw new DiscordError(10063);
  requireAllowed(world, command, channel, input.userId);
  const resolved = createResolved(world, channel);
  const options = fill(input.options ?? [], asArray(command.body.options), resolved.add);
  const isAutocomplete = JSON.stringify(options).includes('"focused":true');
  if (!isAutocomplete) requireOptions(options, asArray(command.body.options));
  return createInteraction(world, {
    type: isAutocomplete ? 4 : 2,
    channel,
    userId: input.userId,
    ...(input.locale === undefined ? {} : { locale: input.locale }),
    data: {
      id: command.id,
      name: command.body.name,
      type: command.body.type,
      ...(command.guildId === null ? {} : { guild_id: command.guildId }),
      ...(options.length > 0 ? { options } : {}),
      ...(input.targetId === undefined ? {} : { target_id: input.targetId, ...resolved.target(input.targetId) }),
      ...(resolved.isEmpty() ? {} : { resolved: resolved.value }),
    },
  });
}

// default_member_permissions hide a command from those who lack them; contexts say where it may be used.
function requireAllowed(world: World, command: Command, channel: Channel, userId: string): void {
  const contexts = command.body.contexts as number[] | null | undefined;
  if (contexts && !contexts.includes(channel.guildId === null ? 1 : 0))
    throw cannot('The command cannot be used here.');
  const needed = command.body.default_member_permissions;
  const guild = channel.guildId === null ? undefined : world.guilds.get(channel.guildId);
  if (!guild || needed === null || needed === undefined) return;
  const granted = guildPermissions(guild, userId);
  const isHidden = needed === '0' ? !has(granted, P.Administrator) : !has(granted, BigInt(asText(needed)));
  if (isHidden) throw new DiscordError(50013);
}

/** Adds the types that the registered command knows, and resolves what the values name. */
function fill(given: CommandOption[], registered: unknown[], resolve: Resolve): Json[] {
  return given.map((option) => {
    const definition = registered.map(asObject).find((entry) => entry.name === option.name);
    const type = option.type ?? Number(definition?.type ?? 0);
    if (!definition || type !== definition.type) throw cannot(`The command has no option ${option.name} of this type.`);
    if (type <= 2) {
      return { name: option.name, type, options: fill(option.options ?? [], asArray(definition.options), resolve) };
    }
    if (type >= 6 && type <= 9) resolve(type, String(option.value));
    requireValue(option, definition);
    return { name: option.name, type, value: option.value, ...(option.focused ? { focused: true } : {}) };
  });
}

function requireValue(option: CommandOption, definition: Json): void {
  const { value } = option;
  if (option.focused) return;
  const choices = asArray(definition.choices).map((choice) => asObject(choice).value);
  if (choices.length > 0 && !choices.includes(value)) throw cannot(`${option.name} is none of the choices.`);
  if (typeof value === 'string' && definition.type === 3) {
    const max = Number(definition.max_length ?? 6_000);
    if (lengthOf(value) > max) throw cannot(`${option.name} has at most ${max} characters.`);
    if (lengthOf(value) < Number(definition.min_length ?? 0)) throw cannot(`${option.name} is too short.`);
  }
  if (typeof value === 'number') {
    if (value > Number(definition.max_value ?? value)) throw cannot(`${option.name} is too large.`);
    if (value < Number(definition.min_value ?? value)) throw cannot(`${option.name} is too small.`);
  }
}

function requireOptions(given: Json[], registered: unknown[]): void {
  const sub = given.find((option) => Number(option.type) <= 2);
  const definitions = registered.map(asObject);
  if (sub)
    return requireOptions(
      asArray(sub.options) as Json[],
      asArray(definitions.find((d) => d.name === sub.name)?.options),
    );
  if (definitions.some((definition) => Number(definition.type) <= 2)) throw cannot('A subcommand is needed.');
  const missing = definitions.find((d) => d.required === true && !given.some((option) => option.name === d.name));
  if (missing) throw cannot(`The option ${String(missing.name)} is required.`);
}
