import { type APIChannel, ChannelType, RESTJSONErrorCodes, Routes } from 'discord-api-types/v10';
import { formatTopic } from '#discord/topic.ts';
import { bitsOf } from '#discord/permissions.ts';
import { LimitedError } from '#discord/limits.ts';
import { discordCodeOf, retryAfterMsOf } from '#discord/rest.ts';
import { translate } from '#locales/index.ts';
import { abandonTicket } from '#tickets/actions/abandon.ts';
import { attachChannel } from '#tickets/actions/attach-channel.ts';
import { AppError } from '#tickets/errors.ts';
import { baseOf, chainOf, makeCategory, readCategories, troubleOfCategory } from '../categories.ts';
import { findTicketChannels } from '../find.ts';
import { schemeNameOf } from '../names.ts';
import { isForbidden, isGone, permissionProblem, recordProblem } from '../problems.ts';
import { fewerStaff, overwritesFull, overwritesOf, type Seen, staffCuts } from '../seen.ts';
import { moveUp, type NoRoom, noRoom, waitsBehind } from './queue.ts';
import { record, type Run, type StepFunction } from './run.ts';
import { strayThreads } from './thread.ts';

/** Without these the bot can make no ticket. What else it lacks is left out of the overwrites. */
const needed = bitsOf(
  'ViewChannel',
  'ManageChannels',
  'ManageRoles',
  'SendMessages',
  'EmbedLinks',
  'ReadMessageHistory',
);

/** How the next try of a channel differs from the last, by what Discord refused. */
type Try = { parentId: string | null; botBits?: bigint; cut: number };

async function create(run: Run, seen: Seen, name: string, o: Try): Promise<string> {
  const { ticket } = seen;
  const staff = fewerStaff(seen.staff, o.cut);
  const channel = (await run.deps.creationRest.post(Routes.guildChannels(ticket.guildId), {
    body: {
      name,
      type: ChannelType.GuildText,
      topic: formatTopic(ticket.id, ticket.subject ?? ''),
      ...(o.parentId && { parent_id: o.parentId }),
      permission_overwrites: overwritesOf(run.deps, { ...seen, staff }, o.botBits),
    },
    reason: translate(seen.locale, 'audit.opened', { number: ticket.displayNo }),
  })) as APIChannel;
  return channel.id;
}

/** So many tries find any room that there is; more are needed only while many others take it, and then a moment helps. */
const triesAtOnce = 12;

/** `channelId` when it was made; `full` when there is no room; `refused` when it is finally refused, which has been recorded then. */
type Outcome =
  | { channelId: string; problem: { code: string; context: Record<string, string | number> } | null }
  | { full: NoRoom }
  | 'refused';

const categoryFull = (seen: Seen): Outcome => ({
  full: { code: 'discord.no-room', context: { place: baseOf(seen) } },
});
const serverFull: Outcome = { full: { code: 'discord.channels-full', context: {} } };

/** Makes the channel, bending to what Discord allows. */
async function createSomewhere(run: Run, seen: Seen, name: string): Promise<Outcome> {
  const { deps } = run;
  const { guildId } = seen.ticket;
  const chain = await chainOf(deps, seen);
  const full = new Set<string>();
  const gone = new Set<string>();
  const next: Try = { parentId: chain[0] ?? null, cut: 0 };
  for (let count = 0; count < triesAtOnce; count += 1) {
    const { parentId } = next;
    try {
      const channelId = await create(run, seen, name, next);
      // It is there; what is not as the server wants it is said.
      if (next.cut > 0) return { channelId, problem: { code: 'discord.overwrites-full', context: {} } };
      const lost = [...gone][0];
      return {
        channelId,
        problem: lost === undefined ? null : { code: 'discord.category-gone', context: { place: lost } },
      };
    } catch (error) {
      const trouble = parentId === null ? null : troubleOfCategory(error);
      const code = discordCodeOf(error);
      if (parentId !== null && trouble) {
        (trouble === 'full' ? full : gone).add(parentId);
        const { counts, categories } = await readCategories(deps, guildId);
        const hasRoom = (id: string): boolean => !full.has(id) && !gone.has(id) && (counts.get(id) ?? 0) < categoryMax;
        // Which of the others there is not either is learnt from the list, without a try.
        for (const id of chain) if (!categories.some((one) => one.id === id)) gone.add(id);
        const further = chain.find(hasRoom);
        if (further !== undefined) next.parentId = further;
        else if (chain.every((id) => gone.has(id))) next.parentId = null;
        else if (!seen.guild.settings.createCategories) return categoryFull(seen);
        else {
          const made = await madeOrNot(run, seen, { baseId: chain[0] ?? parentId, known: chain });
          if (typeof made !== 'string') return made;
          chain.push(made);
          next.parentId = made;
        }
      } else if (code === RESTJSONErrorCodes.MaximumNumberOfGuildChannelsReached) return serverFull;
      else if (code === overwritesFull && next.cut < staffCuts) next.cut += 1;
      else if (isForbidden(error)) {
        const { lacking, context } = await permissionProblem(deps, { guildId, channelId: parentId, needed });
        if (lacking.names.length > 0 || next.botBits !== undefined) {
          await recordProblem(deps, seen, 'discord.permission', context);
          return 'refused';
        }
        next.botBits = lacking.bits;
      } else throw error;
    }
  }
  throw new LimitedError(1_000 + Math.random() * 2_000); // so that those who wait do not come back together
}

/** https://discord.com/developers/docs/resources/guild#create-guild-channel */
const categoryMax = 50;

/** A further category's id, or why there is none. */
async function madeOrNot(
  run: Run,
  seen: Seen,
  o: { baseId: string; known: readonly string[] },
): Promise<string | Exclude<Outcome, 'refused'>> {
  try {
    return await makeCategory(run.deps, seen, o);
  } catch (error) {
    if (discordCodeOf(error) === RESTJSONErrorCodes.MaximumNumberOfGuildChannelsReached) return serverFull;
    // Docket may make channels in a category but no category: then the category is what is full.
    if (isForbidden(error)) return categoryFull(seen);
    throw error;
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
  const earlier = ticket.applied.creatingSince === null ? null : await findEarlier(run, seen);
  const waiting = earlier === null ? await waitsBehind(run, seen) : null;
  if (waiting) return waiting;
  let made: Outcome = 'refused';
  if (earlier !== null) made = { channelId: earlier, problem: null };
  else {
    const name = await schemeNameOf(run.deps, seen);
    await record(run, seen, { creatingSince: ctx.now(), schemeName: name, name });
    try {
      made = await createSomewhere(run, seen, name);
    } catch (error) {
      // "Not now" is no failure: the job comes back later, and the reservation's own deadline ends that.
      if (!run.isLastTry || retryAfterMsOf(error) !== null) throw error;
      await recordProblem(run.deps, seen, 'discord.unavailable', {});
    }
  }
  if (made === 'refused') {
    await abandonTicket(ctx, ticket.guildId, { ticketId: ticket.id });
    return;
  }
  if ('full' in made) return noRoom(run, seen, made.full);
  await record(run, seen, { overwritesHash: wantedHash, problem: null });
  if (made.problem) await recordProblem(run.deps, seen, made.problem.code, made.problem.context);
  try {
    await attachChannel(ctx, ticket.guildId, { ticketId: ticket.id, channelId: made.channelId });
  } catch (error) {
    // Given up meanwhile: the next step takes the channel away.
    if (!(error instanceof AppError && error.code === 'ticket.closed')) throw error;
  }
  await moveUp(run, seen);
};

/** The channel of a reservation that was given up. */
export const removeStrayStep: StepFunction = async (run, seen) => {
  const { deps } = run;
  const { ticket } = seen;
  const channels = (): Promise<string[]> => findTicketChannels(deps.rest, ticket.guildId, ticket.id);
  const channelIds = ticket.channelId
    ? [ticket.channelId]
    : await (ticket.mode === 'thread' ? strayThreads(run, seen) : channels());
  for (const channelId of channelIds) {
    try {
      await deps.rest.delete(Routes.channel(channelId));
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  await record(run, seen, { channelDeletedAt: deps.ctx.now() });
};
