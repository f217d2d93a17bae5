import type { APIInteraction } from 'discord-api-types/v10';
import { expect, test } from 'vitest';
import { testDatabase } from '#test/harness/postgres.ts';
import { setSettings } from '#tickets/actions/set-settings.ts';
import { createScene } from '#tickets/scene.ts';
import { createLanguages } from './languages.ts';

const { pool } = await testDatabase();
const from = (o: object): APIInteraction => ({ locale: 'fr', ...o }) as APIInteraction;

test('a server’s choice goes before Discord’s preferred language of the server, and that before the person’s', () => {
  const languages = createLanguages(pool);
  const inServer = from({ guild_id: '1', guild_locale: 'de' });
  expect(languages.localeOf(inServer)).toBe('de');
  expect(languages.localeOf(from({}))).toBe('fr');
  languages.note('1', 'ja');
  expect(languages.localeOf(inServer)).toBe('ja');
  languages.note('1', null);
  expect(languages.localeOf(inServer)).toBe('de');
  expect(languages.localeOf(from({ guild_id: '1', guild_locale: 'xx' }))).toBe('en-GB');
});

test('a server that was not met before is asked about once, in direct messages too', async () => {
  const { ctx, guildId, owner } = await createScene(pool);
  await setSettings(ctx, guildId, { by: owner, patch: { language: 'ar' } });
  const languages = createLanguages(pool);
  expect(languages.localeOf(from({ guild_id: guildId, guild_locale: 'de' }))).toBe('de');
  expect(await languages.read(from({}), guildId)).toBe('ar');
  expect(languages.localeOf(from({ guild_id: guildId, guild_locale: 'de' }))).toBe('ar');
  expect(
    await createLanguages({ query: () => Promise.reject(new Error('away')) })
      .read(from({}), '2')
      .catch(() => null),
  ).toBeNull();
});
