import type { ReactNode } from 'react';
import type { MetricName } from '#analytics/metrics/registry.ts';
import type { Duration } from '#analytics/query/types.ts';
import { useLanguage } from '../app/language.ts';
import { DeltaMark } from './delta.tsx';
import { DurationFigure } from './figure.tsx';

/** Mean, median and p90 stand together, the mean largest: durations are skewed, and one forgotten ticket ruins a mean. */
export const Trio = (props: {
  duration: Duration;
  previous?: Duration;
  metrics: readonly [MetricName, MetricName, MetricName];
  children?: ReactNode;
}) => {
  const { t } = useLanguage();
  const { duration, previous } = props;
  const figures = [
    { key: 'mean', now: duration.mean, before: previous?.mean, metric: props.metrics[0] },
    { key: 'median', now: duration.median, before: previous?.median, metric: props.metrics[1] },
    { key: 'p90', now: duration.p90, before: previous?.p90, metric: props.metrics[2] },
  ] as const;
  return (
    <div className="trio">
      {figures.map(({ key, now, before, metric }, index) => (
        <div key={key}>
          <DurationFigure seconds={now} isSecond={index > 0} />
          <div className="sub">
            {t(`figure.${key}`)} <DeltaMark now={now} before={before ?? null} metric={metric} />
          </div>
        </div>
      ))}
      {props.children}
    </div>
  );
};
