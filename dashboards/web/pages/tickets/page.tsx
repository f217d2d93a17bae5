import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useLanguage } from '../../app/language.ts';
import { ticketQuery, transcriptQuery } from '../../data/queries.ts';
import { ApiError } from '../../data/request.ts';
import { Card } from '../../parts/card.tsx';
import { ChartOf } from '../../parts/read.tsx';
import { Alert, Nothing } from '../../parts/states.tsx';
import { Live } from '../../shell/live.tsx';
import { Page } from '../../shell/page.tsx';
import { Answers, Details, History } from './details.tsx';
import { Status } from './status.tsx';
import { Talk } from './talk.tsx';

const route = getRouteApi('/dashboard/$guild/tickets/$ticket');

/** One ticket: what was said, what is known of it, what happened to it. */
export const TicketPage = () => {
  const { t } = useLanguage();
  const { guild, ticket: ticketId } = route.useParams();
  const ticketRead = useQuery(ticketQuery(guild, ticketId));
  const transcript = useQuery(transcriptQuery(guild, ticketId));
  const { data: ticket, error } = ticketRead;
  if (!ticket && error instanceof ApiError && (error.status === 404 || error.status === 400)) {
    return (
      <Page title={t('ticket.unknown')}>
        <Nothing height={240}>{t('ticket.unknownText')}</Nothing>
      </Page>
    );
  }
  const title = ticket ? t('ticket.title', { no: ticket.displayNo }) : t('ticket.one');
  const tools = (
    <div className="bar">
      {ticket && <Status ticket={ticket} />}
      <Live updatedAt={transcript.dataUpdatedAt} spoken="" />
    </div>
  );
  return (
    <Page title={title} lead={ticket?.panelName ?? t('ticket.noPanel')} tools={tools}>
      {ticket?.problem && (
        <Alert tone="bad" title={t('ticket.hindered')}>
          {ticket.problem}
        </Alert>
      )}
      <div className="grid">
        <Card span={8} title={t('ticket.transcript')} end={t('time.utc')}>
          <ChartOf read={transcript} failed={t('ticket.transcriptFailed')} height={320}>
            {(data) => <Talk transcript={data} />}
          </ChartOf>
        </Card>
        <div className="c4 stack">
          <Card span={12} title={t('ticket.details')}>
            <ChartOf read={ticketRead} failed={t('ticket.failed')} height={160}>
              {(data) => <Details ticket={data} guildId={guild} />}
            </ChartOf>
          </Card>
          {ticket && ticket.answers.length > 0 && (
            <Card span={12} title={t('ticket.answers')}>
              <Answers answers={ticket.answers} />
            </Card>
          )}
          {ticket && (
            <Card span={12} title={t('ticket.history')}>
              <History changes={ticket.history} />
            </Card>
          )}
        </div>
      </div>
    </Page>
  );
};
