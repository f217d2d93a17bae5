import { type APIGuildMember, type APIUser, RESTJSONErrorCodes, Routes } from 'discord-api-types/v10';
import { discordCodeOf } from '#discord/rest.ts';
import { translate } from '#locales/index.ts';
import { channelName, fillIn, placeholdersIn, threadName } from '#tickets/placeholder.ts';
import type { TicketMode } from '#tickets/ticket.ts';
import type { EffectDeps, Seen } from './seen.ts';

/** A template may be longer than a name: what its placeholders stand for is not. */
const filledMax = 1_000;
const maxDigits = 4;

const schemes = { number: 'ticket-%id%', username: 'ticket-%username%' } as const;

/** Who somebody is: a member with a nickname, or a person who has left, or nobody any more. */
export async function readPerson(
  deps: EffectDeps,
  guildId: string,
  userId: string,
): Promise<{ username: string; nickname: string } | null> {
  try {
    const member = (await deps.rest.get(Routes.guildMember(guildId, userId))) as APIGuildMember;
    const { username, global_name } = member.user;
    return { username, nickname: member.nick ?? global_name ?? username };
  } catch (error) {
    if (discordCodeOf(error) !== RESTJSONErrorCodes.UnknownMember) return unknown(error);
  }
  try {
    const { username, global_name } = (await deps.rest.get(Routes.user(userId))) as APIUser;
    return { username, nickname: global_name ?? username };
  } catch (error) {
    return unknown(error);
  }
}

// A name is worth no failure where Discord has given its last word; what may be tried again is.
function unknown(error: unknown): null {
  if (discordCodeOf(error) === null) throw error;
  return null;
}

/** The server's scheme: `ticket-12` for a channel, `Ticket 12` for a thread, which keeps spaces (features.md 1.9-04). */
function schemeIn({ ticket, guild, locale }: Seen): string {
  const { namingScheme } = guild.settings;
  if (ticket.mode === 'channel') return schemes[namingScheme];
  return translate(locale, 'thread.name', { number: namingScheme === 'number' ? '%id%' : '%username%' });
}

/** What Discord keeps of a text as the name of a ticket's channel or thread. */
const nameIn = (mode: TicketMode, text: string): string => (mode === 'channel' ? channelName(text) : threadName(text));

/** What a ticket's channel or thread is called by the panel's template, else by the server's scheme (features.md 1.3-35, 1.10-10). */
export async function schemeNameOf(deps: EffectDeps, seen: Seen): Promise<string> {
  const { ticket, panel } = seen;
  const template = panel?.naming ?? schemeIn(seen);
  const number = String(ticket.displayNo);
  const values = new Map([
    ['id', number],
    ['id_padded', number.padStart(maxDigits, '0')],
  ]);
  const asked = placeholdersIn(template);
  if (asked.has('username') || asked.has('nickname')) {
    const person = await readPerson(deps, ticket.guildId, ticket.openerId);
    values.set('username', person?.username ?? number).set('nickname', person?.nickname ?? number);
  }
  return nameIn(ticket.mode, fillIn(template, values, filledMax)) || `ticket-${number}`;
}

/** What the channel or thread of an open ticket is to be called; null: as it is. Staff's name comes before the scheme's. */
export function wantedNameOf({ ticket }: Pick<Seen, 'ticket'>): string | null {
  const schemeName = ticket.applied.schemeName ?? null;
  return ticket.name === null ? schemeName : nameIn(ticket.mode, ticket.name) || schemeName;
}
