import { userMention } from '#discord/markdown.ts';
import { translate } from '#locales/index.ts';
import type { Body } from './look.ts';
import type { Seen } from './seen.ts';

/** The message that pings the opener about a claim, and what only this one contains. */
export function claimPingBody(seen: Seen): { body: Body; mark: string } {
  const { ticket, guild, locale, claimToPing } = seen;
  const mark = `${ticket.id}/${claimToPing}`;
  return {
    mark: `"${mark}"`,
    body: {
      content: userMention(ticket.openerId),
      embeds: [
        {
          description: translate(locale, 'claim.ping', { who: userMention(ticket.claimedBy ?? '') }),
          color: Number.parseInt(guild.settings.primaryColour.slice(1), 16),
          footer: { text: mark },
        },
      ],
      allowed_mentions: { parse: [], users: [ticket.openerId] },
    },
  };
}
