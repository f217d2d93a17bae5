// Discord's ids count milliseconds since the first second of 2015. https://discord.com/developers/docs/reference#snowflakes
const discordEpochMs = 1_420_070_400_000n;

/** The moment at which Discord made an id, ms since 1970. */
export function timeOfSnowflake(id: string): number {
  return Number((BigInt(id) >> 22n) + discordEpochMs);
}
