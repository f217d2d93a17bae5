import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { Overview } from '#analytics/query/types.ts';
import { useLanguage } from '../app/language.ts';
import { parseDays } from '../app/window.ts';
import { overviewQuery } from '../data/queries.ts';
import { Card } from '../parts/card.tsx';
import { Page } from '../shell/page.tsx';
import { PerDayCard } from '../parts/per-day.tsx';
import { ChartOf, type Read } from '../parts/read.tsx';
import { Alert, Nothing } from '../parts/states.tsx';
import { Live } from '../shell/live.tsx';
import { LookUp } from '../shell/look-up.tsx';
import { Arrivals } from './arrivals.tsx';
import { FirstSteps } from './first-steps.tsx';
import { useSetDays, WindowFilter } from './filters.tsx';
import { Headline } from './headline.tsx';
import { LastFiveDays, Panels, Ratings } from './lists.tsx';
import { ResponseTrend } from './response-trend.tsx';
import { TicketStrip } from './strip.tsx';

const HEIGHT = 226;
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
        <Alert title={t('state.behind', { duration: f.duration(data.lag.seconds) })}>{t('state.behindWhy')}</Alert>
      )}
      {isEmpty && <FirstSteps guildId={guild} />}
      <TicketStrip overview={overview} />
      <div className="bar">
        <WindowFilter days={days} />
        <Live updatedAt={query.dataUpdatedAt} spoken={data ? spokenStatus(data, t) : ''} />
      </div>
      <div className="grid">
        <Headline guildId={guild} overview={overview} />
        <TicketsPerDay overview={overview} />
        <LastFiveDays overview={overview} height={HEIGHT} />
        <ChartInCard overview={overview} title={t('analytics.arrivals')} empty={t('analytics.noArrivals')}>
          {(it) => <Arrivals data={it} />}
        </ChartInCard>
        <Panels overview={overview} height={HEIGHT} />
        <ChartInCard overview={overview} title={t('analytics.trend')} empty={t('analytics.noResponses')}>
          {(it) => <ResponseTrend data={it} height={HEIGHT - 40} />}
        </ChartInCard>
        <Ratings overview={overview} height={HEIGHT - 40} />
      </div>
    </Page>
  );
};

const spokenStatus = ({ status, tickets }: Overview, t: ReturnType<typeof useLanguage>['t']): string =>
  t('live.spoken', { open: status.open, waiting: status.awaitingFirstResponse, d7: tickets.d7 });

/** A chart's card while there is no chart: being read, failed, or nothing to show yet. */
const ChartInCard = (props: {
  overview: Read<Overview>;
  title: string;
  empty: string;
  children: (data: Overview) => React.ReactNode;
}) => {
  const { t } = useLanguage();
  const { data } = props.overview;
  if (data && data.tickets.ever > 0) return props.children(data);
  return (
    <Card span={8} title={props.title}>
      <ChartOf read={props.overview} failed={t('state.chartFailed')} height={HEIGHT}>
        {() => <Nothing height={190}>{props.empty}</Nothing>}
      </ChartOf>
    </Card>
  );
};

const TicketsPerDay = ({ overview }: { overview: Read<Overview> }) => {
  const { t, f } = useLanguage();
  const setDays = useSetDays();
  const title = t('analytics.perDay');
  return (
    <ChartInCard overview={overview} title={title} empty={t('analytics.firstStarts')}>
      {(data) => {
        const days = data.perDay.map((day) => ({ at: Date.parse(day.at), n: day.opened }));
        const previous = data.perDayPrevious.map((day) => ({ at: Date.parse(day.at), n: day.opened }));
        const isNothing = [...days, ...previous].every((day) => day.n === 0);
        if (!isNothing) return <PerDayCard span={8} title={title} days={days} previous={previous} height={HEIGHT} />;
        const longer = data.days === 7 ? 30 : 90;
        return (
          <Card span={8} title={title}>
            <Nothing
              height={HEIGHT}
              title={t('chart.noneIn', { from: f.day(days[0]?.at ?? 0), to: f.day(days.at(-1)?.at ?? 0) })}
              action={
                data.days < 90 && (
                  <button type="button" className="btn" onClick={() => setDays(longer)}>
                    {t('window.show', { n: longer })}
                  </button>
                )
              }
            >
              {t('chart.everStands', { ever: f.count(data.tickets.ever) })}
            </Nothing>
          </Card>
        );
      }}
    </ChartInCard>
  );
};
