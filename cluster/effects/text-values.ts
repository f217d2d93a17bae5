import { channelMention, escapeMarkdown, timestamp, userMention } from '#discord/markdown.ts';
import { placeholdersIn, type PlaceholderValues } from '#tickets/placeholder.ts';
import { readPlaceholderCounts, readRatings } from '#tickets/store/placeholder.ts';
import { timeOfSnowflake } from '../interactions/snowflake.ts';
import { readPerson } from './names.ts';
import type { EffectDeps, Seen } from './seen.ts';

const countNames = ['open_tickets', 'total_tickets', 'user_open_tickets', 'user_total_tickets'];
const ratingNames = ['rating_count', 'average_rating'];

/**
 * What the placeholders of some texts stand for, harmless in Markdown (features.md 1.10). Only what is named is read; what an installation cannot
 * know, such as an integration's, stays as it was written.
 */
export async function textValues(
  deps: EffectDeps,
  seen: Seen,
  templates: readonly string[],
): Promise<PlaceholderValues> {
  const { db } = deps.ctx;
  const { ticket, guild } = seen;
  const { guildId, openerId } = ticket;
  const asked = new Set(templates.flatMap((template) => [...placeholdersIn(template)]));
  const asksAny = (names: readonly string[]): boolean => names.some((name) => asked.has(name));
  const [person, counts, ratings] = await Promise.all([
    asked.has('username') ? readPerson(deps, guildId, openerId) : null,
    asksAny(countNames) ? readPlaceholderCounts(db, guildId, { openerId }) : null,
    asksAny(ratingNames) ? readRatings(db, guildId) : null,
  ]);
  const born = timeOfSnowflake(openerId);
  const values = new Map<string, string>([
    ['user', userMention(openerId)],
    ['ticket_id', String(ticket.displayNo)],
    ['ticket_limit', String(guild.settings.openTicketsPerUser ?? '∞')],
    ['time', timestamp(ticket.openedAt, 't')],
    ['date', timestamp(ticket.openedAt, 'd')],
    ['datetime', timestamp(ticket.openedAt, 'f')],
    ['discord_account_creation_date', timestamp(born, 'f')],
    ['discord_account_age', timestamp(born, 'R')],
  ]);
  if (ticket.channelId) values.set('channel', channelMention(ticket.channelId));
  // Who has left and cannot be named is mentioned, which Discord shows as best it can.
  if (asked.has('username')) values.set('username', person ? escapeMarkdown(person.username) : userMention(openerId));
  if (counts) {
    values.set('open_tickets', String(counts.open)).set('total_tickets', String(counts.ever));
    values.set('user_open_tickets', String(counts.userOpen)).set('user_total_tickets', String(counts.userEver));
  }
  if (ratings) {
    values.set('rating_count', String(ratings.count));
    values.set('average_rating', ratings.average === null ? '–' : ratings.average.toFixed(1));
  }
  return values;
}
