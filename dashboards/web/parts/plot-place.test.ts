import { expect, it } from 'vitest';
import { move, tipStyle } from './plot-place.ts';

const line = { columns: 30, rows: 1 };
const week = { columns: 24, rows: 7 };

it('starts at an end of the chart', () => {
  expect(move('ArrowRight', null, line)).toEqual({ x: 0, y: 0 });
  expect(move('ArrowLeft', null, line)).toEqual({ x: 29, y: 0 });
});

it('moves by arrows and stays inside', () => {
  expect(move('ArrowRight', { x: 3, y: 0 }, line)).toEqual({ x: 4, y: 0 });
  expect(move('ArrowRight', { x: 29, y: 0 }, line)).toEqual({ x: 29, y: 0 });
  expect(move('ArrowDown', { x: 3, y: 2 }, week)).toEqual({ x: 3, y: 3 });
  expect(move('ArrowUp', { x: 3, y: 0 }, week)).toEqual({ x: 3, y: 0 });
  expect(move('Home', { x: 9, y: 2 }, week)).toEqual({ x: 0, y: 2 });
  expect(move('End', { x: 9, y: 2 }, week)).toEqual({ x: 23, y: 2 });
});

it('leaves every other key to the page', () => {
  for (const key of ['Tab', 'Enter', 'a', 'PageDown']) expect(move(key, { x: 1, y: 1 }, week)).toBeNull();
  expect(move('ArrowDown', { x: 1, y: 0 }, line)).toBeNull();
  expect(move('ArrowRight', null, { columns: 0, rows: 1 })).toBeNull();
});

it('puts a tooltip on the side with more room', () => {
  expect(tipStyle({ x: 10, y: 10 }, 600, 200)).toEqual({ left: 22, top: 2 });
  expect(tipStyle({ x: 590, y: 190 }, 600, 200)).toEqual({ right: 22, bottom: 2 });
});
