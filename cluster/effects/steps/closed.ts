import { type APIDMChannel, RESTJSONErrorCodes, Routes } from 'discord-api-types/v10';
import { bitsOf } from '#discord/permissions.ts';
import { discordCodeOf } from '#discord/rest.ts';
import { translate } from '#locales/index.ts';
import { AppError } from '#tickets/errors.ts';
import { rateButton } from '../../interactions/commands/rate.ts';
import { directBody, feedbackBody, transcriptBody } from '../look.ts';
import { isForbidden, isGone, isUnreachable, permissionProblem, recordProblem } from '../problems.ts';
import type { Seen } from '../seen.ts';
import { record, type Run, sendOnce, type StepFunction } from './run.ts';

const toPost = bitsOf('ViewChannel', 'SendMessages', 'EmbedLinks');
const toDelete = bitsOf('ViewChannel', 'ManageChannels');
const toDeleteThread = bitsOf('ViewChannel', 'ManageThreads');

/** A ticket can be closed more than once: each closing is told. */
const nonceOf = (kind: string, { ticket }: Seen): string =>
  `${kind}${ticket.id}.${Math.floor((ticket.closedAt ?? 0) / 1_000).toString(36)}`;

/** A text that only this ticket's messages contain. */
const summaryMark = (seen: Seen): string => translate(seen.locale, 'summary.title', { number: seen.ticket.displayNo });
const starsMark = ({ ticket }: Seen): string =>
  rateButton.customId({ guildId: ticket.guildId, ticketId: ticket.id, rating: 1 });

/** The summary in the transcripts channel, where there is one (features.md 1.8-09). */
export const transcriptStep: StepFunction = async (run, seen) => {
  const { deps } = run;
  const { guildId } = seen.ticket;
  const channelId = seen.guild.settings.transcriptsChannel;
  // Both summaries show the reason of now; the direct message comes later and cannot be older.
  const reasonShown = seen.ticket.closeReason ?? '';
  if (!channelId) return record(run, seen, { transcriptMessageId: 'none', reasonShown });
  try {
    const body = transcriptBody(seen, deps.publicUrl);
    const transcriptMessageId = await sendOnce(run, {
      channelId,
      nonce: nonceOf('t', seen),
      since: seen.ticket.closedAt,
      mark: summaryMark(seen),
      body,
    });
    await record(run, seen, { transcriptMessageId, reasonShown });
  } catch (error) {
    if (isGone(error))
      await recordProblem(deps, seen, 'discord.channel-gone', { place: channelId }, { transcriptMessageId: 'none' });
    else if (isForbidden(error)) {
      const { context } = await permissionProblem(deps, { guildId, channelId, needed: toPost });
      await recordProblem(deps, seen, 'discord.permission', context, { transcriptMessageId: 'none' });
    } else throw error;
  }
};

/** The same for the opener by direct message, with the stars; closed direct messages are an outcome (features.md 1.8-10). */
export const directStep: StepFunction = async (run, seen) => {
  const { deps } = run;
  const { ticket, guild } = seen;
  if (!guild.settings.dmOnClose) return record(run, seen, { dmMessageId: 'none' });
  try {
    const body = { recipient_id: ticket.openerId };
    const channel = (await deps.rest.post(Routes.userChannels(), { body })) as APIDMChannel;
    const dmMessageId = await sendOnce(run, {
      channelId: channel.id,
      nonce: nonceOf('c', seen),
      since: ticket.closedAt,
      mark: guild.settings.feedback ? starsMark(seen) : summaryMark(seen),
      body: directBody(seen, deps.publicUrl),
    });
    await record(run, seen, { dmMessageId });
  } catch (error) {
    if (!isUnreachable(error) && !isForbidden(error)) throw error;
    await recordProblem(deps, seen, 'discord.dms-closed', {}, { dmMessageId: 'none' });
  }
};

/** Asks for the stars in the channel when no direct message could carry them (features.md C11). */
export const feedbackStep: StepFunction = async (run, seen) => {
  const { ticket, guild } = seen;
  const { channelId } = ticket;
  const isAskedAlready = ticket.applied.dmMessageId !== 'none' || ticket.rating !== null;
  if (!guild.settings.feedback || isAskedAlready || !channelId) return record(run, seen, { feedbackMessageId: 'none' });
  try {
    const body = feedbackBody(seen);
    const nonce = nonceOf('f', seen);
    await record(run, seen, {
      feedbackMessageId: await sendOnce(run, { channelId, nonce, mark: starsMark(seen), body, since: ticket.closedAt }),
    });
  } catch (error) {
    if (!isForbidden(error) && !isGone(error)) throw error;
    await record(run, seen, { feedbackMessageId: 'none' });
  }
};

/** Deletes the channel. What hinders that is shown, and tried again: a closed ticket never stays behind in silence. */
export const deleteStep: StepFunction = async (run: Run, seen) => {
  const { deps } = run;
  const { guildId, channelId, closedAt, applied, displayNo, mode, parentId } = seen.ticket;
  const wordsUntil = (closedAt ?? 0) + deps.lastWordsMs;
  const restMs = wordsUntil - deps.ctx.now();
  // More than that is a clock that goes wrong.
  if (restMs > 0 && restMs <= deps.lastWordsMs) return { comeBackAt: wordsUntil };
  try {
    const reason = translate(seen.locale, 'audit.closed', { number: displayNo });
    if (channelId) await deps.rest.delete(Routes.channel(channelId), { reason });
  } catch (error) {
    if (isForbidden(error) && channelId) {
      const lacks =
        mode === 'thread' ? { channelId: parentId, needed: toDeleteThread } : { channelId, needed: toDelete };
      const { context } = await permissionProblem(deps, { guildId, ...lacks });
      await recordProblem(deps, seen, 'discord.permission', { ...context, step: 'delete' });
      throw new AppError('discord.permission', context, { cause: error });
    }
    if (discordCodeOf(error) !== RESTJSONErrorCodes.UnknownChannel) throw error;
  }
  const isMended = applied.problem?.context.step === 'delete';
  await record(run, seen, { channelDeletedAt: deps.ctx.now(), ...(isMended && { problem: null }) });
};
