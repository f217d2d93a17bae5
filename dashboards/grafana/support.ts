import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { DynamicConfigValue, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { type Metric, type MetricName, metrics, type Unit } from '#analytics/metrics/registry.ts';
import type { Board } from './board.ts';
import { allPanels, allStaff, compared, comparisonOf, lists, rankingOf, seriesOf, spreadOf } from './figures.ts';
import { bars, figure, lines, list, ranks, thresholds } from './panels.ts';
import { sql } from './queries.ts';
import { choice, clickhouseSource } from './variables.ts';

const units: Record<Unit, { unit: string; decimals?: number; max?: number }> = {
  tickets: { unit: 'short' },
  replies: { unit: 'short' },
  ratings: { unit: 'short' },
  s: { unit: 's', decimals: 1 },
  stars: { unit: 'short', decimals: 2, max: 5 },
  share: { unit: 'percentunit', decimals: 1 },
  hour: { unit: 'short' },
};
const unitOf = (name: MetricName): (typeof units)[Unit] => units[metrics[name].unit];

/** A change is coloured by which way is an improvement, not by its sign. */
const changeOf = (name: MetricName): DynamicConfigValue[] => {
  const { better } = metrics[name];
  return [
    { id: 'unit', value: 'percentunit' },
    { id: 'decimals', value: 0 },
    { id: 'thresholds', value: thresholds(better ? { at: 0, below: better === 'higher' } : undefined).build() },
  ];
};

const card = (title: string, name: MetricName): Builder<Panel> =>
  figure({
    title,
    doc: `${metrics[name].doc} Beside it the equally long time before, and the change.`,
    ...unitOf(name),
    queries: [sql(comparisonOf(name), 'table')],
    span: 8,
    height: 4,
    fields: { [compared.change]: changeOf(name) },
  });

const trio = (what: 'firstResponse' | 'duration'): Record<string, MetricName> => ({
  Mean: `${what}Mean`,
  Median: `${what}Median`,
  '90th percentile': `${what}P90`,
});

const cards: readonly (readonly [title: string, name: MetricName])[] = [
  ['Tickets opened', 'ticketsOpened'],
  ['Tickets closed', 'ticketsClosed'],
  ['Tickets answered', 'ticketsAnswered'],
  ['First response, mean', 'firstResponseMean'],
  ['First response, median', 'firstResponseMedian'],
  ['First response, 90th percentile', 'firstResponseP90'],
  ['Duration, mean', 'durationMean'],
  ['Duration, median', 'durationMedian'],
  ['Duration, 90th percentile', 'durationP90'],
  ['Rating', 'ratingMean'],
  ['Ratings', 'ratingCount'],
  ['Replies', 'replies'],
];
/** Whatever else is declared and compares with a period before, under its own name: a new figure appears without a line here. */
const furtherCards = (Object.keys(metrics) as MetricName[])
  .filter((name) => {
    const metric: Metric = metrics[name];
    return metric.from !== 'now' && !metric.peak && cards.every(([, shown]) => shown !== name);
  })
  .map((name) => card(inWords(name), name));

/** `ownFirstReplyP90` → “Own first reply P90”. */
function inWords(name: string): string {
  const words = name.replace(/([a-z])([A-Z])/g, (_, end: string, start: string) => `${end} ${start.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const overTime = (title: string, columns: Record<string, MetricName>): Builder<Panel> => {
  const [name = 'ticketsOpened'] = Object.values(columns);
  return lines({ title, doc: metrics[name].doc, ...unitOf(name), queries: [sql(seriesOf(columns), 'timeseries')] });
};

/** Units and colours of a ranking's columns. */
const columnFields = (first: MetricName, columns: Record<string, MetricName>) => ({
  [compared.change]: [...changeOf(first), { id: 'custom.cellOptions', value: { type: 'color-text' } }],
  ...Object.fromEntries(
    Object.entries(columns).map(([label, name]) => {
      const { unit, decimals } = unitOf(name);
      return [
        label,
        [{ id: 'unit', value: unit }, ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }])],
      ];
    }),
  ),
});

const ranking = (o: {
  title: string;
  doc: string;
  by: 'panel' | 'staff' | 'server';
  label: string;
  first: MetricName;
  columns: Record<string, MetricName>;
  link?: DynamicConfigValue;
}): Builder<Panel> =>
  list({
    title: o.title,
    doc: o.doc,
    unit: 'short',
    queries: [sql(rankingOf(o), 'table')],
    fields: { ...columnFields(o.first, o.columns), ...(o.link && { [o.label]: [o.link] }) },
  });

const compare = (title: string, label: string, name: MetricName): Builder<Panel> =>
  bars({
    title,
    doc: `${metrics[name].doc} The period before is laid over this one.`,
    ...unitOf(name),
    queries: [
      sql(seriesOf({ [label]: name }), 'timeseries'),
      sql(seriesOf({ [`${label}, period before`]: name }, true), 'timeseries'),
    ],
  });

/** What a support team looks at: one server's figures, by panel and by staff, beside the period before. */
export const support: Board = {
  uid: 'docket-support',
  title: 'Docket / Support',
  doc: 'Business figures from ClickHouse, defined as everywhere else in Docket (docs/metrics.md). What is true now, such as open tickets, is answered by Postgres: see Docket’s own dashboard.',
  from: 'now-30d',
  refresh: '5m',
  timezone: 'utc',
  variables: [
    clickhouseSource(),
    choice({
      name: 'guild',
      label: 'Server',
      doc: 'Discord’s id of the server; the busiest of 90 days are listed, any other can be typed.',
      statement: lists.guild,
    }),
    choice({
      name: 'panel',
      label: 'Panel',
      doc: 'The panel’s number in Docket; 0 is “no panel”.',
      statement: lists.panel,
      all: allPanels,
    }),
    choice({
      name: 'staff',
      label: 'Staff',
      doc: 'Discord’s ids of people who replied as staff; they narrow the tables by staff.',
      statement: lists.staff,
      all: allStaff,
    }),
  ],
  rows: [
    {
      title: 'This period and the one before',
      panels: cards.map(([title, name]) => card(title, name)),
    },
    {
      title: 'Over time',
      panels: [
        compare('Tickets opened', 'Opened', 'ticketsOpened'),
        compare('Replies', 'Replies', 'replies'),
        overTime('First response', trio('firstResponse')),
        overTime('Duration', trio('duration')),
        overTime('Rating', { Rating: 'ratingMean' }),
        overTime('Tickets closed', { Closed: 'ticketsClosed' }),
      ],
    },
    {
      title: 'By panel',
      panels: [
        ranking({
          title: 'Panels',
          doc: 'Tickets opened in this period and the one before by the panel they were opened with, and what became of them. Times as in the figures above.',
          by: 'panel',
          label: 'Panel',
          first: 'ticketsOpened',
          columns: {
            'First response, mean': 'firstResponseMean',
            'First response, median': 'firstResponseMedian',
            'First response, p90': 'firstResponseP90',
            'Duration, median': 'durationMedian',
            Rating: 'ratingMean',
            Ratings: 'ratingCount',
          },
        }),
      ],
    },
    {
      title: 'By staff',
      panels: [
        ranking({
          title: 'Staff',
          doc: `${metrics.ticketsAnswered.doc} Beside it ${metrics.ownFirstReplyMean.doc}`,
          by: 'staff',
          label: 'Person',
          first: 'ticketsAnswered',
          columns: {
            Replies: 'replies',
            'Own first reply, mean': 'ownFirstReplyMean',
            'Own first reply, median': 'ownFirstReplyMedian',
            'Own first reply, p90': 'ownFirstReplyP90',
          },
        }),
        ranking({
          title: 'Ratings of claimed tickets',
          doc: metrics.claimedRatingMean.doc,
          by: 'staff',
          label: 'Person',
          first: 'claimedRatingCount',
          columns: { Rating: 'claimedRatingMean' },
        }),
      ],
    },
    {
      title: 'When and how well',
      panels: [
        ranks({
          title: 'Openings by hour (UTC)',
          doc: metrics.peakOpeningHour.doc,
          unit: 'short',
          queries: [sql(spreadOf('ticketsOpened', 'toHour(opened_at)', 'Hour'), 'table')],
        }),
        ranks({
          title: 'Openings by weekday (UTC, 1 is Monday)',
          doc: metrics.ticketsOpened.doc,
          unit: 'short',
          queries: [sql(spreadOf('ticketsOpened', 'toDayOfWeek(opened_at)', 'Weekday'), 'table')],
        }),
        ranks({
          title: 'Ratings by stars',
          doc: metrics.ratingCount.doc,
          unit: 'short',
          queries: [sql(spreadOf('ratingCount', 'rating', 'Stars'), 'table')],
        }),
        ranks({
          title: 'Tickets by how they were opened',
          doc: metrics.ticketsOpened.doc,
          unit: 'short',
          queries: [sql(spreadOf('ticketsOpened', 'source', 'Source'), 'table')],
        }),
      ],
    },
    { title: 'Further figures', folded: true, panels: furtherCards },
    {
      title: 'All servers',
      folded: true,
      panels: [
        ranking({
          title: 'Busiest servers',
          doc: 'Tickets opened on all servers in this period and the one before, the fifty busiest. A server’s id opens its figures.',
          by: 'server',
          label: 'Server',
          first: 'ticketsOpened',
          columns: {},
          link: {
            id: 'links',
            value: [{ title: 'Its figures', url: '/d/docket-support?var-guild=${__value.raw}&${__url_time_range}' }],
          },
        }),
      ],
    },
  ],
};
