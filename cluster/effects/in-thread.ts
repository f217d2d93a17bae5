import { RESTJSONErrorCodes, Routes } from 'discord-api-types/v10';
import { discordCodeOf } from '#discord/rest.ts';
import type { RestClient } from '../interactions/deps.ts';

/** Does something in a thread that Discord may have archived for being silent: it is opened again first. */
export async function inThread<T>(rest: RestClient, threadId: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (discordCodeOf(error) !== RESTJSONErrorCodes.InvalidActionOnArchivedThread) throw error;
    await rest.patch(Routes.channel(threadId), { body: { archived: false } });
    return work();
  }
}

/** Adds somebody to a thread; who is in it already stays. */
export const addToThread = (rest: RestClient, threadId: string, userId: string): Promise<unknown> =>
  inThread(rest, threadId, () => rest.put(Routes.threadMembers(threadId, userId)));
