// Addresses of the dashboard's pages, as people get them in Discord.

/** A server's pages. */
export const guildUrl = (publicUrl: string, guildId: string): string => `${publicUrl}/dashboard/${guildId}`;

/** A ticket with its transcript. */
export const ticketUrl = (publicUrl: string, guildId: string, ticketId: number): string =>
  `${guildUrl(publicUrl, guildId)}/tickets/${ticketId}`;
