import type { ReactNode } from 'react';
import { type MetricName, metrics } from '#analytics/metrics/registry.ts';
import { Info } from './info.tsx';

export type Span = 3 | 4 | 5 | 6 | 7 | 8 | 12;

/** A card with a title: its window or caveat beside it, key and tools at the end. */
export const Card = (props: { span: Span; title: string; note?: ReactNode; end?: ReactNode; children: ReactNode }) => (
  <section className={`card c${props.span}`}>
    <header>
      <h2>{props.title}</h2>
      {props.note && <span className="note">{props.note}</span>}
      {props.end && <span className="end">{props.end}</span>}
    </header>
    {props.children}
  </section>
);

/** A figure's label with its definition. As a card's title it is a heading, inside a strip it is not. */
export const Label = ({ name, metric, isTitle }: { name: string; metric?: MetricName; isTitle?: boolean }) => {
  const Name = isTitle ? 'h2' : 'span';
  return (
    <div className="label">
      <Name className="label">{name}</Name>
      {metric && <Info name={name} definition={metrics[metric].doc} />}
    </div>
  );
};

/** A card that is one figure. */
export const StatCard = (props: { span: Span; name: string; metric?: MetricName; children: ReactNode }) => (
  <section className={`card c${props.span}`}>
    <Label name={props.name} metric={props.metric} isTitle />
    {props.children}
  </section>
);

/** A row of figures of one kind; `Cell`s inside. */
export const Strip = ({ label, size, children }: { label: string; size?: 'four' | 'five'; children: ReactNode }) => (
  <section className={`card strip ${size ?? ''}`} aria-label={label}>
    {children}
  </section>
);

/** One figure of a strip: label, value, and what it is part of or was before. */
export const Cell = (props: { name: string; metric?: MetricName; children: ReactNode }) => (
  <div>
    <Label name={props.name} metric={props.metric} />
    {props.children}
  </div>
);
