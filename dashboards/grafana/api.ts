import type { Board } from './board.ts';
import { limits } from './limits.ts';
import { figure, lines } from './panels.ts';
import { ours, quantile, rate, series } from './queries.ts';
import { forSeries } from './variables.ts';

/** A stream of events lasts as long as somebody looks: its time says nothing. */
export const answers = 'route!~".*/stream"';

/** What whoever runs the bot looks at when the dashboard is slow. */
export const api: Board = {
  uid: 'docket-api',
  title: 'Docket / API',
  doc: 'The dashboard’s API: requests, times, errors, open event streams. What to do: docs/operations.md.',
  from: 'now-3h',
  refresh: '30s',
  timezone: 'browser',
  variables: forSeries(),
  rows: [
    {
      title: 'At a glance',
      panels: [
        figure({
          title: 'Requests per second',
          doc: 'All requests to the API and the web app.',
          unit: 'reqps',
          queries: [series(`sum(${rate('docket_http_request_seconds_count')})`, 'requests')],
          hasGraph: true,
        }),
        figure({
          title: 'Errors',
          doc: 'Share of requests that were answered 5xx: faults here, not the reader’s.',
          unit: 'percentunit',
          decimals: 2,
          limit: { at: limits.failedShare },
          queries: [
            series(
              `1 - sum(${rate('docket_http_request_seconds_count', 'status!="5xx"')}) / sum(${rate('docket_http_request_seconds_count')})`,
              '5xx',
            ),
          ],
          hasGraph: true,
        }),
        figure({
          title: 'Answered within, p99',
          doc: 'Ninety-nine of a hundred requests were faster; event streams are left out.',
          unit: 's',
          limit: { at: limits.apiS },
          queries: [series(quantile(0.99, 'docket_http_request_seconds', { labels: answers }), 'p99')],
          hasGraph: true,
        }),
        figure({
          title: 'Open event streams',
          doc: 'Dashboards that are open right now.',
          unit: 'short',
          queries: [series(`sum(docket_streams{${ours}})`, 'streams')],
          hasGraph: true,
        }),
      ],
    },
    {
      title: 'Requests',
      panels: [
        lines({
          title: 'Requests per second by status',
          doc: '2xx and 3xx are well; 4xx are the reader’s: signed out, not theirs, not there; 5xx are faults here.',
          unit: 'reqps',
          queries: [series(`sum by (status) (${rate('docket_http_request_seconds_count')})`, '{{status}}')],
        }),
        lines({
          title: 'Answered within',
          doc: 'Median and p99 over all routes but the event streams.',
          unit: 's',
          limit: { at: limits.apiS },
          queries: [0.5, 0.99].map((share) =>
            series(quantile(share, 'docket_http_request_seconds', { labels: answers }), `p${share * 100}`),
          ),
        }),
        lines({
          title: 'Requests per second by route',
          doc: 'The ten most asked for.',
          unit: 'reqps',
          queries: [
            series(
              `topk(10, sum by (method, route) (${rate('docket_http_request_seconds_count')}))`,
              '{{method}} {{route}}',
            ),
          ],
        }),
        lines({
          title: 'Slowest routes',
          doc: 'p99 of the ten slowest routes; event streams are left out.',
          unit: 's',
          limit: { at: limits.apiS },
          queries: [
            series(
              `topk(10, ${quantile(0.99, 'docket_http_request_seconds', { labels: answers, by: 'route' })})`,
              '{{route}}',
            ),
          ],
        }),
        lines({
          title: 'Open event streams over time',
          doc: 'Dashboards that are open, by process.',
          unit: 'short',
          queries: [series(`sum by (instance) (docket_streams{${ours}})`, '{{instance}}')],
        }),
        lines({
          title: 'Refused',
          doc: 'Share of requests answered 4xx. It rises when sessions end or somebody scans.',
          unit: 'percentunit',
          max: 1,
          queries: [
            series(
              `1 - sum(${rate('docket_http_request_seconds_count', 'status!="4xx"')}) / sum(${rate('docket_http_request_seconds_count')})`,
              '4xx',
            ),
          ],
        }),
      ],
    },
  ],
};
