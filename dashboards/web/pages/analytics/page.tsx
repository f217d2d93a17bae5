import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { Overview } from '#analytics/query/types.ts';
import { useLanguage } from '../../app/language.ts';
import { parseDays } from '../../app/window.ts';
import { overviewQuery } from '../../data/queries.ts';
import { Page } from '../../shell/page.tsx';
import type { Read } from '../../parts/read.tsx';
import { Alert } from '../../parts/states.tsx';
import { Live } from '../../shell/live.tsx';
import { LookUp } from '../../shell/look-up.tsx';
import { Arrivals } from './arrivals.tsx';
import { FirstSteps } from './first-steps.tsx';
import { ChartInCard } from './chart-in-card.tsx';
import { WindowFilter } from '../../parts/window-filter.tsx';
import { Headline } from './headline.tsx';
import { LastFiveDays, Panels, Ratings } from './lists.tsx';
import { ResponseTrend } from './response-trend.tsx';
import { TicketStrip } from './strip.tsx';
import { TicketsPerDay } from './tickets-per-day.tsx';

const HEIGHT = 226;
const LOW = 186;
/** From here on a reader is told that the counts are behind. */
const BEHIND_S = 60;

const route = getRouteApi('/dashboard/$guild/analytics');

/** The analytics page of a server (seed 000). */
export const AnalyticsPage = () => {
  const { t, f } = useLanguage();
  const { guild } = route.useParams();
  const days = parseDays(route.useSearch().days);
  const query = useQuery(overviewQuery(guild, days));
  const overview: Read<Overview> = query;
  const { data } = query;
  const isEmpty = data?.tickets.ever === 0;
  return (
    <Page title={t('analytics.title')} lead={t('analytics.lead')} tools={<LookUp guildId={guild} />}>
      {data && data.lag.seconds > BEHIND_S && (
        <Alert title={t('state.behind', { duration: f.longDuration(data.lag.seconds) })}>{t('state.behindWhy')}</Alert>
      )}
      {isEmpty && <FirstSteps guildId={guild} />}
      <TicketStrip overview={overview} />
      <div className="bar">
        <WindowFilter days={days} />
        <Live updatedAt={query.dataUpdatedAt} spoken={data ? spokenStatus(data, t) : ''} />
      </div>
      <div className="grid">
        <Headline guildId={guild} overview={overview} />
        <TicketsPerDay overview={overview} height={HEIGHT} />
        {!isEmpty && (
          <>
            <LastFiveDays overview={overview} height={HEIGHT} />
            <ChartInCard overview={overview} title={t('analytics.arrivals')} height={HEIGHT}>
              {(it) => <Arrivals data={it} />}
            </ChartInCard>
          </>
        )}
        <Panels overview={overview} height={HEIGHT} />
        {!isEmpty && (
          <>
            <ChartInCard overview={overview} title={t('analytics.trend')} height={LOW}>
              {(it) => <ResponseTrend data={it} height={LOW} />}
            </ChartInCard>
            <Ratings overview={overview} height={LOW} />
          </>
        )}
      </div>
    </Page>
  );
};

const spokenStatus = ({ status, tickets }: Overview, t: ReturnType<typeof useLanguage>['t']): string =>
  t('live.spoken', { open: status.open, waiting: status.awaitingFirstResponse, d7: tickets.d7 });
