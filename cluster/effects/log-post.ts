import type { APIEmbed } from 'discord-api-types/v10';
import { channelMention, truncate, userMention } from '#discord/markdown.ts';
import { bitsOf } from '#discord/permissions.ts';
import { guildLocale, translate } from '#locales/index.ts';
import type { ChangeName } from '#tickets/facts.ts';
import { type Guild, readGuild } from '#tickets/store/guild.ts';
import { readLabelNames } from '#tickets/store/label.ts';
import {
  clearLogProblem,
  dropLogPosts,
  listLogChannels,
  listLogProblems,
  type LogBatch,
  type LogEntry,
  recordLogProblem,
  takeLogBatch,
} from '#tickets/store/log.ts';
import { countStaffMessages, type MessageCount } from '#tickets/store/message-count.ts';
import { historyWords } from '../interactions/history-words.ts';
import { noMentions } from '../interactions/reply.ts';
import type { Body } from './look.ts';
import { isForbidden, isGone, permissionProblem } from './problems.ts';
import type { EffectDeps } from './seen.ts';
import { sendOnce } from './steps/run.ts';

/** Discord takes 10 embeds a message. https://discord.com/developers/docs/resources/message#create-message */
const entriesPerMessage = 10;
/** Discord lets a channel take 5 messages in 5 s. Four in two seconds are 1,200 changes a minute at 2 requests a second. */
const messagesPerRun = 4;
const pauseMs = 2_000;
/** A channel that refused is asked again after so long: 10,000 refusals in 10 min cost the bot its address (discord/limits.ts). */
const refusedForMs = 60_000;
const needed = bitsOf('ViewChannel', 'SendMessages', 'EmbedLinks', 'ReadMessageHistory');

/** How long changes wait for others to go in the same message. */
export const gatherMs = 1_000;

/** Bars of colour tell the kinds apart at a glance; whatever is neither is of the server's colour. */
const colours: Partial<Record<ChangeName, number>> = { opened: 0x3ba55d, closed: 0xed4245, reopened: 0x3ba55d };
const markOf = (entry: LogEntry): string => `${entry.ticketId}/${entry.version}`;

/** Ten embeds have 6,000 characters together. https://discord.com/developers/docs/resources/message#embed-object-embed-limits */
const entryLength = 560;
/** Those who wrote most. */
const countedStaff = 5;

type Beside = { colour: number; labelNames: ReadonlyMap<number, string>; counts: readonly MessageCount[] };

function embedOf(locale: string, entry: LogEntry, o: Beside): APIEmbed {
  const place = entry.channelId === null ? '' : ` · ${channelMention(entry.channelId)}`;
  const counts = entry.name === 'closed' ? o.counts.filter((one) => one.ticketId === entry.ticketId) : [];
  const people = counts.slice(0, countedStaff).map(({ userId, count }) => `${userMention(userId)} ${count}`);
  const lines = [
    `**${translate(locale, 'log.ticket', { number: entry.displayNo })}**${place}`,
    truncate(historyWords(locale, entry, o), 350),
    ...(people.length > 0 ? [translate(locale, 'log.staff-messages', { people: people.join(' · ') })] : []),
  ];
  return {
    description: truncate(lines.join('\n'), entryLength),
    color: colours[entry.name] ?? o.colour,
    timestamp: new Date(entry.at).toISOString(),
    footer: { text: markOf(entry) },
  };
}

async function send(
  deps: EffectDeps,
  guild: Guild,
  channelId: string,
  { batch, isNew, entries }: LogBatch,
): Promise<void> {
  const [first] = entries;
  if (!first) return; // their tickets are gone
  const locale = guildLocale(guild.settings.language, guild.locale);
  const labelIds = entries.flatMap(({ data }) =>
    [data.before, data.after].flat().filter((one) => typeof one === 'number'),
  );
  const labelNames = await readLabelNames(deps.ctx.db, guild.guildId, [...new Set(labelIds)]);
  const closedIds = entries.filter(({ name }) => name === 'closed').map(({ ticketId }) => ticketId);
  const isCounted = guild.settings.countStaffMessages && closedIds.length > 0;
  const counts = isCounted ? await countStaffMessages(deps.ctx.db, guild.guildId, closedIds) : [];
  const colour = Number.parseInt(guild.settings.primaryColour.slice(1), 16);
  const body = {
    embeds: entries.map((entry) => embedOf(locale, entry, { colour, labelNames, counts })),
    allowed_mentions: noMentions as Body['allowed_mentions'],
  };
  // What was begun before may have arrived: Discord refuses the nonce for some minutes, after that the footer tells.
  const run = { deps, isRetry: !isNew, isLastTry: false };
  await sendOnce(run, { channelId, nonce: `log${batch}`, mark: `"${markOf(first)}"`, body });
}

/** Sends what waits for one channel, as far as one run goes; whether more is left. */
async function postTo(deps: EffectDeps, guild: Guild, channelId: string, refusedAt: number | null): Promise<boolean> {
  const { ctx } = deps;
  const { guildId } = guild;
  if (refusedAt !== null && ctx.now() - refusedAt < refusedForMs) {
    await dropLogPosts(ctx.db, guildId, { channelId, batch: null });
    return false;
  }
  for (let count = 0; count < messagesPerRun; count += 1) {
    const next = await takeLogBatch(ctx.db, guildId, { channelId, limit: entriesPerMessage });
    if (!next) return false;
    try {
      await send(deps, guild, channelId, next);
    } catch (error) {
      if (!isGone(error) && !isForbidden(error)) throw error;
      const problem = isGone(error)
        ? { code: 'discord.channel-gone', context: { place: channelId } }
        : {
            code: 'discord.permission',
            context: (await permissionProblem(deps, { guildId, channelId, needed })).context,
          };
      await recordLogProblem(ctx.db, guildId, { channelId, ...problem, at: ctx.now() });
      // What happened stands in the tickets' histories; a queue for a channel that is gone would grow for ever.
      const dropped = await dropLogPosts(ctx.db, guildId, { channelId, batch: null });
      ctx.log.warn({ guildId, channelId, problem: problem.code, dropped }, 'log channel refused');
      return false;
    }
    await dropLogPosts(ctx.db, guildId, { channelId, batch: next.batch });
    if (refusedAt !== null) await clearLogProblem(ctx.db, guildId, channelId);
  }
  return true;
}

/**
 * Tells a server's log channels what happened to its tickets (features.md 1.3-25, 1.3-26): in order for each ticket, several changes in one
 * message, each once. Apart from the tickets' own work, which never waits for it. Answers when to come back (ms), or null.
 */
export async function postLogs(deps: EffectDeps, { guildId }: { guildId: string }): Promise<number | null> {
  const { db } = deps.ctx;
  const [guild, channelIds, problems] = await Promise.all([
    readGuild(db, guildId),
    listLogChannels(db, guildId),
    listLogProblems(db, guildId),
  ]);
  if (!guild) return null;
  let hasMore = false;
  let failure: unknown;
  for (const channelId of channelIds) {
    const refusedAt = problems.find((one) => one.channelId === channelId)?.at ?? null;
    try {
      hasMore = (await postTo(deps, guild, channelId, refusedAt)) || hasMore;
    } catch (error) {
      failure ??= error; // another channel's turn comes all the same
    }
  }
  if (failure !== undefined) throw failure;
  return hasMore ? deps.ctx.now() + pauseMs : null;
}
