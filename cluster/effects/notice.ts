import { type APIMessage, Routes } from 'discord-api-types/v10';
import { channelMention, userMention } from '#discord/markdown.ts';
import { guildLocale, translate } from '#locales/index.ts';
import { readGuild } from '#tickets/store/guild.ts';
import { addTakeAwayJob, type ShortNotice } from '#tickets/store/job.ts';
import { errorText } from '../interactions/texts.ts';
import { isForbidden, isGone } from './problems.ts';
import type { EffectDeps } from './seen.ts';

/** How long a notice can be read in the dedicated channel. */
const shownForMs = 15_000;

const unlessRefused = (error: unknown): void => {
  if (!isForbidden(error) && !isGone(error)) throw error;
};

/** Says in the dedicated channel what became of a message, for a while; takes the message away where it stands in its ticket. */
export async function postNotice(deps: EffectDeps, o: ShortNotice & { guildId: string }): Promise<void> {
  const { ctx, rest } = deps;
  const guild = await readGuild(ctx.db, o.guildId);
  const locale = guildLocale(guild?.settings.language ?? null, guild?.locale ?? null);
  const who = userMention(o.authorId);
  const content = o.problem
    ? `${who} ${errorText(locale, o.problem)}`
    : translate(locale, 'notice.opened', { who, channel: channelMention(o.ticketChannelId ?? '') });
  try {
    const body = {
      content: content.slice(0, 2_000),
      allowed_mentions: { parse: [], users: [o.authorId] },
      // Discord refuses the same one twice within minutes.
      nonce: `n${o.messageId}${o.ticketChannelId === null ? 'w' : ''}`,
      enforce_nonce: true,
    };
    const sent = (await rest.post(Routes.channelMessages(o.channelId), { body })) as APIMessage;
    await addTakeAwayJob(ctx.db, o.guildId, { channelId: o.channelId, messageId: sent.id, afterMs: shownForMs });
  } catch (error) {
    unlessRefused(error);
  }
  if (o.takesMessage) await takeAway(deps, o);
}

/** Deletes a message; that it is gone, or that Docket may not, is an outcome. */
export async function takeAway({ rest }: EffectDeps, o: { channelId: string; messageId: string }): Promise<void> {
  await rest.delete(Routes.channelMessage(o.channelId, o.messageId)).catch(unlessRefused);
}
