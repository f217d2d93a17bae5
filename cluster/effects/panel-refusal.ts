import { DiscordAPIError } from '@discordjs/rest';
import { RESTJSONErrorCodes } from 'discord-api-types/v10';
import { truncate } from '#discord/markdown.ts';

type Wrong = { readonly path: readonly string[]; readonly code: string; readonly message: string };

// Discord's answer to a body that does not fit: https://discord.com/developers/docs/reference#error-messages
function wrongIn(node: unknown, path: readonly string[] = []): Wrong[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key === '_errors' && Array.isArray(value)
      ? (value as { code?: string; message?: string }[]).map((one) => ({
          path,
          code: one.code ?? '',
          message: one.message ?? '',
        }))
      : wrongIn(value, [...path, key]),
  );
}

/** What Discord says against a message's body; null when it refused for something else, or did not answer. */
export function wrongsOf(error: unknown): Wrong[] | null {
  if (!(error instanceof DiscordAPIError) || error.code !== RESTJSONErrorCodes.InvalidFormBodyOrContentType)
    return null;
  return wrongIn((error.rawError as { errors?: unknown }).errors);
}

/** The panels (by their place in the message) whose emoji was refused. A row holds five buttons. */
export function refusedEmojis(wrongs: readonly Wrong[]): Set<number> {
  const places = wrongs.flatMap(({ path, code }) => {
    const [, row, , column, part, option] = path;
    if (path[0] !== 'components' || (!path.includes('emoji') && !code.includes('EMOJI'))) return [];
    return [part === 'options' ? Number(option) : Number(row) * 5 + Number(column)];
  });
  return new Set(places.filter((place) => Number.isInteger(place)));
}

/** It in words, in Discord's own: the first thing that is wrong. */
export function wrongText(wrongs: readonly Wrong[]): string {
  const [first] = wrongs;
  return truncate(first ? `${first.path.join('.')}: ${first.message}` : '?', 300);
}
