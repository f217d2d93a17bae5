import { describe, expect, test } from 'vitest';
import { eventColumns, ticketColumns } from '#tickets/events.ts';
import { type Metric, metrics } from './registry.ts';

describe.each(Object.entries(metrics) as [string, Metric][])('%s', (_, metric) => {
  test('says what it is in sentences', () => {
    expect(metric.doc).toMatch(/^[A-Z].*\.$/);
  });

  test('stands on declared columns', () => {
    if (metric.from === 'now') return;
    const columns: Record<string, unknown> = metric.from === 'event' ? eventColumns : ticketColumns;
    expect(Object.keys(columns)).toContain(metric.at);
    expect(Object.keys(columns)).toContain(metric.person);
    const text = `${metric.value} ${metric.where ?? ''}`.replace(/'[^']*'/g, '');
    const words = text.match(/\b[a-z][a-z_]+\b(?!\()/g) ?? [];
    for (const word of words) expect(Object.keys(columns)).toContain(word);
  });

  test('has no value of its own when nothing was counted, unless it counts', () => {
    expect(metric.empty).toBe(['tickets', 'replies', 'ratings'].includes(metric.unit) ? 0 : null);
  });
});
