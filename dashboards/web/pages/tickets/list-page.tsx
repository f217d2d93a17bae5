import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { NONE } from '#analytics/plot/format.ts';
import { useLanguage } from '../../app/language.ts';
import { ticketsQuery } from '../../data/queries.ts';
import type { TicketRow } from '../../data/types.ts';
import { Card } from '../../parts/card.tsx';
import { Moment } from '../../parts/moment.tsx';
import { ChartOf } from '../../parts/read.tsx';
import { Segment } from '../../parts/segment.tsx';
import { Nothing } from '../../parts/states.tsx';
import { Live } from '../../shell/live.tsx';
import { Page } from '../../shell/page.tsx';
import { Status } from './status.tsx';

const route = getRouteApi('/dashboard/$guild/tickets');
type ListStatus = 'open' | 'closed';

/** The tickets of a server that this person may see, newest first. */
export const TicketListPage = () => {
  const { t, f } = useLanguage();
  const { guild } = route.useParams();
  const { status: chosen } = route.useSearch();
  const navigate = route.useNavigate();
  const status: ListStatus = chosen ?? 'open';
  const query = useInfiniteQuery(ticketsQuery(guild, status));
  const options = [
    { value: 'open' as const, name: t('tickets.open') },
    { value: 'closed' as const, name: t('tickets.closed') },
  ];
  const choose = (value: ListStatus) =>
    void navigate({ search: value === 'closed' ? { status: 'closed' as const } : {}, replace: true });
  const shown = query.data?.pages.reduce((sum, page) => sum + page.tickets.length, 0);
  return (
    <Page title={t('nav.tickets')} lead={t('tickets.lead')}>
      <div className="bar">
        <Segment label={t('tickets.which')} options={options} value={status} onChange={choose} />
        <Live updatedAt={query.dataUpdatedAt} spoken="" />
      </div>
      <Card
        span={12}
        title={t(`tickets.${status}`)}
        end={shown === undefined ? '' : t('tickets.shown', { count: shown, shown: f.count(shown) })}
      >
        <ChartOf read={query} failed={t('state.listFailed')} height={320}>
          {({ pages }) => {
            const tickets = pages.flatMap((page) => page.tickets);
            if (tickets.length === 0) return <Nothing height={200}>{t(`tickets.none.${status}`)}</Nothing>;
            return <TicketTable guildId={guild} tickets={tickets} isClosed={status === 'closed'} />;
          }}
        </ChartOf>
      </Card>
      {query.hasNextPage && (
        <div>
          <button
            type="button"
            className="btn"
            disabled={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {t('tickets.more')}
          </button>
        </div>
      )}
    </Page>
  );
};

const TicketTable = ({ guildId, tickets, isClosed }: { guildId: string; tickets: TicketRow[]; isClosed: boolean }) => {
  const { t } = useLanguage();
  return (
    <section className="scroll" tabIndex={0} aria-label={t('tickets.table')}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t('ticket.number')}</th>
            <th scope="col" className="hide">
              {t('ticket.panel')}
            </th>
            <th scope="col">{t('ticket.opener')}</th>
            <th scope="col">{t('ticket.state')}</th>
            <th scope="col" className="hide">
              {t('ticket.claimedBy')}
            </th>
            {isClosed && (
              <th scope="col" className="num hide">
                {t('ticket.rating')}
              </th>
            )}
            <th scope="col" className="num hide">
              {t(isClosed ? 'ticket.closedAt' : 'ticket.openedAt')}
            </th>
          </tr>
        </thead>
        <tbody>
          {tickets.map((ticket) => (
            <Row key={ticket.id} guildId={guildId} ticket={ticket} isClosed={isClosed} />
          ))}
        </tbody>
      </table>
    </section>
  );
};

const Row = ({ guildId, ticket, isClosed }: { guildId: string; ticket: TicketRow; isClosed: boolean }) => {
  const { t } = useLanguage();
  return (
    <tr>
      <th scope="row">
        <Link to="/dashboard/$guild/tickets/$ticket" params={{ guild: guildId, ticket: String(ticket.id) }}>
          #{ticket.displayNo}
        </Link>
      </th>
      <td className="hide">{ticket.panelName ?? t('ticket.noPanel')}</td>
      <td>{ticket.opener.name}</td>
      <td>
        <Status ticket={ticket} /> {ticket.problem !== null && <span className="muted hide">{ticket.problem}</span>}
      </td>
      <td className="hide">{ticket.claimedBy?.name ?? NONE}</td>
      {isClosed && <td className="num hide">{ticket.rating ?? NONE}</td>}
      <td className="num muted hide">
        <Moment at={(isClosed ? ticket.closedAt : null) ?? ticket.openedAt} />
      </td>
    </tr>
  );
};
