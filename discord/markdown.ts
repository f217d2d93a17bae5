// Everything that starts formatting, a mention, a link or a list in Discord's markdown. Escaping a character that needed none shows
// nothing, so this is rather too much than too little.
const special = /[\\*_~`|>#\-+[\]()<:@!.]/g;

/** Text in which nothing that somebody wrote is formatting, a link or a mention any more: names, subjects, reasons. */
export function escapeMarkdown(text: string): string {
  // A backslash does not stop "@everyone" in every place: a zero-width space does. `allowed_mentions` stays the real guard.
  return text.replace(special, '\\$&').replace(/@(?=everyone|here)/g, '@\u200b');
}

/** At most `max` UTF-16 units, as Discord counts; what is cut off becomes an ellipsis and no character is cut in half. */
export function truncate(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text.slice(0, max - 1);
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

export const userMention = (id: string): string => `<@${id}>`;
export const roleMention = (id: string): string => `<@&${id}>`;
export const channelMention = (id: string): string => `<#${id}>`;

/** A moment in the reader's own time zone and language: `f` date and time, `d` date, `R` "2 hours ago". */
export function timestamp(atMs: number, style: 'f' | 'd' | 't' | 'R' = 'f'): string {
  return `<t:${Math.floor(atMs / 1_000)}:${style}>`;
}
