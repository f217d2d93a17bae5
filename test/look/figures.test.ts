import { Errors } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { overview, userFigures } from '#api/schemas/figures.ts';
import { ticketRow } from '#api/schemas/ticket.ts';
import { closedRows, ticketRows } from './conversation.ts';
import { overviewOf, userOf } from './figures.ts';

describe('the invented answers', () => {
  it.each([7, 30, 90] as const)('have the shape of the API for %i days', (days) => {
    expect(Errors(overview, overviewOf(days))).toEqual([]);
    expect(Errors(overview, overviewOf(days, []))).toEqual([]);
    expect(Errors(userFigures, userOf('1180000000000000000', days))).toEqual([]);
  });
  it('have tickets as the API lists them', () => {
    for (const row of [...ticketRows, ...closedRows]) expect(Errors(ticketRow, row)).toEqual([]);
  });
  it('agree with each other', () => {
    const figures = overviewOf(30);
    expect(figures.rating.stars.reduce((sum, n) => sum + n, 0)).toBe(figures.rating.count);
    expect(figures.arrivals.flat().reduce((sum, n) => sum + n, 0)).toBe(figures.tickets.d30);
    expect(figures.lastFiveDays[0]).toEqual(figures.perDay.at(-1));
  });
});
