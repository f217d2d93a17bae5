import type { APIInteraction } from 'discord-api-types/v10';
import QuickLRU from 'quick-lru';
import { guildLocale } from '#locales/index.ts';
import type { Db } from '#runtime/postgres.ts';
import { readGuild } from '#tickets/store/guild.ts';

/** The languages that servers chose, as far as this process has met them: forms and refusals are written before a server is read. */
export type Languages = {
  /** Notes what a server chose; null follows Discord's preferred language. */
  note(guildId: string, chosen: string | null): void;
  /** The language of an answer, from memory. */
  localeOf(interaction: APIInteraction): string;
  /** The same, asking Postgres about a server that was not met before. */
  read(interaction: APIInteraction, guildId: string): Promise<string>;
};

/** A language that was changed in another process is noticed by the server's next interaction here, by a form after this at most. */
const keptForMs = 60_000;

/** Makes the memory, bounded. */
export function createLanguages(db: Db, maxSize = 20_000): Languages {
  const chosen = new QuickLRU<string, { language: string | null; preferred: string | null }>({
    maxSize,
    maxAge: keptForMs,
  });
  const localeOf = (interaction: APIInteraction, guildId = interaction.guild_id): string => {
    const known = guildId === undefined ? undefined : chosen.get(guildId);
    // In direct messages Discord names the person's language alone; the server's goes before it.
    const own = 'locale' in interaction ? interaction.locale : null;
    return guildLocale(known?.language ?? null, interaction.guild_locale ?? known?.preferred ?? own);
  };
  return {
    note: (guildId, language) =>
      void chosen.set(guildId, { language, preferred: chosen.get(guildId)?.preferred ?? null }),
    localeOf,
    async read(interaction, guildId) {
      if (!chosen.has(guildId)) {
        const guild = await readGuild(db, guildId);
        if (guild) chosen.set(guildId, { language: guild.settings.language, preferred: guild.locale });
      }
      return localeOf(interaction, guildId);
    },
  };
}
