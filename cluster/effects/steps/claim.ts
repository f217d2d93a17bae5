import { DiscordAPIError } from '@discordjs/rest';
import { RESTJSONErrorCodes, Routes } from 'discord-api-types/v10';
import { bitsOf } from '#discord/permissions.ts';
import { translate } from '#locales/index.ts';
import { claimPingBody } from '../claim-look.ts';
import { isForbidden, isGone, permissionProblem, recordProblem } from '../problems.ts';
import { record, sendOnce, type StepFunction } from './run.ts';

const toMove = bitsOf('ViewChannel', 'ManageChannels');

/** Tells the opener by a ping who looks after their ticket, once for each claim (features.md 1.3-19). */
export const claimPingStep: StepFunction = async (run, seen) => {
  const { ticket, claimToPing } = seen;
  const { channelId, id } = ticket;
  if (channelId) {
    try {
      const { body, mark } = claimPingBody(seen);
      await sendOnce(run, { channelId, nonce: `p${id}.${claimToPing}`, mark, body });
    } catch (error) {
      // A ping that cannot be sent is worth no failure.
      if (!isForbidden(error) && !isGone(error)) throw error;
    }
  }
  await record(run, seen, { pingedClaim: claimToPing });
};

/** 50035 about the category: it was deleted, or holds its 50 channels. */
const isAboutCategory = (error: unknown): boolean =>
  error instanceof DiscordAPIError &&
  error.code === RESTJSONErrorCodes.InvalidFormBodyOrContentType &&
  JSON.stringify(error.rawError).includes('parent_id');

/** After /switchpanel: the channel goes to the new panel's category, or the next one that has room. Its overwrites are its own. */
export const moveStep: StepFunction = async (run, seen) => {
  const { deps } = run;
  const { ticket, panel, guild } = seen;
  const { guildId, channelId } = ticket;
  const done = { movedToPanelId: ticket.panelId };
  if (!channelId) return record(run, seen, done);
  const overflow = panel?.overflowCategoryIds ?? [];
  const first = panel?.categoryId ?? guild.settings.ticketCategory;
  const places = [first, ...(overflow.length > 0 ? overflow : guild.settings.overflowCategories)];
  const reason = translate(seen.locale, 'audit.moved', { number: ticket.displayNo });
  for (const parentId of new Set(places)) {
    try {
      await deps.rest.patch(Routes.channel(channelId), { body: { parent_id: parentId }, reason });
      const isMended = ticket.applied.problem?.context.step === 'move';
      return await record(run, seen, { ...done, ...(isMended && { problem: null }) });
    } catch (error) {
      // The step that writes overwrites finds the channel gone too, and closes the ticket.
      if (isGone(error)) return record(run, seen, { ...done, overwritesHash: null });
      if (isForbidden(error)) {
        const { context } = await permissionProblem(deps, {
          guildId,
          channelId: parentId ?? channelId,
          needed: toMove,
        });
        return recordProblem(deps, seen, 'discord.permission', { ...context, step: 'move' }, done);
      }
      if (!isAboutCategory(error)) throw error;
    }
  }
  // It stays where it is, and works there.
  await recordProblem(deps, seen, 'discord.category-full', { place: first ?? '', step: 'move' }, done);
};
