const segments = new Intl.Segmenter('en', { granularity: 'grapheme' });
// The fonts that the picture carries: Inter, Noto Sans JP, Noto Sans Arabic. Anything else would be drawn as empty boxes.
const drawable =
  /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Han}\p{Script_Extensions=Hiragana}\p{Script_Extensions=Katakana}\p{Script=Arabic}\p{N}\p{P}\p{Zs}\p{Sc}+=<>|^~´¨]/u;
const wide = /[\p{Script=Han}\p{Script_Extensions=Hiragana}\p{Script_Extensions=Katakana}\u3000-\u303f\uff00-\uffef]/u;

/** The characters a picture can draw: no emoji, no script without a font here, no control characters. */
export const drawableText = (text: string): string =>
  [...segments.segment(text)]
    .map((s) => s.segment)
    .filter((s) => drawable.test(s) && !/\p{Extended_Pictographic}/u.test(s.replace(/[\d#*]/g, '')))
    .join('')
    .replace(/\s+/g, ' ')
    .trim();

/** Cuts a name with `…` at `limit` characters; a full-width character counts as two. */
export const cut = (text: string, limit: number): string => {
  const letters = [...segments.segment(text)].map((s) => s.segment);
  const width = (letter: string) => (wide.test(letter) ? 2 : 1);
  if (letters.reduce((sum, l) => sum + width(l), 0) <= limit) return text;
  const kept: string[] = [];
  let used = 1;
  for (const letter of letters) {
    used += width(letter);
    if (used > limit) break;
    kept.push(letter);
  }
  return `${kept.join('').trimEnd()}…`;
};

/** Text as SVG content or attribute value. */
export const escapeXml = (text: string): string =>
  text.replace(/[<>&"']/g, (c) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;', "'": '&#39;' })[c] ?? c);

/** The font of a grapheme. The larger ones are read only when a text needs them (Noto Sans JP is 5.4 MB). */
export type Family = 'Inter' | 'Noto Sans JP' | 'Noto Sans Arabic';

const familyOf = (letter: string): Family =>
  wide.test(letter) ? 'Noto Sans JP' : /\p{Script=Arabic}/u.test(letter) ? 'Noto Sans Arabic' : 'Inter';

/** A text as runs of one font each: left to itself, resvg takes the first weight that has the letter, or an empty box. */
export const runsOf = (text: string): { family: Family; text: string }[] => {
  const runs: { family: Family; text: string }[] = [];
  for (const { segment } of segments.segment(text)) {
    const family = familyOf(segment);
    const open = runs.at(-1);
    if (open && (open.family === family || segment === ' ')) open.text += segment;
    else runs.push({ family, text: segment });
  }
  // TRICKY: resvg 2.6.2 draws nothing at all for a text of these two together.
  const isBoth =
    runs.some((run) => run.family === 'Noto Sans JP') && runs.some((run) => run.family === 'Noto Sans Arabic');
  return isBoth ? runs.filter((run) => run.family !== 'Noto Sans Arabic') : runs;
};
