import type { EChartsOption } from 'echarts';
import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { useLanguage } from '../app/language.ts';
import { type Chart, createChart } from './chart.ts';
import { move, type Place, tipStyle } from './plot-place.ts';

/** What may be pointed at: `columns` × `rows` places, each with what its tooltip says. */
export type Points = {
  columns: number;
  rows: number;
  /** The height of the value at a column, on the value axis; heat maps have none. */
  valueAt?: (column: number) => number;
  tip: (place: Place) => ReactNode;
};

/** A drawing without axes that says nothing by itself. */
export const Spark = ({ option }: { option: EChartsOption }) => {
  const box = useRef<HTMLDivElement>(null);
  useChart(box, option);
  return (
    <div className="spark plot" aria-hidden="true" dir="ltr">
      <div ref={box} className="canvas" />
    </div>
  );
};

/** A chart: an image with one sentence; its points by hovering, and by the arrow keys when it has the focus. */
export const Plot = (props: { option: EChartsOption; label: string; height: number; points: Points }) => {
  const { t } = useLanguage();
  const box = useRef<HTMLDivElement>(null);
  const chart = useChart(box, props.option);
  const [place, setPlace] = useState<Place | null>(null);
  const [isByKey, setByKey] = useState(false);
  const { points } = props;

  const onPointer = (event: PointerEvent<HTMLDivElement>) => {
    const area = event.currentTarget.getBoundingClientRect();
    const found = chart.current?.convertFromPixel({ gridIndex: 0 }, [
      event.clientX - area.left,
      event.clientY - area.top,
    ]);
    setByKey(false);
    if (!Array.isArray(found)) return;
    const [x, y] = [Math.round(Number(found[0])), points.rows > 1 ? Math.round(Number(found[1])) : 0];
    const isInside = x >= 0 && x < points.columns && y >= 0 && y < points.rows;
    setPlace(isInside ? { x, y } : null);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && place) {
      setPlace(null);
      event.stopPropagation();
      return;
    }
    const next = move(event.key, place, points);
    if (!next) return;
    event.preventDefault();
    setByKey(true);
    setPlace(next);
  };

  const isShown = place !== null && place.x < points.columns;
  return (
    <div className="plot" dir="ltr" style={{ minBlockSize: props.height, blockSize: props.height }}>
      <div
        className="plot"
        style={{ blockSize: '100%' }}
        role="img"
        aria-label={props.label}
        aria-description={t('chart.keys')}
        tabIndex={0}
        onPointerMove={onPointer}
        onPointerLeave={() => setPlace(null)}
        onBlur={() => setPlace(null)}
        onKeyDown={onKey}
      >
        <div ref={box} className="canvas" />
      </div>
      {isShown && chart.current && <Pointed chart={chart.current} place={place} points={points} />}
      <span className="sr" aria-live="polite">
        {isShown && isByKey && points.tip(place)}
      </span>
    </div>
  );
};

const pixel = (chart: Chart, x: number, y: number): Place => {
  const found = chart.convertToPixel({ gridIndex: 0 }, [x, y]);
  const [left = 0, top = 0] = Array.isArray(found) ? found.map(Number) : [];
  return { x: left, y: top };
};

/** The point or cell pointed at, and its tooltip. */
const Pointed = ({ chart, place, points }: { chart: Chart; place: Place; points: Points }) => {
  const { x, y } = pixel(chart, place.x, points.valueAt?.(place.x) ?? place.y);
  const [first, next] = [pixel(chart, 0, 0), pixel(chart, 1, 1)];
  const [width, height] = [Math.abs(next.x - first.x), Math.abs(next.y - first.y)];
  return (
    <>
      {points.valueAt ? (
        <span className="rule" style={{ left: x, height: pixel(chart, place.x, 0).y }} />
      ) : (
        <span className="ring" style={{ left: x - width / 2, top: y - height / 2, width, height }} />
      )}
      <div className="tip" aria-hidden="true" style={tipStyle({ x, y }, chart.getWidth(), chart.getHeight())}>
        {points.tip(place)}
      </div>
    </>
  );
};

const useChart = (box: React.RefObject<HTMLDivElement | null>, option: EChartsOption) => {
  const chart = useRef<Chart>(undefined);
  useEffect(() => {
    if (!box.current) return;
    const made = createChart(box.current);
    chart.current = made;
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(box.current);
    return () => {
      observer.disconnect();
      made.dispose();
      chart.current = undefined;
    };
  }, [box]);
  useEffect(() => chart.current?.setOption(option, { notMerge: true }), [option]);
  return chart;
};
