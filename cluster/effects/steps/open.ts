import { Routes } from 'discord-api-types/v10';
import { channelMention } from '#discord/markdown.ts';
import { bitsOf } from '#discord/permissions.ts';
import { discordCodeOf } from '#discord/rest.ts';
import { translate } from '#locales/index.ts';
import { abandonTicket } from '#tickets/actions/abandon.ts';
import { activateTicket } from '#tickets/actions/activate.ts';
import { closeTicket } from '#tickets/actions/close.ts';
import { AppError } from '#tickets/errors.ts';
import { officeHoursOf } from '#tickets/hours.ts';
import { readTranscript } from '#tickets/store/transcript.ts';
import { closeButton } from '../../interactions/commands/close.ts';
import { editOriginal } from '../../interactions/reply.ts';
import { errorText } from '../../interactions/texts.ts';
import { isForbidden, isGone, isTokenDead, permissionProblem, recordProblem } from '../problems.ts';
import { fewerStaff, overwritesFull, overwritesOf, staffCuts } from '../seen.ts';
import { textValues } from '../text-values.ts';
import { templatesOf, welcomeMessages } from '../welcome.ts';
import { record, sendOnce, type StepFunction } from './run.ts';

const toSpeak = bitsOf('ViewChannel', 'SendMessages', 'EmbedLinks');
const toChange = bitsOf('ViewChannel', 'ManageChannels', 'ManageRoles');
/** How long Discord takes edits of an interaction's answer. */
const tokenLifeMs = 15 * 60_000;

/** The welcome message, with the answers of the form. */
export const welcomeStep: StepFunction = async (run, seen) => {
  const { deps } = run;
  const { ticket } = seen;
  const { guildId, id: ticketId, channelId } = ticket;
  if (!channelId) throw new Error(`ticket ${ticketId} has no channel to be welcomed in`);
  try {
    const { db, keys } = deps.ctx;
    const { title, text, footer } = templatesOf(seen);
    const [{ answers }, values, hours] = await Promise.all([
      readTranscript(db, keys, guildId, ticketId),
      textValues(deps, seen, [title ?? '', text, footer]),
      officeHoursOf(db, guildId, { panel: seen.panel, settings: seen.guild.settings, at: ticket.openedAt }),
    ]);
    const { first, further } = welcomeMessages(seen, { answers, values, hours });
    const mark = closeButton.customId({ ticketId });
    const welcomeMessageId = await sendOnce(run, { channelId, nonce: `welcome${ticketId}`, mark, body: first });
    for (const [i, body] of further.entries()) {
      const markOfIt = JSON.stringify(body.embeds?.[0]?.title);
      await sendOnce(run, { channelId, nonce: `answers${ticketId}.${i}`, mark: markOfIt, body });
    }
    await record(run, seen, { welcomeMessageId });
  } catch (error) {
    if (isGone(error)) {
      // Deleted by hand within the second: there is no ticket to go on with.
      await recordProblem(deps, seen, 'discord.channel-gone', {});
      await abandonTicket(deps.ctx, guildId, { ticketId });
    } else if (isForbidden(error)) {
      // A ticket without a welcome is better than none.
      const { context } = await permissionProblem(deps, { guildId, channelId, needed: toSpeak });
      await recordProblem(deps, seen, 'discord.permission', context, { welcomeMessageId: 'none' });
    } else throw error;
  }
};

/** From now on it is a ticket: it has its number and is counted. */
export const activateStep: StepFunction = async ({ deps }, { ticket }) => {
  await activateTicket(deps.ctx, ticket.guildId, { ticketId: ticket.id });
};

/** Edits the opener's answer: where the ticket is, or why there is none. */
export const answerStep: StepFunction = async (run, seen) => {
  const { deps } = run;
  const { ticket, locale } = seen;
  const token = ticket.applied.replyToken;
  if (token !== null && deps.ctx.now() - ticket.openedAt < tokenLifeMs) {
    const trouble = ticket.applied.problem ?? { code: 'discord.unavailable', context: {} };
    const content =
      ticket.state === 'abandoned' || !ticket.channelId
        ? errorText(locale, trouble)
        : translate(locale, 'open.ready', { channel: channelMention(ticket.channelId) });
    try {
      await editOriginal(deps.callbackRest, deps.applicationId, token, { content });
    } catch (error) {
      if (!isTokenDead(error)) throw error;
    }
  }
  await record(run, seen, { replyToken: null, answered: true });
};

/** Who sees the channel: after a claim, a release, somebody added or removed, a changed setting. */
export const overwritesStep: StepFunction = async (run, seen) => {
  const { deps } = run;
  const { ticket, wantedHash } = seen;
  const { guildId, channelId } = ticket;
  if (!channelId) return record(run, seen, { overwritesHash: wantedHash });
  /** Writes them with as much staff as Discord takes; answers how often staff were left out. */
  const write = async (botBits?: bigint, cut = 0): Promise<number> => {
    const all = overwritesOf(deps, { ...seen, staff: fewerStaff(seen.staff, cut) }, botBits);
    try {
      await deps.rest.patch(Routes.channel(channelId), { body: { permission_overwrites: all } });
      return cut;
    } catch (error) {
      if (discordCodeOf(error) === overwritesFull && cut < staffCuts) return write(botBits, cut + 1);
      throw error;
    }
  };
  try {
    const cut = await write().catch(async (error: unknown) => {
      if (!isForbidden(error)) throw error;
      const { lacking, context } = await permissionProblem(deps, { guildId, channelId, needed: toChange });
      if (lacking.names.length > 0) throw new AppError('discord.permission', context, { cause: error });
      return write(lacking.bits);
    });
    // What hindered this step before hinders it no more.
    const { problem } = ticket.applied;
    const isMended = problem?.context.wanted !== undefined || problem?.code === 'discord.overwrites-full';
    await record(run, seen, { overwritesHash: wantedHash, ...(isMended && { problem: null }) });
    if (cut > 0) await recordProblem(deps, seen, 'discord.overwrites-full', {});
  } catch (error) {
    if (isGone(error)) {
      // The channel was deleted by hand, and the gateway missed it.
      const reason = translate(seen.locale, 'close.channel-deleted');
      await closeTicket(deps.ctx, guildId, { ticketId: ticket.id, by: null, reason, at: deps.ctx.now() });
    } else if (error instanceof AppError && error.code === 'discord.permission') {
      const { permissions = '', place = '' } = error.context as { permissions?: string; place?: string };
      await recordProblem(deps, seen, error.code, { permissions, place, wanted: wantedHash });
    } else if (isForbidden(error)) {
      await recordProblem(deps, seen, 'discord.permission', {
        permissions: 'ManageRoles',
        place: channelId,
        wanted: wantedHash,
      });
    } else throw error;
  }
};
