import type { Overview } from '#analytics/query/types.ts';
import { useLanguage } from '../../app/language.ts';
import { Card } from '../../parts/card.tsx';
import { RankedList } from '../../parts/ranked-list.tsx';
import { ChartOf, type Read } from '../../parts/read.tsx';
import { Nothing } from '../../parts/states.tsx';

type Props = { overview: Read<Overview>; height: number };

/** The last five UTC days, today first and hollow because it is not over. */
export const LastFiveDays = ({ overview, height }: Props) => {
  const { t, f } = useLanguage();
  const title = t('analytics.lastFive');
  return (
    <Card span={4} title={title} end={t('analytics.ticketsOpened')}>
      <ChartOf read={overview} failed={t('state.listFailed')} height={height}>
        {(data) => (
          <RankedList
            label={title}
            rows={data.lastFiveDays.map((day, index) => ({
              key: day.at,
              name: f.fullDay(Date.parse(day.at)),
              n: day.opened,
              isHollow: index === 0,
            }))}
          />
        )}
      </ChartOf>
    </Card>
  );
};

/** The ten panels with the most tickets, all time. */
export const Panels = ({ overview, height }: Props) => {
  const { t } = useLanguage();
  const title = t('analytics.panels');
  return (
    <Card span={4} title={title} end={t('window.allTime')}>
      <ChartOf read={overview} failed={t('state.listFailed')} height={height}>
        {(data) =>
          data.panels.length === 0 ? (
            <Nothing height={height}>{t('analytics.noPanels')}</Nothing>
          ) : (
            <RankedList
              label={title}
              rows={data.panels.map((panel) => ({
                key: String(panel.panelId),
                name: panel.panelId === null ? t('ticket.noPanel') : panel.name,
                n: panel.opened,
                share: panel.share,
              }))}
            />
          )
        }
      </ChartOf>
    </Card>
  );
};

/** Ratings of the window by stars, five first. */
export const Ratings = ({ overview, height }: Props) => {
  const { t } = useLanguage();
  const title = t('analytics.ratings');
  const days = overview.data?.days;
  return (
    <Card span={4} title={title} end={days === undefined ? '' : t('window.inLast', { n: days })}>
      <ChartOf read={overview} failed={t('state.listFailed')} height={height}>
        {({ rating }) =>
          rating.count === 0 ? (
            <Nothing height={height}>
              {t(rating.allTimeCount === 0 ? 'analytics.noRatingsYet' : 'analytics.noRatings')}
            </Nothing>
          ) : (
            <RankedList
              label={title}
              rows={[5, 4, 3, 2, 1].map((stars) => {
                const n = rating.stars[stars - 1] ?? 0;
                return { key: String(stars), name: t('unit.stars', { count: stars }), n, share: n / rating.count };
              })}
            />
          )
        }
      </ChartOf>
    </Card>
  );
};
