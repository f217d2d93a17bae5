/** What may stand in welcome messages and panels' texts, as `%name%` (features.md 1.10). */
export const textPlaceholders = [
  'user',
  'username',
  'ticket_id',
  'channel',
  'open_tickets',
  'total_tickets',
  'user_open_tickets',
  'user_total_tickets',
  'ticket_limit',
  'rating_count',
  'average_rating',
  'time',
  'date',
  'datetime',
  'discord_account_creation_date',
  'discord_account_age',
] as const;
/** What may stand in names of channels. */
export const namePlaceholders = ['id', 'id_padded', 'username', 'nickname'] as const;

/** What placeholders stand for; whoever makes the values has made them harmless where they will stand. */
export type PlaceholderValues = ReadonlyMap<string, string>;

// Names are bounded so that a stray percent sign in a long text is looked at once.
const pattern = /%([a-z0-9_]{1,64})%/g;

/** The names of the placeholders in a template, known or not: only what is named needs to be read. */
export function placeholdersIn(template: string): Set<string> {
  return new Set([...template.matchAll(pattern)].map(([, name = '']) => name));
}

/**
 * A template with its placeholders filled in, once: what a value contains is never taken for a placeholder. Unknown ones stay as they are.
 * What is longer than `max` (UTF-16 units, as Discord counts) is cut between characters, never inside a value.
 */
export function fillIn(template: string, values: PlaceholderValues, max: number): string {
  let filled = '';
  let at = 0;
  const isFull = (piece: string): boolean => {
    if (filled.length + piece.length <= max) filled += piece;
    else return true;
    return false;
  };
  for (const match of template.matchAll(pattern)) {
    const value = values.get(match[1] ?? '');
    if (value === undefined) continue;
    if (isFull(template.slice(at, match.index))) break;
    at = match.index + match[0].length;
    // Half a mention or half an escape is not what its maker made harmless.
    if (isFull(value)) return filled;
  }
  const rest = template.slice(at);
  return isFull(rest) ? filled + cut(rest, max - filled.length) : filled;
}

/** At most `max` units; no character is cut in half. */
function cut(text: string, max: number): string {
  const kept = text.slice(0, Math.max(0, max));
  return /[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept;
}

// Discord makes lower case of a text channel's name and hyphens of spaces, and leaves out what it does not know. What is sent is what
// Discord will keep, so that a name is never changed twice for the same text.
// ASCII's symbols are left out too: none of them says anything in a name, and some are Markdown.
const refused = /[^\p{L}\p{N}\p{M}\p{S}\p{Extended_Pictographic}_-]|[$+<=>^`|~]/gu;

/** A text as the name of a text channel: at most 100 characters. Empty when nothing of it may stand there. */
export function channelName(text: string): string {
  const name = text.trim().toLowerCase().replace(/\s+/gu, '-').replace(refused, '');
  return cut(name.replace(/-{2,}/g, '-').replace(/^-+|-+$/g, ''), 100).replace(/-+$/, '');
}

const unseen = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** A text as the name of a thread, which may have spaces and capitals: at most 100 characters. Empty when nothing of it can be seen. */
export function threadName(text: string): string {
  return cut(text.replace(unseen, ' ').replace(/\s+/gu, ' ').trim(), 100).trim();
}
