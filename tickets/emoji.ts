import { nameToEmoji } from 'gemoji';
import { invalid } from './bounds.ts';

/** One of a server's own emojis. */
export type OwnEmoji = { readonly id: string; readonly name: string; readonly isAnimated: boolean };

// One emoji as Unicode lists them for interchange, which is what Discord takes.
const isUnicode = (text: string): boolean => /^\p{RGI_Emoji}$/v.test(text);
const ownShape = /^<(a?):(\w{2,32}):(\d{17,20})>$/;

/** How an own emoji is written, and kept. */
export const ownText = (emoji: OwnEmoji): string => `<${emoji.isAnimated ? 'a' : ''}:${emoji.name}:${emoji.id}>`;

/** The own emoji that a kept text names; null for Unicode's. */
export function ownIn(text: string): OwnEmoji | null {
  const [, animated, name, id] = ownShape.exec(text) ?? [];
  return name && id ? { id, name, isAnimated: animated === 'a' } : null;
}

/** Whether a text is an emoji as it is kept: Unicode's, or `<:name:id>`. */
export const isEmoji = (text: string): boolean => isUnicode(text) || ownShape.test(text);

/** Discord's names of flags, which others write without `flag_`. */
function flagOf(name: string): string | undefined {
  const country = /^flag_([a-z]{2})$/.exec(name)?.[1];
  return country && String.fromCodePoint(...Array.from(country, (letter) => 0x1f1e6 + letter.charCodeAt(0) - 97));
}

const byName = (name: string): string | undefined =>
  Object.hasOwn(nameToEmoji, name) ? nameToEmoji[name] : flagOf(name);

/**
 * What somebody gave as an emoji, as it is kept: Unicode's pasted or by name (colons optional), or one of the server's own by id, name or
 * `<:name:id>` (features.md 1.4-07).
 * @throws AppError input.invalid {field}
 */
export function readEmoji(field: string, given: string, own: readonly OwnEmoji[]): string {
  const text = given.trim();
  if (isUnicode(text)) return text;
  if (isUnicode(`${text}\uFE0F`)) return `${text}\uFE0F`; // ✉ without what makes it a picture
  const name = /^:?([\w+-]{1,64}):?$/.exec(text)?.[1];
  const unicode = name && byName(name.toLowerCase());
  if (unicode) return unicode;
  const wanted = ownIn(text)?.id ?? name;
  const found = own.find((emoji) => emoji.id === wanted || emoji.name === wanted);
  if (found) return ownText(found);
  throw invalid(field, 'one emoji: pasted, by its name such as envelope_with_arrow, or one of this server’s own');
}
