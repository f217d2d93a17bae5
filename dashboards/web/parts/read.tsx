import type { ReactNode } from 'react';
import { NONE } from '#analytics/plot/format.ts';
import { Figure } from './figure.tsx';
import { ChartBones, Failure, FigureBones, FigureFailure } from './states.tsx';

/** What a card needs of a query: its data (kept while newer is read), why it failed, and another try. */
export type Read<T> = { data: T | undefined; error: Error | null; refetch: () => unknown };

/** A figure and the line under it, in every state. */
export const FigureOf = <T,>(props: {
  read: Read<T>;
  children: (data: T) => { figure: ReactNode; sub?: ReactNode };
}) => {
  const { data, error, refetch } = props.read;
  if (data === undefined && error) {
    return (
      <>
        <Figure value={NONE} />
        <FigureFailure onRetry={() => void refetch()} />
      </>
    );
  }
  if (data === undefined) return <FigureBones />;
  const { figure, sub } = props.children(data);
  return (
    <>
      {figure}
      {sub && <div className="sub">{sub}</div>}
    </>
  );
};

/** A chart or list, in every state; `height` is kept, so that nothing jumps. */
export const ChartOf = <T,>(props: {
  read: Read<T>;
  failed: string;
  height: number;
  children: (data: T) => ReactNode;
}) => {
  const { data, error, refetch } = props.read;
  if (data !== undefined) return props.children(data);
  if (!error) return <ChartBones height={props.height} />;
  return <Failure error={error} title={props.failed} height={props.height} onRetry={() => void refetch()} />;
};
