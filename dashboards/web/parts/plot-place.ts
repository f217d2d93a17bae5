import type { CSSProperties } from 'react';

/** A place of a chart: its column, and its row where it has several. */
export type Place = { x: number; y: number };
type Size = { columns: number; rows: number };

const clamp = (n: number, size: number) => Math.min(Math.max(n, 0), size - 1);

/** Where an arrow key leads from a place; nowhere for any other key. Charts run from left to right in every language. */
export const move = (key: string, from: Place | null, { columns, rows }: Size): Place | null => {
  const keys = ['ArrowLeft', 'ArrowRight', 'Home', 'End', ...(rows > 1 ? ['ArrowUp', 'ArrowDown'] : [])];
  if (!keys.includes(key) || columns === 0) return null;
  if (from === null) return key === 'ArrowLeft' || key === 'End' ? { x: columns - 1, y: 0 } : { x: 0, y: 0 };
  const x = { ArrowLeft: from.x - 1, ArrowRight: from.x + 1, Home: 0, End: columns - 1 }[key] ?? from.x;
  const y = { ArrowUp: from.y - 1, ArrowDown: from.y + 1 }[key] ?? from.y;
  return { x: clamp(x, columns), y: clamp(y, rows) };
};

/** A tooltip beside a point, on the side with more room, never beyond the chart's edges. */
export const tipStyle = ({ x, y }: Place, width: number, height: number): CSSProperties => ({
  ...(x < width / 2 ? { left: x + 12 } : { right: width - x + 12 }),
  ...(y < height / 2 ? { top: Math.max(0, y - 8) } : { bottom: Math.max(0, height - y - 8) }),
});
