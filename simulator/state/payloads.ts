import { guildPermissions } from './permissions.ts';
import type { Channel, Guild, Member, OwnEmoji, Role, User } from './types.ts';
import { applicationOf, type World } from './world.ts';

// What the simulator keeps, written the way Discord writes it.

/** A user. */
export function userPayload(user: User) {
  return {
    id: user.id,
    username: user.username,
    avatar: user.avatar,
    discriminator: '0',
    public_flags: 0,
    flags: 0,
    ...(user.isBot ? { bot: true } : {}),
    banner: null,
    accent_color: null,
    global_name: user.globalName,
    avatar_decoration_data: null,
    collectibles: null,
    primary_guild: null,
  };
}

/** The user that a token belongs to. */
export function selfPayload(user: User) {
  return { ...userPayload(user), mfa_enabled: user.isBot, locale: user.locale, verified: true, email: null };
}

/** A member without the user, as in MESSAGE_CREATE's `member`. */
export function partialMemberPayload(member: Member) {
  return {
    avatar: null,
    banner: null,
    communication_disabled_until: member.timeoutUntil === null ? null : new Date(member.timeoutUntil).toISOString(),
    flags: 0,
    joined_at: new Date(member.joinedAt).toISOString(),
    nick: member.nick,
    pending: false,
    premium_since: null,
    roles: member.roleIds,
    mute: false,
    deaf: false,
  };
}

export function memberPayload(world: World, member: Member) {
  return { ...partialMemberPayload(member), user: userPayload(userOf(world, member.userId)) };
}

/** Somebody who is certainly known; a placeholder for one who was forgotten. */
export function userOf(world: World, id: string): User {
  return (
    world.users.get(id) ?? {
      id,
      username: 'deleted_user',
      globalName: null,
      avatar: null,
      isBot: false,
      areDmsClosed: true,
      locale: 'en-US',
    }
  );
}

export function rolePayload(role: Role) {
  return {
    id: role.id,
    name: role.name,
    description: null,
    permissions: role.permissions.toString(),
    position: role.position,
    color: role.color,
    colors: { primary_color: role.color, secondary_color: null, tertiary_color: null },
    hoist: role.hoist,
    managed: role.botId !== null,
    mentionable: role.mentionable,
    icon: null,
    unicode_emoji: null,
    ...(role.botId === null ? {} : { tags: { bot_id: role.botId } }),
    flags: 0,
  };
}

export function channelPayload(world: World, channel: Channel) {
  if (channel.guildId === null) {
    return {
      id: channel.id,
      type: channel.type,
      flags: 0,
      last_message_id: channel.lastMessageId,
      recipients: channel.recipientId === null ? [] : [userPayload(userOf(world, channel.recipientId))],
    };
  }
  if (channel.thread) return threadPayload(channel, channel.thread);
  return {
    id: channel.id,
    type: channel.type,
    flags: channel.flags,
    last_message_id: channel.lastMessageId,
    guild_id: channel.guildId,
    name: channel.name,
    parent_id: channel.parentId,
    rate_limit_per_user: channel.slowModeS,
    topic: channel.topic,
    position: channel.position,
    permission_overwrites: channel.overwrites,
    nsfw: channel.isNsfw,
    ...(channel.type === 2 ? { bitrate: 64_000, user_limit: 0, rtc_region: null } : {}),
    ...(channel.autoArchiveMinutes === null ? {} : { default_auto_archive_duration: channel.autoArchiveMinutes }),
    ...(channel.type === 15
      ? { available_tags: [], default_reaction_emoji: null, default_sort_order: null, default_forum_layout: 0 }
      : {}),
  };
}

function threadPayload(channel: Channel, thread: NonNullable<Channel['thread']>) {
  return {
    id: channel.id,
    type: channel.type,
    flags: channel.flags,
    last_message_id: channel.lastMessageId,
    guild_id: channel.guildId,
    name: channel.name,
    parent_id: channel.parentId,
    rate_limit_per_user: channel.slowModeS,
    owner_id: thread.ownerId,
    thread_metadata: {
      archived: thread.isArchived,
      archive_timestamp: new Date(thread.archiveAt).toISOString(),
      auto_archive_duration: thread.autoArchiveMinutes,
      locked: thread.isLocked,
      create_timestamp: new Date(thread.archiveAt).toISOString(),
      ...(channel.type === 12 ? { invitable: thread.isInvitable } : {}),
    },
    message_count: thread.messageCount,
    member_count: Math.min(Object.keys(thread.members).length, 50),
    total_message_sent: thread.messageCount,
    applied_tags: thread.tagIds,
  };
}

/** A thread with the bot's own membership, when it has one. */
export function threadPayloadWithMember(world: World, channel: Channel) {
  const botId = applicationOf(world).id;
  const isIn = channel.thread !== null && botId in channel.thread.members;
  return { ...channelPayload(world, channel), ...(isIn ? { member: threadMemberPayload(channel, botId) } : {}) };
}

export function threadMemberPayload(channel: Channel, userId: string) {
  const joinedAt = channel.thread?.members[userId] ?? Date.now();
  return { id: channel.id, user_id: userId, join_timestamp: new Date(joinedAt).toISOString(), flags: 0 };
}

/** An own emoji as Discord describes it. */
export const emojiPayload = (emoji: OwnEmoji) => ({
  ...emoji,
  roles: [],
  require_colons: true,
  managed: false,
  available: true,
});

/** A server as REST answers it. */
export function guildPayload(world: World, guild: Guild, withCounts = false) {
  return {
    id: guild.id,
    name: guild.name,
    icon: guild.icon,
    description: null,
    home_header: null,
    splash: null,
    discovery_splash: null,
    features: [],
    banner: null,
    owner_id: guild.ownerId,
    application_id: null,
    region: 'deprecated',
    afk_channel_id: null,
    afk_timeout: 300,
    system_channel_id: null,
    system_channel_flags: 0,
    widget_enabled: false,
    widget_channel_id: null,
    verification_level: 1,
    roles: [...guild.roles.values()].map(rolePayload),
    default_message_notifications: 1,
    mfa_level: 0,
    explicit_content_filter: 0,
    max_presences: null,
    max_members: 500_000,
    max_stage_video_channel_users: 50,
    max_video_channel_users: 25,
    vanity_url_code: null,
    premium_tier: 0,
    premium_subscription_count: 0,
    preferred_locale: guild.locale,
    rules_channel_id: null,
    safety_alerts_channel_id: null,
    public_updates_channel_id: null,
    premium_progress_bar_enabled: false,
    nsfw: false,
    nsfw_level: 0,
    emojis: (guild.emojis ?? []).map(emojiPayload),
    stickers: [],
    incidents_data: null,
    ...(withCounts
      ? { approximate_member_count: guild.members.size, approximate_presence_count: guild.members.size }
      : {}),
    ...(world.application && guild.members.has(world.application.id) ? {} : { unavailable: true }),
  };
}

/** GUILD_CREATE. Without the presence intent Discord sends no member but the bot. */
export function guildCreatePayload(world: World, guild: Guild, withMembers: boolean) {
  const botId = applicationOf(world).id;
  const all = [...guild.channels.values()];
  const members = withMembers ? [...guild.members.values()] : [guild.members.get(botId)].filter((m) => m !== undefined);
  return {
    ...guildPayload(world, guild),
    joined_at: new Date(guild.joinedAt).toISOString(),
    large: guild.members.size > 250,
    unavailable: false,
    member_count: guild.members.size,
    voice_states: [],
    members: members.map((member) => memberPayload(world, member)),
    channels: all.filter((channel) => !channel.thread).map((channel) => channelPayload(world, channel)),
    threads: all
      .filter((channel) => channel.thread && !channel.thread.isArchived)
      .filter((channel) => channel.type !== 12 || botId in (channel.thread?.members ?? {}))
      .map((channel) => channelPayload(world, channel)),
    presences: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  };
}

/** One of `users/@me/guilds`. */
export function myGuildPayload(guild: Guild, userId: string) {
  return {
    id: guild.id,
    name: guild.name,
    icon: guild.icon,
    banner: null,
    owner: guild.ownerId === userId,
    permissions: guildPermissions(guild, userId).toString(),
    features: [],
    approximate_member_count: guild.members.size,
    approximate_presence_count: guild.members.size,
  };
}

export function applicationPayload(world: World) {
  const application = applicationOf(world);
  return {
    id: application.id,
    name: application.name,
    icon: null,
    description: '',
    type: null,
    bot: userPayload(userOf(world, application.id)),
    bot_public: application.isPublic,
    bot_require_code_grant: false,
    integration_types_config: { '0': {} },
    verify_key: application.publicKey,
    flags: application.flags,
    flags_new: application.flags.toString(),
    tags: [],
    redirect_uris: [],
    interactions_endpoint_url: application.interactionsUrl ?? null,
    role_connections_verification_url: null,
    owner: userPayload(userOf(world, application.ownerId)),
    approximate_guild_count: world.guilds.size,
    approximate_user_install_count: 0,
    approximate_user_authorization_count: 0,
    event_webhooks_status: 1,
    explicit_content_filter: 0,
    team: null,
    eligible_oauth2_scopes: [],
  };
}
