/** The words of the picture. English here; whoever asks for a picture passes its reader's own. `{n}` and `{day}` are filled in. */
export const englishWords = {
  opened: 'Tickets opened',
  firstResponse: 'First response, mean',
  rating: 'Satisfaction',
  ofFive: 'of 5',
  window: 'Last {n} days, UTC',
  perDay: 'Tickets per day',
  before: '{n} days before',
  better: '{amount} better',
  worse: '{amount} worse',
  more: '{amount} more',
  fewer: '{amount} fewer',
  same: 'no change',
  new: 'new',
  none: 'No tickets in these {n} days',
  description: '{name} in the last {n} days: {total}, {change}. Most on one day: {most}, on {mostOn}',
  descriptionNone: '{name} in the last {n} days: none',
  sinceBefore: '{change} than in the {n} days before',
  sameAsBefore: 'as in the {n} days before',
  noneBefore: 'none in the {n} days before',
};

export type Words = typeof englishWords;

/** Puts values into a text's `{places}`; an unknown place stays as it is. */
export const fill = (text: string, values: Record<string, string | number>): string =>
  text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
