import { escapeMarkdown, truncate, userMention } from '#discord/markdown.ts';
import { type TextKey, type TextVars, translate } from '#locales/index.ts';
import type { Priority } from '#tickets/events.ts';
import type { ChangeName } from '#tickets/facts.ts';
import type { HistoryRow } from '#tickets/store/history.ts';

/** A change as far as words need it. */
export type Told = Pick<HistoryRow, 'name' | 'actorId' | 'data'>;

const keys: Record<ChangeName, TextKey> = {
  opened: 'history.opened',
  claimed: 'history.claimed',
  released: 'history.released',
  member_added: 'history.member-added',
  member_removed: 'history.member-removed',
  closed: 'history.closed',
  reopened: 'history.reopened',
  rated: 'history.rated',
  assigned: 'history.assigned',
  panel_switched: 'history.panel-switched',
  renamed: 'history.renamed',
  topic_set: 'history.topic-set',
  priority_set: 'history.priority-set',
  labels_set: 'history.labels-set',
  close_requested: 'history.close-requested',
  close_denied: 'history.close-denied',
  reason_set: 'history.reason-set',
  excluded: 'history.excluded',
  included: 'history.included',
  went_stale: 'history.went-stale',
  warned: 'history.warned',
};
/** What is said instead when nothing stands there any more, or nothing was written. */
const emptied: Partial<Record<ChangeName, TextKey>> = {
  renamed: 'history.unnamed',
  topic_set: 'history.topic-removed',
  labels_set: 'history.labels-removed',
};
const priorityKeys: Record<Priority, TextKey> = {
  low: 'priority.low',
  normal: 'priority.normal',
  high: 'priority.high',
  urgent: 'priority.urgent',
};

/** The word for a priority. */
export const priorityWord = (locale: string, priority: Priority): string => translate(locale, priorityKeys[priority]);

/** As much of a text that somebody wrote as one line of a list bears. */
const written = (text: string): string => truncate(escapeMarkdown(text), 300);

/** Says a change in one sentence, for Discord. What people wrote is escaped; people are mentions, which the message must not let ping. */
export function historyWords(
  locale: string,
  change: Told,
  o: {
    labelNames: ReadonlyMap<number, string>;
    /** Who closed it is not said to this reader (setting hideCloser). */
    hidesCloser?: boolean;
  },
): string {
  const { name, actorId, data } = change;
  const value = (one: typeof data.before): string => {
    if (typeof one === 'string') return name === 'priority_set' ? priorityWord(locale, one as Priority) : written(one);
    return (one ?? []).map((id) => written(o.labelNames.get(id) ?? String(id))).join(', ');
  };
  const isHidden = name === 'closed' && o.hidesCloser === true;
  const docket = translate(locale, 'summary.docket');
  const vars: TextVars = {
    who: isHidden ? translate(locale, 'history.staff') : actorId === null ? docket : userMention(actorId),
    user: data.userId === undefined ? '' : userMention(data.userId),
    before: value(data.before) || translate(locale, 'summary.no-panel'),
    after: value(data.after),
    stars: String(data.rating ?? ''),
  };
  const isEmpty = data.after === null || (Array.isArray(data.after) && data.after.length === 0);
  const sentence = translate(locale, (isEmpty ? emptied[name] : undefined) ?? keys[name], vars);
  const reason = data.reason ?? (name === 'reason_set' && typeof data.after === 'string' ? data.after : null);
  return reason ? `${sentence}: ${written(reason)}` : sentence;
}
