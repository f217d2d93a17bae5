import type { Message } from '../../data/types.ts';

type Entry = { kind: 'message'; message: Message; isFirst: boolean } | { kind: 'gap'; at: string };

/** As in Discord: after this long an author is named again. */
const SAME_BREATH_MS = 7 * 60_000;

/** Messages with the first of each author's run marked, and a line where edits and deletions may have been missed. */
export const entriesOf = (messages: readonly Message[], gaps: readonly { from: string; to: string }[]): Entry[] => {
  const open = gaps.toSorted((a, b) => Date.parse(a.from) - Date.parse(b.from));
  const entries: Entry[] = [];
  let before: Message | undefined;
  for (const message of messages) {
    const at = Date.parse(message.at);
    while (open[0] && Date.parse(open[0].from) <= at) {
      entries.push({ kind: 'gap', at: open[0].from });
      open.shift();
      before = undefined;
    }
    const isSame = before?.author.id === message.author.id && at - Date.parse(before.at) < SAME_BREATH_MS;
    entries.push({ kind: 'message', message, isFirst: !isSame });
    before = message;
  }
  return [...entries, ...open.map((gap): Entry => ({ kind: 'gap', at: gap.from }))];
};
