import { useMemo } from 'react';
import { heat } from '#analytics/plot/hour-options.ts';
import type { Overview } from '#analytics/query/types.ts';
import { useLanguage } from '../../app/language.ts';
import { ChartCard, type ChartTable } from '../../parts/chart-card.tsx';
import { useIsPhone, usePalette } from '../../parts/palette.ts';
import { Plot } from '../../parts/plot.tsx';

/** Weekday × hour of the last 30 days, with the peak hour. */
export const Arrivals = ({ data }: { data: Overview }) => {
  const { t, f } = useLanguage();
  const palette = usePalette();
  const isPhone = useIsPhone();
  const { arrivals, peakHour } = data;
  const shape = isPhone ? { step: 6, isLabelled: false, radius: 2 } : {};
  const option = useMemo(() => heat(palette, f, arrivals, shape), [palette, f, arrivals, isPhone]);
  const total = arrivals.flat().reduce((sum, n) => sum + n, 0);
  const most = Math.max(0, ...arrivals.flat());
  const peak =
    peakHour === null ? '' : t('analytics.peak', { from: f.hour(peakHour), to: f.hour((peakHour + 1) % 24) });
  const note = peak ? `${peak}, ${t('window.inLast', { n: 30 })}` : t('window.inLast', { n: 30 });
  const table: ChartTable = {
    head: [t('chart.weekday'), ...Array.from({ length: 24 }, (_, h) => String(h).padStart(2, '0'))],
    rows: arrivals.map((row, day) => ({
      key: String(day),
      cells: [f.weekdayNames[day] ?? '', ...row.map((n) => f.count(n))],
    })),
  };
  const title = t('analytics.arrivals');
  const height = isPhone ? 190 : 226;
  return (
    <ChartCard
      span={8}
      title={title}
      note={note}
      legend={most > 0 && <Ramp most={most} />}
      height={height}
      table={table}
    >
      <Plot
        option={option}
        label={peak ? `${title}, ${note}` : t('chart.none', { title })}
        height={height}
        points={{
          columns: 24,
          rows: 7,
          tip: ({ x, y }) => <CellTip day={y} hour={x} n={arrivals[y]?.[x] ?? 0} total={total} />,
        }}
      />
    </ChartCard>
  );
};

const Ramp = ({ most }: { most: number }) => {
  const { f } = useLanguage();
  const { sequential } = usePalette();
  return (
    <span className="ramp hide" aria-hidden="true">
      <span>{f.count(0)}</span>
      {sequential.map((colour) => (
        <i key={colour} style={{ background: colour }} />
      ))}
      <span>{f.count(most)}</span>
    </span>
  );
};

const CellTip = ({ day, hour, n, total }: { day: number; hour: number; n: number; total: number }) => {
  const { t, f } = useLanguage();
  const span = `${f.weekdayNames[day]} ${f.hour(hour)}–${f.hour((hour + 1) % 24)} UTC`;
  return (
    <>
      <b>{span}</b>
      {t('analytics.cell', { count: n, shown: f.count(n), share: f.share(total === 0 ? 0 : n / total, true) })}
    </>
  );
};
