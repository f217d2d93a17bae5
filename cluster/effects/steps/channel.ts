import { type APIChannel, type APIUser, ChannelType, RESTJSONErrorCodes, Routes } from 'discord-api-types/v10';
import { DiscordAPIError } from '@discordjs/rest';
import { formatTopic } from '#discord/topic.ts';
import { bitsOf } from '#discord/permissions.ts';
import { discordCodeOf, retryAfterMsOf } from '#discord/rest.ts';
import { translate } from '#locales/index.ts';
import { abandonTicket } from '#tickets/actions/abandon.ts';
import { attachChannel } from '#tickets/actions/attach-channel.ts';
import { AppError } from '#tickets/errors.ts';
import { findTicketChannels } from '../find.ts';
import { isForbidden, isGone, permissionProblem, recordProblem } from '../problems.ts';
import { overwritesOf, type Seen } from '../seen.ts';
import { record, type Run, type StepFunction } from './run.ts';

/** Without these the bot can make no ticket. What else it lacks is left out of the overwrites. */
const needed = bitsOf(
  'ViewChannel',
  'ManageChannels',
  'ManageRoles',
  'SendMessages',
  'EmbedLinks',
  'ReadMessageHistory',
);

/** `ticket-12` or `ticket-ada`: Discord makes lower case of it and hyphens of spaces. */
async function nameOf({ deps }: Run, { ticket, guild }: Seen): Promise<string> {
  if (guild.settings.namingScheme === 'number') return `ticket-${ticket.displayNo}`;
  const person = (await deps.rest.get(Routes.user(ticket.openerId))) as APIUser;
  return `ticket-${person.username}`.slice(0, 100);
}

async function create(run: Run, seen: Seen, o: { parentId: string | null; botBits?: bigint }): Promise<string> {
  const { ticket } = seen;
  const channel = (await run.deps.creationRest.post(Routes.guildChannels(ticket.guildId), {
    body: {
      name: await nameOf(run, seen),
      type: ChannelType.GuildText,
      topic: formatTopic(ticket.id, ticket.subject ?? ''),
      ...(o.parentId && { parent_id: o.parentId }),
      permission_overwrites: overwritesOf(run.deps, seen, o.botBits),
    },
    reason: translate(seen.locale, 'audit.opened', { number: ticket.displayNo }),
  })) as APIChannel;
  return channel.id;
}

/** 50035 about the category: it was deleted, or holds its 50 channels. The channel is made without one then. */
const isAboutCategory = (error: unknown): boolean =>
  error instanceof DiscordAPIError &&
  error.code === RESTJSONErrorCodes.InvalidFormBodyOrContentType &&
  JSON.stringify(error.rawError).includes('parent_id');

/** Makes the channel, bending to what Discord allows; null when it is finally refused, which has been recorded then. */
async function createOrRefuse(run: Run, seen: Seen): Promise<string | null> {
  const { deps } = run;
  const { guildId } = seen.ticket;
  let parentId = seen.panel
    ? (seen.panel.categoryId ?? seen.guild.settings.ticketCategory)
    : seen.guild.settings.ticketCategory;
  let botBits: bigint | undefined;
  for (;;) {
    try {
      return await create(run, seen, { parentId, ...(botBits !== undefined && { botBits }) });
    } catch (error) {
      if (parentId && isAboutCategory(error)) {
        parentId = null;
      } else if (isForbidden(error)) {
        const { lacking, context } = await permissionProblem(deps, { guildId, channelId: parentId, needed });
        if (lacking.names.length > 0 || botBits !== undefined) {
          await recordProblem(deps, seen, 'discord.permission', context);
          return null;
        }
        botBits = lacking.bits;
      } else if (discordCodeOf(error) === RESTJSONErrorCodes.MaximumNumberOfGuildChannelsReached) {
        await recordProblem(deps, seen, 'discord.channels-full', {});
        return null;
      } else throw error;
    }
  }
}

/** Finds what an interrupted run made; surplus channels of a lost answer are deleted. */
async function findEarlier(run: Run, seen: Seen): Promise<string | null> {
  const { rest } = run.deps;
  const [first, ...surplus] = await findTicketChannels(rest, seen.ticket.guildId, seen.ticket.id);
  for (const channelId of surplus) await rest.delete(Routes.channel(channelId));
  return first ?? null;
}

/** A reservation gets its channel: never two, whatever was interrupted (design.md 4). */
export const channelStep: StepFunction = async (run, seen) => {
  const { ctx } = run.deps;
  const { ticket, wantedHash } = seen;
  let channelId = ticket.applied.creatingSince === null ? null : await findEarlier(run, seen);
  if (channelId === null) {
    await record(run, seen, { creatingSince: ctx.now() });
    try {
      channelId = await createOrRefuse(run, seen);
    } catch (error) {
      // "Not now" is no failure: the job comes back later, and the reservation's own deadline ends that.
      if (!run.isLastTry || retryAfterMsOf(error) !== null) throw error;
      await recordProblem(run.deps, seen, 'discord.unavailable', {});
    }
  }
  if (channelId === null) {
    await abandonTicket(ctx, ticket.guildId, { ticketId: ticket.id });
    return;
  }
  await record(run, seen, { overwritesHash: wantedHash });
  try {
    await attachChannel(ctx, ticket.guildId, { ticketId: ticket.id, channelId });
  } catch (error) {
    // Given up meanwhile: the next step takes the channel away.
    if (!(error instanceof AppError && error.code === 'ticket.closed')) throw error;
  }
};

/** The channel of a reservation that was given up. */
export const removeStrayStep: StepFunction = async (run, seen) => {
  const { deps } = run;
  const { ticket } = seen;
  const channelIds = ticket.channelId
    ? [ticket.channelId]
    : await findTicketChannels(deps.rest, ticket.guildId, ticket.id);
  for (const channelId of channelIds) {
    try {
      await deps.rest.delete(Routes.channel(channelId));
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  await record(run, seen, { channelDeletedAt: deps.ctx.now() });
};
