import { RESTJSONErrorCodes, Routes } from 'discord-api-types/v10';
import { discordCodeOf } from '#discord/rest.ts';
import { isForbidden, isGone } from '../problems.ts';
import { mentionBody } from '../welcome.ts';
import { record, sendOnce, type StepFunction } from './run.ts';

/** Pings staff in a message of its own, so that it can be deleted and the welcome stays. */
export const mentionStep: StepFunction = async (run, seen) => {
  const { channelId, id } = seen.ticket;
  const body = mentionBody(seen);
  if (!body || !channelId) return record(run, seen, { mentionMessageId: 'none' });
  try {
    const mark = body.content ?? '';
    const mentionMessageId = await sendOnce(run, { channelId, nonce: `mention${id}`, mark, body });
    await record(run, seen, { mentionMessageId });
  } catch (error) {
    if (!isForbidden(error) && !isGone(error)) throw error;
    await record(run, seen, { mentionMessageId: 'none' });
  }
};

/** Deletes it: the ping stays until it is read (003). */
export const unmentionStep: StepFunction = async (run, seen) => {
  const { deps } = run;
  const { channelId, applied } = seen.ticket;
  try {
    if (channelId && applied.mentionMessageId)
      await deps.rest.delete(Routes.channelMessage(channelId, applied.mentionMessageId));
  } catch (error) {
    const isAnswered =
      isGone(error) || isForbidden(error) || discordCodeOf(error) === RESTJSONErrorCodes.UnknownMessage;
    if (!isAnswered) throw error;
  }
  await record(run, seen, { mentionDeletedAt: deps.ctx.now() });
};
