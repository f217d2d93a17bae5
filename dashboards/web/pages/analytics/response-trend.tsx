import { useMemo } from 'react';
import { labelStep } from '#analytics/plot/frame.ts';
import { durations } from '#analytics/plot/options.ts';
import type { Overview } from '#analytics/query/types.ts';
import { useLanguage } from '../../app/language.ts';
import { ChartCard } from '../../parts/chart-card.tsx';
import { useIsPhone, usePalette } from '../../parts/palette.ts';
import { Plot } from '../../parts/plot.tsx';
import { Nothing } from '../../parts/states.tsx';

/** For each day of the window the mean first response of the seven days that end with it. */
export const ResponseTrend = ({ data, height }: { data: Overview; height: number }) => {
  const { t, f } = useLanguage();
  const palette = usePalette();
  const isPhone = useIsPhone();
  const { firstResponse, perDay } = data;
  const days = useMemo(
    () => perDay.map((day, index) => ({ at: Date.parse(day.at), seconds: firstResponse.trend[index] ?? null })),
    [perDay, firstResponse.trend],
  );
  const option = useMemo(
    () => durations(palette, f, days, labelStep(days.length, isPhone)),
    [palette, f, days, isPhone],
  );
  const title = t('analytics.trend');
  const table = {
    head: [t('chart.day'), t('figure.mean')],
    rows: days.map((day) => ({ key: String(day.at), cells: [f.fullDay(day.at), f.duration(day.seconds)] })),
  };
  const known = days.filter((day) => day.seconds !== null);
  const newest = known.at(-1);
  return (
    <ChartCard span={8} title={title} note={t('window.inLast', { n: data.days })} height={height} table={table}>
      {newest ? (
        <Plot
          option={option}
          label={t('analytics.trendSentence', { title, now: f.duration(newest.seconds), day: f.day(newest.at) })}
          height={height}
          points={{
            columns: days.length,
            rows: 1,
            valueAt: (column) => days[column]?.seconds ?? 0,
            tip: ({ x }) => (
              <>
                <b>{f.fullDay(days[x]?.at ?? 0)}</b>
                {f.duration(days[x]?.seconds ?? null)}
              </>
            ),
          }}
        />
      ) : (
        <Nothing height={height}>
          {t(firstResponse.allTime.count === 0 ? 'analytics.noResponsesYet' : 'analytics.noResponses')}
        </Nothing>
      )}
    </ChartCard>
  );
};
