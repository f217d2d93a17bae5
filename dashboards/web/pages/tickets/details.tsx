import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { TextKey } from '../../app/i18n.ts';
import { useLanguage } from '../../app/language.ts';
import type { Change, Person, Priority, Ticket } from '../../data/types.ts';
import { Moment } from '../../parts/moment.tsx';

const PersonLink = ({ person, guildId }: { person: Person; guildId: string }) => (
  <Link to="/dashboard/$guild/users/$user" params={{ guild: guildId, user: person.id }}>
    {person.name}
  </Link>
);

/** What is known of a ticket; what is not known is left out. */
export const Details = ({ ticket, guildId }: { ticket: Ticket; guildId: string }) => {
  const { t } = useLanguage();
  const people = (list: readonly Person[]) =>
    list.map((person, index) => (
      <span key={person.id}>
        {index > 0 && ', '}
        <PersonLink person={person} guildId={guildId} />
      </span>
    ));
  const rows: [TextKey, Exclude<ReactNode, Promise<unknown>>][] = [
    ['ticket.opener', people([ticket.opener])],
    ['ticket.subject', ticket.subject],
    ['ticket.topic', ticket.topic],
    ['ticket.name', ticket.name],
    ['ticket.priority', ticket.priority !== 'normal' && t(`priority.${ticket.priority}`)],
    ['ticket.labels', ticket.labels.map((label) => label.name).join(', ')],
    ['ticket.claimedBy', ticket.claimedBy && people([ticket.claimedBy])],
    ['ticket.members', ticket.members.length > 0 && people(ticket.members)],
    ['ticket.openedAt', <Moment key="opened" at={ticket.openedAt} />],
    ['ticket.closedAt', ticket.closedAt && <Moment key="closed" at={ticket.closedAt} />],
    ['ticket.reason', ticket.closeReason],
    ['ticket.rating', ticket.rating !== null && t('ticket.stars', { stars: ticket.rating })],
    ['ticket.comment', ticket.comment],
  ];
  return (
    <dl className="facts">
      {rows
        .filter(([, value]) => Boolean(value))
        .map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{t(name)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
};

/** What the opener answered in the panel's form. */
export const Answers = ({ answers }: { answers: Ticket['answers'] }) => (
  <dl style={{ display: 'grid', gap: 10 }}>
    {answers.map((answer) => (
      <div key={answer.label}>
        <dt className="muted">{answer.label}</dt>
        <dd className="words">{answer.value}</dd>
      </div>
    ))}
  </dl>
);

const known = {
  opened: 'history.opened',
  claimed: 'history.claimed',
  released: 'history.released',
  member_added: 'history.memberAdded',
  member_removed: 'history.memberRemoved',
  closed: 'history.closed',
  reopened: 'history.reopened',
  rated: 'history.rated',
  assigned: 'history.assigned',
  panel_switched: 'history.panelSwitched',
  renamed: 'history.renamed',
  topic_set: 'history.topicSet',
  priority_set: 'history.prioritySet',
  labels_set: 'history.labelsSet',
  close_requested: 'history.closeRequested',
  close_denied: 'history.closeDenied',
  reason_set: 'history.reasonSet',
  excluded: 'history.excluded',
  included: 'history.included',
  went_stale: 'history.wentStale',
  warned: 'history.warned',
} as const satisfies Record<string, TextKey>;
/** Said instead where nothing stands any more. */
const emptied: Partial<Record<keyof typeof known, TextKey>> = {
  renamed: 'history.unnamed',
  topic_set: 'history.topicRemoved',
  labels_set: 'history.labelsRemoved',
};
const keyOf = (change: Change, name: keyof typeof known): TextKey =>
  (change.after ? undefined : emptied[name]) ?? known[name];
const isPriority = (word: string | null): word is Priority =>
  word === 'low' || word === 'normal' || word === 'high' || word === 'urgent';
const isKnown = (name: string): name is keyof typeof known => name in known;

/** What happened to a ticket, newest first. */
export const History = ({ changes }: { changes: readonly Change[] }) => {
  const { t } = useLanguage();
  const shown = changes.filter((change) => isKnown(change.name)).toReversed();
  const said = (change: Change, value: string | null) =>
    change.name === 'priority_set' && isPriority(value) ? t(`priority.${value}`) : value;
  return (
    <ol className="history" reversed>
      {shown.map((change) => (
        <li key={change.version}>
          {isKnown(change.name) &&
            t(keyOf(change, change.name), {
              actor: change.actor?.name ?? t('history.docket'),
              user: change.user?.name ?? '',
              stars: change.rating ?? '',
              before: said(change, change.before) ?? t('ticket.noPanel'),
              after: said(change, change.after) ?? '',
            })}
          {change.reason && <span className="muted">: {change.reason}</span>}
          <Moment at={change.at} />
        </li>
      ))}
    </ol>
  );
};
