// What a ticket's channel says about its closing before it is closed: pure.
import { timestamp, userMention } from '#discord/markdown.ts';
import { translate } from '#locales/index.ts';
import type { CloseRequest } from '#tickets/ticket.ts';
import {
  acceptCloseButton,
  endedRequest,
  type RequestEnd,
  requestMessage,
} from '../interactions/commands/close-request.ts';
import { noMentions } from '../interactions/reply.ts';
import type { Body } from './look.ts';
import type { Seen } from './seen.ts';

type Look = Pick<Seen, 'ticket' | 'guild' | 'locale'>;
const colourOf = (seen: Look): number => Number.parseInt(seen.guild.settings.primaryColour.slice(1), 16);

/** The question to the opener, and a text that this message alone contains. */
export function requestBody(seen: Look, request: CloseRequest): { body: Body; mark: string } {
  const { ticket, locale } = seen;
  return {
    body: {
      ...requestMessage(locale, { ticket, request, color: colourOf(seen) }),
      allowed_mentions: { parse: [], users: [ticket.openerId] },
    },
    mark: acceptCloseButton.customId({ ticketId: ticket.id, requestAt: request.at }),
  };
}

/** The same once it is answered, or another took its place. */
export const endedRequestBody = (seen: Look, end: RequestEnd): Body => ({
  ...endedRequest(seen.locale, end, colourOf(seen)),
  allowed_mentions: noMentions as Body['allowed_mentions'],
});

/** Tells the opener that the ticket will close, when, and what keeps it open. */
export function warningBody(seen: Look, closesAt: number): { body: Body; mark: string } {
  const { ticket, locale } = seen;
  const when = `${timestamp(closesAt)} (${timestamp(closesAt, 'R')})`;
  return {
    body: {
      content: userMention(ticket.openerId),
      embeds: [{ description: translate(locale, 'autoclose.warning', { when }), color: colourOf(seen) }],
      allowed_mentions: { parse: [], users: [ticket.openerId] },
    },
    mark: timestamp(closesAt, 'R'),
  };
}
