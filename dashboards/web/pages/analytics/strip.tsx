import type { Overview } from '#analytics/query/types.ts';
import { useLanguage } from '../../app/language.ts';
import { Cell, Strip } from '../../parts/card.tsx';
import { Before } from '../../parts/before.tsx';
import { Figure } from '../../parts/figure.tsx';
import type { Read } from '../../parts/read.tsx';
import { FigureOf } from '../../parts/read.tsx';

/** The figures whose window is fixed; nothing here obeys the filter bar. */
export const TicketStrip = ({ overview }: { overview: Read<Overview> }) => {
  const { t, f } = useLanguage();
  const none = t('figure.noneSoFar');
  return (
    <Strip label={t('analytics.tickets')}>
      <Cell name={t('analytics.ever')} metric="ticketsEver">
        <FigureOf read={overview}>
          {({ tickets }) => ({
            figure: <Figure value={f.count(tickets.ever)} />,
            sub: tickets.since === null ? none : t('analytics.since', { date: f.date(Date.parse(tickets.since)) }),
          })}
        </FigureOf>
      </Cell>
      <Cell name={t('window.last', { n: 7 })} metric="ticketsOpened">
        <FigureOf read={overview}>
          {({ tickets }) => ({
            figure: <Figure value={f.count(tickets.d7)} />,
            sub:
              tickets.ever === 0 ? (
                none
              ) : (
                <Before now={tickets.d7} before={tickets.d7Previous} metric="ticketsOpened" />
              ),
          })}
        </FigureOf>
      </Cell>
      <Cell name={t('window.last', { n: 30 })} metric="ticketsOpened">
        <FigureOf read={overview}>
          {({ tickets }) => ({
            figure: <Figure value={f.count(tickets.d30)} />,
            sub:
              tickets.ever === 0 ? (
                none
              ) : (
                <Before now={tickets.d30} before={tickets.d30Previous} metric="ticketsOpened" />
              ),
          })}
        </FigureOf>
      </Cell>
      <Cell name={t('analytics.open')} metric="openTickets">
        <FigureOf read={overview}>
          {({ status }) => ({
            figure: <Figure value={f.count(status.open)} />,
            sub:
              status.awaitingFirstResponse === 0
                ? t('analytics.nobodyWaits')
                : t('analytics.notAnswered', { n: f.count(status.awaitingFirstResponse) }),
          })}
        </FigureOf>
      </Cell>
      <Cell name={t('analytics.claimed')} metric="claimedTickets">
        <FigureOf read={overview}>
          {({ status }) => ({
            figure: <Figure value={f.count(status.claimed)} />,
            sub: t('analytics.ofOpen', { open: f.count(status.open) }),
          })}
        </FigureOf>
      </Cell>
      <Cell name={t('analytics.closed')} metric="closedTickets">
        <FigureOf read={overview}>
          {({ status, tickets }) => ({
            figure: <Figure value={f.count(status.closed)} />,
            sub: tickets.ever === 0 ? none : t('analytics.ofAll', { share: f.share(status.closureRate, true) }),
          })}
        </FigureOf>
      </Cell>
    </Strip>
  );
};
