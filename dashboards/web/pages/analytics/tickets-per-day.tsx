import type { DayOpened, Overview } from '#analytics/query/types.ts';
import { useLanguage } from '../../app/language.ts';
import { Card } from '../../parts/card.tsx';
import { PerDayCard } from '../../parts/per-day.tsx';
import type { Read } from '../../parts/read.tsx';
import { Nothing } from '../../parts/states.tsx';
import { ChartInCard } from './chart-in-card.tsx';
import { useSetDays } from '../../parts/window-filter.tsx';

const points = (days: readonly DayOpened[]) => days.map((day) => ({ at: Date.parse(day.at), n: day.opened }));

/** Tickets per day against the days before, or why there is nothing to draw. */
export const TicketsPerDay = ({ overview, height }: { overview: Read<Overview>; height: number }) => {
  const { t } = useLanguage();
  const title = t('analytics.perDay');
  return (
    <ChartInCard overview={overview} title={title} height={height}>
      {(data) => {
        const [days, previous] = [points(data.perDay), points(data.perDayPrevious)];
        const isSome = [...days, ...previous].some((day) => day.n > 0);
        if (isSome) return <PerDayCard span={8} title={title} days={days} previous={previous} height={height} />;
        return (
          <Card span={8} title={title}>
            {data.tickets.ever === 0 ? (
              <Nothing height={190}>{t('analytics.firstStarts')}</Nothing>
            ) : (
              <NoneInPeriod data={data} height={height} />
            )}
          </Card>
        );
      }}
    </ChartInCard>
  );
};

const NoneInPeriod = ({ data, height }: { data: Overview; height: number }) => {
  const { t, f } = useLanguage();
  const setDays = useSetDays();
  const longer = data.days === 7 ? 30 : 90;
  const [from = 0, to = 0] = [data.perDay[0]?.at, data.perDay.at(-1)?.at].map((at) => Date.parse(at ?? ''));
  const wider = (
    <button type="button" className="btn" onClick={() => setDays(longer)}>
      {t('window.show', { n: longer })}
    </button>
  );
  return (
    <Nothing
      height={height}
      title={t('chart.noneIn', { from: f.day(from), to: f.day(to) })}
      action={data.days < 90 && wider}
    >
      {t('chart.everStands', { ever: f.count(data.tickets.ever) })}
    </Nothing>
  );
};
