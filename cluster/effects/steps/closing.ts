import { type APIDMChannel, Routes } from 'discord-api-types/v10';
import { readHistory } from '#tickets/store/history.ts';
import { isWarned, nextClosing, timerRules } from '#tickets/timers.ts';
import { directBody, transcriptBody } from '../look.ts';
import { endedRequestBody, requestBody, warningBody } from '../look-closing.ts';
import type { Body } from '../look.ts';
import { isForbidden, isGone, isUnreachable } from '../problems.ts';
import type { Seen } from '../seen.ts';
import { record, type Run, sendOnce, type StepFunction } from './run.ts';

const isHere = (messageId: string | null | undefined): messageId is string =>
  Boolean(messageId) && messageId !== 'none';

/** A short nonce: Discord takes 25 characters. https://discord.com/developers/docs/resources/message#create-message */
const nonceOf = (letter: string, { ticket }: Seen, at: number): string =>
  `${letter}${ticket.id.toString(36)}.${at.toString(36)}`;

/** Edits a message; one that is gone, or that cannot be reached any more, needs no edit. */
async function edit(run: Run, channelId: string, messageId: string, body: Body): Promise<void> {
  try {
    await run.deps.rest.patch(Routes.channelMessage(channelId, messageId), { body });
  } catch (error) {
    if (!isGone(error) && !isForbidden(error) && !isUnreachable(error)) throw error;
  }
}

/** Puts the question to the opener into the channel, and takes the buttons from the one before. */
export const closeRequestStep: StepFunction = async (run, seen) => {
  const { ticket } = seen;
  const { channelId, closeRequest, applied } = ticket;
  if (channelId && isHere(applied.closeRequestMessageId)) {
    await edit(run, channelId, applied.closeRequestMessageId, endedRequestBody(seen, await endOf(run, seen)));
    await record(run, seen, { closeRequestMessageId: null });
  }
  if (!closeRequest || !channelId) return record(run, seen, { closeRequestShown: null, closeRequestMessageId: null });
  try {
    const nonce = nonceOf('q', seen, closeRequest.at);
    const closeRequestMessageId = await sendOnce(run, { channelId, nonce, ...requestBody(seen, closeRequest) });
    await record(run, seen, { closeRequestShown: closeRequest.at, closeRequestMessageId });
  } catch (error) {
    // The step that writes overwrites finds a channel that is gone, or names what is missing. The delay runs all the same.
    if (!isForbidden(error) && !isGone(error)) throw error;
    await record(run, seen, { closeRequestShown: closeRequest.at, closeRequestMessageId: 'none' });
  }
};

async function endOf(run: Run, { ticket }: Seen) {
  if (ticket.closeRequest) return 'replaced';
  const history = await readHistory(run.deps.ctx.db, ticket.guildId, ticket.id);
  const answer = history.findLast(({ name }) => name === 'close_denied' || name === 'closed');
  if (answer?.name === 'closed') return 'accepted';
  return answer?.actorId === ticket.openerId ? 'denied' : 'withdrawn';
}

/** Warns the opener, unless somebody wrote meanwhile. */
export const warningStep: StepFunction = async (run, seen) => {
  const { ctx } = run.deps;
  const { ticket, guild } = seen;
  const { channelId, warnedAt } = ticket;
  const rules = timerRules(guild.settings, { ...guild, premium: ctx.premium, now: ctx.now() });
  const closing = isWarned(ticket, ticket.facts, rules) ? nextClosing(ticket, ticket.facts, rules, ctx.now()) : null;
  if (closing && channelId && warnedAt !== null) {
    try {
      await sendOnce(run, { channelId, nonce: nonceOf('w', seen, warnedAt), ...warningBody(seen, closing.at) });
    } catch (error) {
      if (!isForbidden(error) && !isGone(error)) throw error;
    }
  }
  await record(run, seen, { warnedShown: warnedAt });
};

/** Writes the new reason where the closing was told. */
export const reasonStep: StepFunction = async (run, seen) => {
  const { ticket, guild } = seen;
  const { transcriptMessageId, dmMessageId } = ticket.applied;
  const { transcriptsChannel } = guild.settings;
  const { publicUrl } = run.deps;
  if (transcriptsChannel && isHere(transcriptMessageId))
    await edit(run, transcriptsChannel, transcriptMessageId, transcriptBody(seen, publicUrl));
  if (isHere(dmMessageId)) {
    try {
      const body = { recipient_id: ticket.openerId };
      const channel = (await run.deps.rest.post(Routes.userChannels(), { body })) as APIDMChannel;
      await edit(run, channel.id, dmMessageId, directBody(seen, publicUrl));
    } catch (error) {
      if (!isUnreachable(error) && !isForbidden(error)) throw error;
    }
  }
  await record(run, seen, { reasonShown: ticket.closeReason ?? '' });
};
