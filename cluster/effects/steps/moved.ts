import { movedBody } from '../look-thread.ts';
import { isForbidden, isGone } from '../problems.ts';
import { channelMention } from '#discord/markdown.ts';
import { addNoticeJob } from '#tickets/store/job.ts';
import { record, sendOnce, type StepFunction } from './run.ts';

/** Says under the message that a ticket was started from where the conversation goes on (features.md 1.9-08). */
export const movedStep: StepFunction = async (run, seen) => {
  const { applied, channelId, guildId, id, source, state } = seen.ticket;
  const from = applied.movedFrom;
  if (from && source === 'message') {
    const { channelId: place, messageId, authorId } = from;
    const isOpen = state !== 'abandoned' && channelId !== null;
    await addNoticeJob(run.deps.ctx.db, guildId, {
      channelId: place,
      messageId,
      authorId,
      takesMessage: isOpen && from.takesMessage === true,
      ticketChannelId: channelId,
      problem: isOpen ? null : (applied.problem ?? { code: 'discord.unavailable', context: {} }),
    });
  } else if (from?.isTold && channelId) {
    try {
      const mark = channelMention(channelId);
      await sendOnce(run, { channelId: from.channelId, nonce: `moved${id}`, mark, body: movedBody(seen, from) });
    } catch (error) {
      // The ticket is open; that its first channel cannot be told hinders nobody in it.
      if (!isForbidden(error) && !isGone(error)) throw error;
    }
  }
  await record(run, seen, { movedFrom: null });
};
