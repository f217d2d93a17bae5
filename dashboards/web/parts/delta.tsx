import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { type MetricName, metrics } from '#analytics/metrics/registry.ts';
import { useLanguage } from '../app/language.ts';

/** The change against the period before: an arrow for the direction, a colour for better or worse, and both in words. */
export const DeltaMark = (props: { now: number | null; before: number | null; metric: MetricName }) => {
  const { t, f } = useLanguage();
  const kind = metrics[props.metric].unit === 'stars' ? 'points' : '%';
  const delta = f.delta(props.now, props.before, metrics[props.metric].better, kind);
  if (delta.kind === 'none') return null;
  if (delta.kind !== 'changed') return <span className="d flat">{t(`delta.${delta.kind}`)}</span>;
  const Arrow = delta.direction === 'up' ? IconArrowUp : IconArrowDown;
  return (
    <span className={`d ${delta.tone}`}>
      <Arrow className="i" aria-hidden />
      <span aria-hidden="true">{delta.amount}</span>
      <span className="sr">{t(`delta.${delta.direction}.${delta.tone}`, { amount: delta.amount })}</span>
    </span>
  );
};
