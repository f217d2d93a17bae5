import { useMemo } from 'react';
import { hours } from '#analytics/plot/hour-options.ts';
import { useLanguage } from '../app/language.ts';
import type { Span } from './card.tsx';
import { ChartCard } from './chart-card.tsx';
import { usePalette } from './palette.ts';
import { Plot } from './plot.tsx';
import { Nothing } from './states.tsx';

/** 24 bars, one for each hour of the day, all time. */
export const HoursCard = (props: {
  span: Span;
  title: string;
  unit: string;
  values: readonly number[];
  height: number;
}) => {
  const { t, f } = useLanguage();
  const palette = usePalette();
  const { title, unit, values, height } = props;
  const option = useMemo(() => hours(palette, f, values), [palette, f, values]);
  const span = (h: number) => `${f.hour(h)}–${f.hour((h + 1) % 24)}`;
  const most = Math.max(0, ...values);
  const table = {
    head: [t('chart.hour'), unit],
    rows: values.map((n, h) => ({ key: String(h), cells: [span(h), f.count(n)] })),
  };
  return (
    <ChartCard
      span={props.span}
      title={title}
      legend={<span>{t('user.utcAllTime')}</span>}
      height={height}
      table={table}
    >
      {most === 0 ? (
        <Nothing height={height}>{t('chart.none', { title })}</Nothing>
      ) : (
        <Plot
          option={option}
          label={t('chart.hoursSentence', { title, most: f.count(most), span: span(values.indexOf(most)) })}
          height={height}
          points={{
            columns: 24,
            rows: 1,
            valueAt: (hour) => values[hour] ?? 0,
            tip: ({ x }) => (
              <>
                <b>{span(x)} UTC</b>
                {f.count(values[x] ?? 0)} {unit}
              </>
            ),
          }}
        />
      )}
    </ChartCard>
  );
};
