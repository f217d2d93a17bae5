import {
  type APIChannel,
  type APIGuildChannel,
  type APIRole,
  ChannelType,
  type GuildChannelType,
  OverwriteType,
  RESTJSONErrorCodes,
  Routes,
} from 'discord-api-types/v10';
import { channelMention, roleMention } from '#discord/markdown.ts';
import { bitsOf, type Overwrite } from '#discord/permissions.ts';
import { discordCodeOf } from '#discord/rest.ts';
import { translate } from '#locales/index.ts';
import { addStaff } from '#tickets/actions/add-staff.ts';
import type { ChangedGuild } from '#tickets/actions/set-settings.ts';
import { AppError } from '#tickets/errors.ts';
import type { Overrides } from '#tickets/settings/registry.ts';
import { isForbidden } from '../effects/problems.ts';
import { missingIn, permissionError } from '../effects/missing-permissions.ts';
import type { Call } from './define.ts';

/** What /setup auto does, in order. Each step first looks for what an earlier run made. */
export const autoSteps = ['permissions', 'roles', 'category', 'transcripts', 'staff', 'settings'] as const;
export type AutoStep = (typeof autoSteps)[number];

// Not translated: another run, or another language, must find them again (features.md 1.1-10 names the roles).
const roleNames = { support: 'Tickets Support', admin: 'Tickets Admin' } as const;
const categoryName = 'Tickets';
const transcriptsName = 'ticket-transcripts';

/** What the bot needs in the whole server to make them, and later to work in them. */
const needed = bitsOf(
  'ViewChannel',
  'ManageChannels',
  'ManageRoles',
  'SendMessages',
  'EmbedLinks',
  'ReadMessageHistory',
  'AttachFiles',
);
const forStaff = bitsOf('ViewChannel', 'SendMessages', 'ReadMessageHistory', 'EmbedLinks', 'AttachFiles');
const forBot = forStaff | bitsOf('ManageChannels');

type Progress = {
  /** A step begins. */
  onStep(step: AutoStep): Promise<void>;
  /** It is done; `result` mentions what it found or made. */
  onDone(step: AutoStep, result: string): void;
  change(patch: Overrides): Promise<ChangedGuild>;
};

/**
 * Sets a server up: roles, a category, a channel for transcripts, staff, settings. No panel. Settings that lead somewhere already stay.
 * Returns the change of settings, or null when there was none to make.
 * @throws AppError discord.permission, discord.roles-full, discord.channels-full
 */
export async function runAutoSetup(call: Call, progress: Progress): Promise<ChangedGuild | null> {
  const { deps, guildId } = call;
  const step = async <T>(name: AutoStep, work: () => Promise<T>, say: (result: T) => string = () => ''): Promise<T> => {
    await progress.onStep(name);
    const result = await refusing(call, work);
    progress.onDone(name, say(result));
    return result;
  };
  await step('permissions', async () => {
    const lacking = await missingIn(deps.botRest, { guildId, botUserId: deps.botUserId, channelId: null, needed });
    if (lacking.names.length > 0) throw permissionError(lacking);
  });
  const roles = await step(
    'roles',
    async () => ({ support: await roleNamed(call, roleNames.support), admin: await roleNamed(call, roleNames.admin) }),
    ({ support, admin }) => `${roleMention(support)} ${roleMention(admin)}`,
  );
  const overwrites = overwritesOf(call, [roles.support, roles.admin]);
  const { ticketCategory, transcriptsChannel } = call.guild.settings;
  const place = { call, overwrites };
  const category = await step(
    'category',
    () => channelNamed({ ...place, chosen: ticketCategory, type: ChannelType.GuildCategory, name: categoryName }),
    channelMention,
  );
  const transcripts = await step(
    'transcripts',
    () => channelNamed({ ...place, chosen: transcriptsChannel, type: ChannelType.GuildText, name: transcriptsName }),
    channelMention,
  );
  await step('staff', async () => {
    await makeStaff(call, roles.support, 'support');
    await makeStaff(call, roles.admin, 'admin');
  });
  return step('settings', async () => {
    const patch = {
      ...(category !== ticketCategory && { ticketCategory: category }),
      ...(transcripts !== transcriptsChannel && { transcriptsChannel: transcripts }),
    };
    return Object.keys(patch).length > 0 ? progress.change(patch) : null;
  });
}

/** Discord's refusals as expected errors. Which permission is missing is looked up, for it may have been taken away since the first step. */
async function refusing<T>(call: Call, work: () => Promise<T>): Promise<T> {
  const { deps, guildId } = call;
  try {
    return await work();
  } catch (error) {
    const code = discordCodeOf(error);
    if (code === RESTJSONErrorCodes.MaximumNumberOfGuildRolesReached)
      throw new AppError('discord.roles-full', {}, { cause: error });
    if (code === RESTJSONErrorCodes.MaximumNumberOfGuildChannelsReached)
      throw new AppError('discord.channels-full', {}, { cause: error });
    if (!isForbidden(error)) throw error;
    const lacking = await missingIn(deps.botRest, { guildId, botUserId: deps.botUserId, channelId: null, needed });
    throw lacking.names.length > 0 ? permissionError(lacking) : error;
  }
}

const auditReason = (call: Call): string => translate(call.locale, 'audit.setup');

/** A role by its name, made when there is none. It gets no permission in the server. */
async function roleNamed(call: Call, name: string): Promise<string> {
  const { deps, guildId } = call;
  const find = async (): Promise<string | undefined> => {
    const roles = (await deps.botRest.get(Routes.guildRoles(guildId))) as APIRole[];
    return roles.find((role) => role.name === name && !role.managed && role.id !== guildId)?.id;
  };
  return made(find, async () => {
    const body = { name, permissions: '0', mentionable: false };
    return (await deps.creationRest.post(Routes.guildRoles(guildId), { body, reason: auditReason(call) })) as APIRole;
  });
}

/** A channel that was chosen and is there, else one by its name that @everyone cannot see, else a new one. */
async function channelNamed(o: {
  call: Call;
  overwrites: readonly Overwrite[];
  chosen: string | null;
  type: ChannelType.GuildText | ChannelType.GuildCategory;
  name: string;
}): Promise<string> {
  const { deps, guildId } = o.call;
  const find = async (): Promise<string | undefined> => {
    const channels = (await deps.botRest.get(Routes.guildChannels(guildId))) as APIGuildChannel<GuildChannelType>[];
    const chosen = channels.find((channel) => channel.id === o.chosen);
    const named = channels.find(
      (channel) => channel.type === o.type && channel.name === o.name && isHidden(guildId, channel),
    );
    return (chosen ?? named)?.id;
  };
  return made(find, async () => {
    const body = { name: o.name, type: o.type, permission_overwrites: o.overwrites };
    const reason = auditReason(o.call);
    return (await deps.creationRest.post(Routes.guildChannels(guildId), { body, reason })) as APIChannel;
  });
}

/** Transcripts and tickets in a channel that everybody sees would be told to everybody. */
const isHidden = (guildId: string, channel: APIGuildChannel<GuildChannelType>): boolean =>
  (channel.permission_overwrites ?? []).some(
    (one) => one.id === guildId && (BigInt(one.deny) & bitsOf('ViewChannel')) !== 0n,
  );

/** What is there, else what is made now. A creation whose answer was lost is looked for once more before it counts as failed. */
async function made(find: () => Promise<string | undefined>, create: () => Promise<{ id: string }>): Promise<string> {
  const before = await find();
  if (before !== undefined) return before;
  try {
    return (await create()).id;
  } catch (error) {
    // Discord said why not; without its word the thing may exist.
    const after = discordCodeOf(error) === null ? await find() : undefined;
    if (after === undefined) throw error;
    return after;
  }
}

function overwritesOf({ deps, guildId }: Call, staffRoleIds: readonly string[]): Overwrite[] {
  const allow = (id: string, type: OverwriteType, bits: bigint): Overwrite => ({
    id,
    type,
    allow: String(bits),
    deny: '0',
  });
  return [
    { id: guildId, type: OverwriteType.Role, allow: '0', deny: String(bitsOf('ViewChannel')) },
    ...staffRoleIds.map((id) => allow(id, OverwriteType.Role, forStaff)),
    allow(deps.botUserId, OverwriteType.Member, forBot),
  ];
}

async function makeStaff({ deps, guildId, actor }: Call, subjectId: string, level: 'support' | 'admin'): Promise<void> {
  try {
    await addStaff(deps.ctx, guildId, { by: actor, subjectId, subjectKind: 'role', level });
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'staff.present')) throw error;
  }
}
