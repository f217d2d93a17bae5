import type { ReactNode } from 'react';
import type { Overview } from '#analytics/query/types.ts';
import { useLanguage } from '../../app/language.ts';
import { Card } from '../../parts/card.tsx';
import { ChartOf, type Read } from '../../parts/read.tsx';

/** A chart that brings its own card, and a card in its place while it is being read or has failed. */
export const ChartInCard = (props: {
  overview: Read<Overview>;
  title: string;
  height: number;
  children: (data: Overview) => ReactNode;
}) => {
  const { t } = useLanguage();
  const { data } = props.overview;
  if (data) return props.children(data);
  return (
    <Card span={8} title={props.title}>
      <ChartOf read={props.overview} failed={t('state.chartFailed')} height={props.height}>
        {() => null}
      </ChartOf>
    </Card>
  );
};
