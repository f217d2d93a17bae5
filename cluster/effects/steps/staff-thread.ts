import { type APIThreadChannel, ChannelType, RESTJSONErrorCodes as Codes, Routes } from 'discord-api-types/v10';
import { roleMention, userMention } from '#discord/markdown.ts';
import { bitsOf } from '#discord/permissions.ts';
import { discordCodeOf } from '#discord/rest.ts';
import { translate } from '#locales/index.ts';
import { findOwnThreads } from '../find.ts';
import { isForbidden, isGone, permissionProblem, recordProblem } from '../problems.ts';
import type { Seen } from '../seen.ts';
import { record, type Run, sendOnce, type StepFunction } from './run.ts';

const toTalk = bitsOf('ViewChannel', 'CreatePrivateThreads', 'SendMessagesInThreads');
/** A mention of a role adds its people to a thread; Discord adds so many people of a message at most. */
const calledMax = 50;

/** The thread of an interrupted run, else a new one. Only Docket's own in this very channel counts. */
async function makeThread(run: Run, seen: Seen, channelId: string): Promise<string> {
  const { rest, creationRest, botUserId } = run.deps;
  const { guildId } = seen.ticket;
  const name = translate(seen.locale, 'staff-thread.name');
  if (run.isRetry) {
    const found = await findOwnThreads(rest, { guildId, botUserId, name, since: seen.ticket.openedAt });
    for (const id of found)
      if (((await rest.get(Routes.channel(id))) as APIThreadChannel).parent_id === channelId) return id;
  }
  const body = { name, type: ChannelType.PrivateThread, invitable: false };
  const thread = (await creationRest.post(Routes.threads(channelId), { body })) as APIThreadChannel;
  return thread.id;
}

/** A private thread in the ticket's channel where staff talk among themselves (features.md 1.3-23). What is said there is no ticket message. */
export const staffThreadStep: StepFunction = async (run, seen) => {
  const { deps } = run;
  const { guildId, id, channelId, applied } = seen.ticket;
  if (!channelId) return record(run, seen, { staffThreadId: 'none' });
  try {
    const threadId = applied.staffThreadId ?? (await makeThread(run, seen, channelId));
    if (applied.staffThreadId === null) await record(run, seen, { staffThreadId: threadId });
    const of = (kind: 'role' | 'user') =>
      [...new Set(seen.staff.filter((row) => row.subjectKind === kind).map((row) => row.subjectId))].slice(
        0,
        calledMax,
      );
    const [roles, users] = [of('role'), of('user')];
    const content = [...roles.map(roleMention), ...users.map(userMention)].join(' ');
    if (content !== '') {
      const body = {
        content: `${translate(seen.locale, 'staff-thread.intro')} ${content}`.slice(0, 2_000),
        allowed_mentions: { parse: [], roles, users },
      };
      await sendOnce(run, { channelId: threadId, nonce: `staff${id}`, mark: content.slice(0, 100), body });
    }
    await record(run, seen, { staffThreadFilled: true });
  } catch (error) {
    if (isForbidden(error)) {
      const { context } = await permissionProblem(deps, { guildId, channelId, needed: toTalk });
      await recordProblem(deps, seen, 'discord.permission', context, { staffThreadId: 'none' });
    } else if (isGone(error)) await record(run, seen, { staffThreadId: 'none' });
    else if (discordCodeOf(error) === Codes.MaximumActiveThreads)
      await recordProblem(deps, seen, 'discord.staff-thread-full', {}, { staffThreadId: 'none' });
    else throw error;
  }
};
