import { randomBytes } from 'node:crypto';
import type { SimulatedInteraction } from '../client.ts';
import { DiscordError } from '../http/errors.ts';
import type { Json } from '../validate/fields.ts';
import { ephemeral, loading } from '../validate/message.ts';
import { botUser, createMessage, deleteMessage, editMessage, type NewFile } from './messages.ts';
import { channelPayload, memberPayload, userOf, userPayload } from './payloads.ts';
import { channelPermissions } from './permissions.ts';
import { timeOf } from './snowflake.ts';
import type { Channel, Interaction, Message } from './types.ts';
import { applicationOf, type World } from './world.ts';

/** What somebody did: type 2 command, 3 component, 4 autocomplete, 5 modal. */
export type NewInteraction = {
  type: number;
  channel: Channel;
  userId: string;
  data: Json;
  /** The message that the component stands in, also for a modal that came from one. */
  source?: Message | null;
  /** Of the interaction that showed the modal. */
  triggeredBy?: Interaction | null;
  locale?: string;
};

/** Makes an interaction and sends it to the bot, which has three seconds. */
export function createInteraction(world: World, input: NewInteraction): Interaction {
  const { channel } = input;
  const id = world.nextId();
  const owners = { '0': channel.guildId ?? '0' };
  const user = userPayload(userOf(world, input.userId));
  const interaction: Interaction = {
    id,
    token: Buffer.from(`interaction:${id}:${randomBytes(48).toString('base64url')}`).toString('base64url'),
    type: input.type,
    guildId: channel.guildId,
    channelId: channel.id,
    userId: input.userId,
    createdAt: timeOf(id),
    metadata: {
      id,
      type: input.type,
      user,
      authorizing_integration_owners: owners,
      ...(input.type === 2 ? { name: input.data.name, command_type: input.data.type } : {}),
      ...(input.type === 3 && input.source ? { interacted_message_id: input.source.body.id } : {}),
      ...(input.triggeredBy ? { triggering_interaction_metadata: input.triggeredBy.metadata } : {}),
    },
    state: 'pending',
    acknowledgedAfterMs: null,
    callbackType: null,
    modal: null,
    choices: null,
    sourceMessageId: input.source?.body.id ?? null,
    originalId: null,
    followupIds: [],
    isAnswered: false,
  };
  world.counts.interactions++;
  world.saveInteraction(interaction);
  setTimeout(() => expire(world, interaction), Math.max(0, world.limits.acknowledgeWithinMs)).unref();
  world.publish({ name: 'INTERACTION_CREATE', data: payloadOf(world, input, interaction), guildId: channel.guildId });
  return interaction;
}

function payloadOf(world: World, input: NewInteraction, interaction: Interaction): Json {
  const { channel } = input;
  const guild = channel.guildId === null ? undefined : world.guilds.get(channel.guildId);
  const member = guild?.members.get(input.userId);
  const user = userOf(world, input.userId);
  const application = applicationOf(world);
  const permissions = guild ? channelPermissions(guild, channel, input.userId) : ~0n & ((1n << 53n) - 1n);
  const appPermissions = guild ? channelPermissions(guild, channel, application.id) : permissions;
  return {
    id: interaction.id,
    application_id: application.id,
    type: input.type,
    data: input.data,
    ...(guild ? { guild_id: guild.id, guild: { id: guild.id, locale: guild.locale, features: [] } } : {}),
    channel_id: channel.id,
    channel: { ...channelPayload(world, channel), permissions: permissions.toString() },
    ...(guild && member
      ? { member: { ...memberPayload(world, member), permissions: permissions.toString() } }
      : { user: userPayload(user) }),
    token: interaction.token,
    version: 1,
    ...(input.source ? { message: input.source.body } : {}),
    app_permissions: appPermissions.toString(),
    locale: input.locale ?? user.locale,
    ...(guild ? { guild_locale: guild.locale } : {}),
    entitlements: [],
    authorizing_integration_owners: { '0': channel.guildId ?? '0' },
    context: guild ? 0 : 1,
    attachment_size_limit: 10_485_760,
  };
}

/** Marks what nobody acknowledged in time. */
export function expire(world: World, interaction: Interaction): void {
  if (interaction.state !== 'pending') return;
  interaction.state = 'expired';
  world.counts.expired++;
  world.saveInteraction(interaction);
  world.happen('interaction_expired', { id: interaction.id, type: interaction.type });
}

/** The first answer to an interaction. Throws 10062 after three seconds, 40060 for a second one. */
export function acknowledge(world: World, interaction: Interaction, type: number, data: Json, files: NewFile[]): void {
  const afterMs = Date.now() - interaction.createdAt;
  if (interaction.state === 'acknowledged') throw new DiscordError(40060);
  if (afterMs > world.limits.acknowledgeWithinMs) expire(world, interaction);
  if (interaction.state === 'expired') {
    world.violate('late_acknowledgement');
    throw new DiscordError(10062);
  }
  interaction.state = 'acknowledged';
  interaction.acknowledgedAfterMs = afterMs;
  interaction.callbackType = type;
  world.counts.acknowledged++;
  const channel = channelOfInteraction(world, interaction);
  if (type === 4) say(world, interaction, data, files);
  else if (type === 5) {
    const flags = (Number(data.flags ?? 0) & ephemeral) | loading;
    say(world, interaction, { flags }, []);
  } else if (type === 6 || type === 7) {
    interaction.originalId = interaction.sourceMessageId;
    const source = world.messagesOf(channel.id).get(interaction.sourceMessageId ?? '');
    if (type === 7 && source) {
      editMessage(world, channel, source, data, files);
      interaction.isAnswered = true;
    }
  } else if (type === 8) {
    interaction.choices = (data.choices ?? []) as { name: string; value: string | number }[];
    interaction.isAnswered = true;
  } else if (type === 9) {
    interaction.modal = data;
    interaction.isAnswered = true;
  }
  world.saveInteraction(interaction);
  world.happen('interaction_acknowledged', { id: interaction.id, type: interaction.type, callbackType: type, afterMs });
}

function say(world: World, interaction: Interaction, body: Json, files: NewFile[]): void {
  const isEphemeral = (Number(body.flags ?? 0) & ephemeral) !== 0;
  const message = createMessage(world, channelOfInteraction(world, interaction), botUser(world), {
    body,
    files,
    type: interaction.type === 2 ? 20 : 0,
    ephemeralFor: isEphemeral ? interaction.userId : null,
    interactionMetadata: interaction.metadata,
    isWebhook: true,
  });
  interaction.originalId = message.body.id;
  interaction.isAnswered ||= (message.body.flags ?? 0) % (loading * 2) < loading;
}

/** A further message. The first one after a deferral takes the place of "thinking…", as at Discord. */
export function followUp(world: World, interaction: Interaction, body: Json, files: NewFile[]): Message {
  const channel = channelOfInteraction(world, interaction);
  const original = originalOf(world, interaction);
  if (original && ((original.body.flags ?? 0) & loading) !== 0) {
    return editOf(world, interaction, original, { ...body, flags: undefined }, files);
  }
  const isEphemeral = (Number(body.flags ?? 0) & ephemeral) !== 0;
  const message = createMessage(world, channel, botUser(world), {
    body,
    files,
    ephemeralFor: isEphemeral ? interaction.userId : null,
    interactionMetadata: { ...interaction.metadata, original_response_message_id: interaction.originalId ?? undefined },
    isWebhook: true,
  });
  interaction.followupIds.push(message.body.id);
  interaction.isAnswered = true;
  world.saveInteraction(interaction);
  return message;
}

/** An edit by the interaction's token. */
export function editOf(
  world: World,
  interaction: Interaction,
  message: Message,
  body: Json,
  files: NewFile[],
): Message {
  const edited = editMessage(world, channelOfInteraction(world, interaction), message, body, files);
  interaction.isAnswered = true;
  world.saveInteraction(interaction);
  return edited;
}

export function deleteOf(world: World, interaction: Interaction, message: Message): void {
  deleteMessage(world, channelOfInteraction(world, interaction), message);
  interaction.followupIds = interaction.followupIds.filter((id) => id !== message.body.id);
  world.saveInteraction(interaction);
}

export function originalOf(world: World, interaction: Interaction): Message | null {
  return world.messagesOf(interaction.channelId).get(interaction.originalId ?? '') ?? null;
}

/** The channel an interaction came from; 10003 when it has been deleted since. */
export function channelOfInteraction(world: World, interaction: Interaction): Channel {
  const channel = world.channels.get(interaction.channelId);
  if (!channel) throw new DiscordError(10003);
  return channel;
}

/** How an interaction stands, for the control API. */
export function viewOf(world: World, interaction: Interaction): SimulatedInteraction {
  const ids = [interaction.originalId, ...interaction.followupIds].filter((id) => id !== null);
  const messages = world.messagesOf(interaction.channelId);
  return {
    id: interaction.id,
    type: interaction.type,
    state: interaction.state,
    isAnswered: interaction.isAnswered,
    acknowledgedAfterMs: interaction.acknowledgedAfterMs,
    callbackType: interaction.callbackType,
    modal: interaction.modal as SimulatedInteraction['modal'],
    choices: interaction.choices,
    messages: ids.map((id) => messages.get(id)?.body).filter((body) => body !== undefined),
  };
}
