import { useMemo } from 'react';
import { labelStep, type Point } from '#analytics/plot/frame.ts';
import { dayBars, perDay } from '#analytics/plot/options.ts';
import { periodFacts } from '#analytics/plot/period.ts';
import { useLanguage } from '../app/language.ts';
import type { Span } from './card.tsx';
import { ChartCard, type ChartTable } from './chart-card.tsx';
import { useIsPhone, usePalette } from './palette.ts';
import { Plot } from './plot.tsx';

type Days = { title: string; days: readonly Point[]; previous: readonly Point[] };

/** The chart of a period against the one before it, as a card that is also a table. */
export const PerDayCard = (props: Days & { span: Span; height: number; note?: string }) => {
  const { t, f } = useLanguage();
  const n = props.days.length;
  const hasPrevious = props.previous.length > 0;
  const table: ChartTable = {
    head: [t('chart.day'), t('window.last', { n }), ...(hasPrevious ? [t('window.before', { n })] : [])],
    rows: props.days.map((day, index) => ({
      key: String(day.at),
      cells: [f.fullDay(day.at), f.count(day.n), ...(hasPrevious ? [f.count(props.previous[index]?.n ?? 0)] : [])],
    })),
  };
  const legend = (
    <>
      {hasPrevious && <span className="key hide">{t('window.last', { n })}</span>}
      {hasPrevious && <span className="key prev">{t('window.before', { n })}</span>}
      <span className="key hollow">{t('chart.today')}</span>
    </>
  );
  return (
    <ChartCard
      span={props.span}
      title={props.title}
      note={props.note}
      legend={legend}
      height={props.height}
      table={table}
    >
      <PerDayPlot {...props} />
    </ChartCard>
  );
};

const PerDayPlot = ({ title, days, previous, height }: Days & { height: number }) => {
  const { f } = useLanguage();
  const palette = usePalette();
  const isPhone = useIsPhone();
  const option = useMemo(() => {
    const step = labelStep(days.length, isPhone);
    return previous.length > 0 ? perDay(palette, f, days, previous, step) : dayBars(palette, f, days, step);
  }, [palette, f, days, previous, isPhone]);
  const label = useSentence({ title, days, previous });
  return (
    <Plot
      option={option}
      label={label}
      height={height}
      points={{
        columns: days.length,
        rows: 1,
        valueAt: (column) => days[column]?.n ?? 0,
        tip: ({ x }) => <DayTip days={days} previous={previous} index={x} />,
      }}
    />
  );
};

const DayTip = ({ days, previous, index }: { days: readonly Point[]; previous: readonly Point[]; index: number }) => {
  const { t, f } = useLanguage();
  const [day, before] = [days[index], previous[index]];
  if (!day) return null;
  const n = days.length;
  const isToday = index === n - 1;
  return (
    <>
      <b>
        {f.fullDay(day.at)}
        {isToday && ` · ${t('chart.today')}`}
      </b>
      <table>
        <tbody>
          <tr>
            <th scope="row">
              <span className="key">{t('window.last', { n })}</span>
            </th>
            <td>{f.count(day.n)}</td>
          </tr>
          {before && (
            <tr>
              <th scope="row">
                <span className="key prev">{f.day(before.at)}</span>
              </th>
              <td>{f.count(before.n)}</td>
            </tr>
          )}
        </tbody>
      </table>
    </>
  );
};

const sum = (days: readonly Point[]) => days.reduce((total, day) => total + day.n, 0);

/** Rule 9's sentence. Today is not over, so the comparison leaves it out, here and in the period before. */
const useSentence = ({ title, days, previous }: Days): string => {
  const { t, f } = useLanguage();
  const facts = periodFacts(f, days);
  if (!facts) return t('chart.none', { title });
  const said = t('chart.sentence', { title, ...facts, total: f.count(facts.total), most: f.count(facts.most) });
  const delta = f.delta(sum(days.slice(0, -1)), sum(previous.slice(0, -1)), null);
  if (delta.kind !== 'changed') return said;
  return `${said} ${t(`chart.change.${delta.direction}`, { amount: delta.amount, n: days.length })}`;
};
