import { guildLocale, translate } from '#locales/index.ts';
import type { ReasonOf } from '#tickets/actions/run-timer.ts';
import type { Guild } from '#tickets/store/guild.ts';
import { durationText } from '#tickets/settings/duration.ts';

/** Why Docket closed a ticket by itself, in the server's language. */
export const timerReason: ReasonOf = (guild, kind) => {
  const locale = guildLocale(guild.settings.language, guild.locale);
  if (kind === 'close-request') return translate(locale, 'close.reason.close-request');
  const { autocloseNoResponse, autocloseInactive } = guild.settings;
  const time = durationText((kind === 'inactive' ? autocloseInactive : autocloseNoResponse) ?? 0);
  return translate(locale, kind === 'inactive' ? 'close.reason.inactive' : 'close.reason.no-response', { time });
};

/** The reason of tickets whose opener has left. */
export const leftReason = (guild: Guild): string =>
  translate(guildLocale(guild.settings.language, guild.locale), 'close.reason.left');
