import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { spark } from '#analytics/plot/options.ts';
import type { Overview } from '#analytics/query/types.ts';
import { useLanguage } from '../../app/language.ts';
import { StatCard } from '../../parts/card.tsx';
import { DeltaMark } from '../../parts/delta.tsx';
import { Figure } from '../../parts/figure.tsx';
import { usePalette } from '../../parts/palette.ts';
import { Spark } from '../../parts/plot.tsx';
import { FigureOf, type Read } from '../../parts/read.tsx';
import { Trio } from '../../parts/trio.tsx';

/** First response, who waits for it now, and what members thought of it. */
export const Headline = ({ guildId, overview }: { guildId: string; overview: Read<Overview> }) => {
  const { t, f } = useLanguage();
  return (
    <>
      <StatCard span={6} name={t('analytics.firstResponse')} metric="firstResponseMean">
        <FigureOf read={overview}>{(data) => ({ figure: <FirstResponse data={data} /> })}</FigureOf>
      </StatCard>
      <StatCard span={3} name={t('analytics.awaiting')} metric="awaitingFirstResponse">
        <FigureOf read={overview}>
          {({ status }) => ({
            figure: (
              <Figure
                value={f.count(status.awaitingFirstResponse)}
                unit={t('unit.tickets', { count: status.awaitingFirstResponse })}
              />
            ),
            sub:
              status.oldestWaitingS === null ? (
                t('analytics.nobodyWaits')
              ) : (
                <Link to="/dashboard/$guild/tickets" params={{ guild: guildId }}>
                  {t('analytics.oldest', { duration: f.duration(status.oldestWaitingS) })}
                </Link>
              ),
          })}
        </FigureOf>
      </StatCard>
      <StatCard span={3} name={t('analytics.satisfaction')} metric="ratingMean">
        <FigureOf read={overview}>
          {({ rating }) => ({
            figure: <Figure value={f.stars(rating.mean)} unit={rating.mean === null ? '' : t('unit.ofFive')} />,
            sub:
              rating.mean === null ? (
                t(rating.allTimeCount === 0 ? 'analytics.noRatingsYet' : 'analytics.noRatings')
              ) : (
                <>
                  <DeltaMark now={rating.mean} before={rating.previousMean} metric="ratingMean" />{' '}
                  {t('unit.ratings', { count: rating.count, shown: f.count(rating.count) })}
                </>
              ),
          })}
        </FigureOf>
      </StatCard>
    </>
  );
};

const FirstResponse = ({ data }: { data: Overview }) => {
  const palette = usePalette();
  const { window, previous, trend } = data.firstResponse;
  const option = useMemo(() => spark(palette, trend), [palette, trend]);
  const hasTrend = trend.filter((value) => value !== null).length > 1;
  return (
    <Trio
      duration={window}
      previous={previous}
      metrics={['firstResponseMean', 'firstResponseMedian', 'firstResponseP90']}
    >
      {hasTrend && <Spark option={option} />}
    </Trio>
  );
};
