/**
 * The shape of Discord's ids, as the source of a regular expression: from 2015 on they have 17 digits, and the largest that fits Postgres's
 * bigint begins with 92, which is the year 2084 (https://discord.com/developers/docs/reference#snowflakes).
 */
export const snowflakeSource = '(?:[1-9][0-9]{16,17}|[1-8][0-9]{18}|9[01][0-9]{17})';

const whole = new RegExp(`^${snowflakeSource}$`);

/** Whether a text is an id of Discord, and nothing else. */
export const isSnowflake = (text: string): boolean => whole.test(text);
