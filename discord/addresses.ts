/** Where a Discord is: everything but the API's address follows from it, so that nothing in the code knows which Discord it talks to. */
export type Addresses = {
  /** Without a slash at the end, without the version: `https://discord.com/api`. */
  readonly api: string;
  readonly oauthAuthorize: string;
  readonly oauthToken: string;
  readonly oauthRevoke: string;
  readonly cdn: string;
  /** Where a person reads a channel; `channelUrl` builds on it. */
  readonly web: string;
};

/** Discord's own API: the default of DISCORD_API_URL. */
export const discordApi = 'https://discord.com/api';

/** Derives every address from the API's (`http://host:port/api`, with or without a version at the end). */
export function addressesOf(apiUrl: string): Addresses {
  const api = apiUrl.replace(/\/+$/, '').replace(/\/v\d+$/, '');
  const origin = api.replace(/\/api$/, '');
  // canary.discord.com and ptb.discord.com are Discord too; they share its CDN.
  const isDiscord = /(^|\.)discord(app)?\.com$/.test(new URL(api).hostname);
  return {
    api,
    oauthAuthorize: `${origin}/oauth2/authorize`,
    oauthToken: `${api}/oauth2/token`,
    oauthRevoke: `${api}/oauth2/token/revoke`,
    cdn: isDiscord ? 'https://cdn.discordapp.com' : `${origin}/cdn`,
    web: origin,
  };
}

/** A link that opens a channel, or a message in it, in somebody's Discord. */
export function channelUrl(
  addresses: Pick<Addresses, 'web'>,
  guildId: string,
  channelId: string,
  messageId?: string,
): string {
  return [addresses.web, 'channels', guildId, channelId, ...(messageId ? [messageId] : [])].join('/');
}

/** Where a picture of a person is; their own when they have one, else one of Discord's six. */
export function avatarUrl(addresses: Addresses, user: { id: string; avatar: string | null }, size = 64): string {
  if (user.avatar) return `${addresses.cdn}/avatars/${user.id}/${user.avatar}.webp?size=${size}`;
  // Discord chooses the default picture by the account's age: https://discord.com/developers/docs/reference#image-formatting
  return `${addresses.cdn}/embed/avatars/${(BigInt(user.id) >> 22n) % 6n}.png`;
}

/** Where a server's icon is; null when it has none. */
export function iconUrl(addresses: Addresses, guild: { id: string; icon: string | null }, size = 64): string | null {
  return guild.icon ? `${addresses.cdn}/icons/${guild.id}/${guild.icon}.webp?size=${size}` : null;
}
