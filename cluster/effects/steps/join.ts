import { RESTJSONErrorCodes, Routes } from 'discord-api-types/v10';
import { bitsOf } from '#discord/permissions.ts';
import { discordCodeOf } from '#discord/rest.ts';
import { joinButton } from '../../interactions/commands/join.ts';
import { joinBody } from '../look-thread.ts';
import { isForbidden, isGone, permissionProblem, recordProblem } from '../problems.ts';
import { record, sendOnce, type StepFunction } from './run.ts';

const toTell = bitsOf('ViewChannel', 'SendMessages', 'EmbedLinks');

/**
 * Tells staff of a thread ticket where the server wants it: with a button by which each of them joins (features.md 1.9-01). When the ticket closes the
 * message says so and the button goes; when it is reopened the button is back.
 */
export const joinStep: StepFunction = async (run, seen) => {
  const { deps } = run;
  const { ticket } = seen;
  const { applied, guildId, id } = ticket;
  const joinShows = ticket.state === 'closed' ? 'closed' : 'open';
  const channelId = applied.joinChannelId ?? seen.guild.settings.threadNotificationChannel;
  const isSent = applied.joinMessageId !== null && applied.joinMessageId !== 'none';
  if (channelId === null || (!isSent && joinShows === 'closed'))
    return record(run, seen, { joinMessageId: applied.joinMessageId ?? 'none', joinShows });
  try {
    const body = joinBody(seen, joinShows);
    if (isSent && applied.joinMessageId) {
      const { content: _, ...shown } = body;
      await deps.rest.patch(Routes.channelMessage(channelId, applied.joinMessageId), { body: shown });
      await record(run, seen, { joinShows });
      return;
    }
    const mark = joinButton.customId({ ticketId: id });
    const joinMessageId = await sendOnce(run, { channelId, nonce: `join${id}`, mark, body });
    await record(run, seen, { joinMessageId, joinChannelId: channelId, joinShows });
  } catch (error) {
    const outcome = { joinMessageId: 'none', joinShows } as const;
    // Deleted by hand: staff of an open ticket are told anew.
    const mustResend = discordCodeOf(error) === RESTJSONErrorCodes.UnknownMessage && joinShows === 'open';
    if (mustResend) await record(run, seen, { joinMessageId: null, joinChannelId: null });
    else if (isGone(error) && joinShows === 'closed') await record(run, seen, outcome);
    else if (isGone(error)) await recordProblem(deps, seen, 'discord.channel-gone', { place: channelId }, outcome);
    else if (isForbidden(error)) {
      const { context } = await permissionProblem(deps, { guildId, channelId, needed: toTell });
      await recordProblem(deps, seen, 'discord.permission', context, outcome);
    } else throw error;
  }
};
