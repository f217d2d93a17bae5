import type { MetricName } from '#analytics/metrics/registry.ts';
import { useLanguage } from '../app/language.ts';
import { DeltaMark } from './delta.tsx';

/** The line under a count: its change against the period before, and what it was then. */
export const Before = ({ now, before, metric }: { now: number; before: number; metric: MetricName }) => {
  const { t, f } = useLanguage();
  if (now === 0 && before === 0) return t('figure.noneInPeriod');
  return (
    <>
      <DeltaMark now={now} before={before} metric={metric} />{' '}
      {before > 0 && t('figure.from', { before: f.count(before) })}
    </>
  );
};
