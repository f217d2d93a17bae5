import { expect, test } from 'vitest';
import { addressesOf, avatarUrl, channelUrl, discordApi, iconUrl } from './addresses.ts';

test('Discord’s own addresses follow from its API, with or without a version', () => {
  for (const api of [discordApi, `${discordApi}/v10`, `${discordApi}/`]) {
    expect(addressesOf(api)).toEqual({
      api: 'https://discord.com/api',
      oauthAuthorize: 'https://discord.com/oauth2/authorize',
      oauthToken: 'https://discord.com/api/oauth2/token',
      oauthRevoke: 'https://discord.com/api/oauth2/token/revoke',
      cdn: 'https://cdn.discordapp.com',
      web: 'https://discord.com',
    });
  }
});

test('any other Discord keeps everything on its own origin', () => {
  const other = addressesOf('http://127.0.0.1:4000/api');
  expect(other).toMatchObject({
    oauthAuthorize: 'http://127.0.0.1:4000/oauth2/authorize',
    oauthToken: 'http://127.0.0.1:4000/api/oauth2/token',
    cdn: 'http://127.0.0.1:4000/cdn',
  });
  expect(channelUrl(other, '1', '2', '3')).toBe('http://127.0.0.1:4000/channels/1/2/3');
});

test('pictures: their own, else one of the six', () => {
  const at = addressesOf(discordApi);
  expect(avatarUrl(at, { id: '80351110224678912', avatar: 'abc' })).toBe(
    'https://cdn.discordapp.com/avatars/80351110224678912/abc.webp?size=64',
  );
  expect(avatarUrl(at, { id: '80351110224678912', avatar: null })).toMatch(/\/embed\/avatars\/[0-5]\.png$/);
  expect(iconUrl(at, { id: '1', icon: null })).toBeNull();
});
