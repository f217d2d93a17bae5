import type { Board } from './board.ts';
import { limits } from './limits.ts';
import { figure, lines, list } from './panels.ts';
import { ours, quantile, rate, series, sql } from './queries.ts';
import { clickhouseSource, forSeries } from './variables.ts';

const deadLetters = `SELECT kind, reason, count() AS rows, toUnixTimestamp64Milli(max(at)) AS latest
FROM dead_letter
WHERE at >= $__fromTime_ms AND at < $__toTime_ms
GROUP BY kind, reason
ORDER BY rows DESC, kind, reason
LIMIT 100`;

/** What whoever runs the bot looks at when figures are late. */
export const pipeline: Board = {
  uid: 'docket-pipeline',
  title: 'Docket / Pipeline',
  doc: 'The way of an event from a ticket’s transaction to a chart: outbox, Kafka, ingest, ClickHouse. What to do: docs/operations.md.',
  from: 'now-3h',
  refresh: '30s',
  timezone: 'browser',
  variables: [...forSeries(), clickhouseSource()],
  rows: [
    {
      title: 'Delay',
      panels: [
        figure({
          title: 'Event to chart',
          doc: 'Age of the newest row of the last batch when ClickHouse had it. Budget: 2 s.',
          unit: 's',
          decimals: 1,
          limit: { at: limits.delayS },
          queries: [series(`max(docket_event_lag_seconds{${ours}})`, 'delay')],
          hasGraph: true,
        }),
        figure({
          title: 'Rows in the outbox',
          doc: 'Rows that a transaction wrote and nobody has handed over yet.',
          unit: 'short',
          limit: { at: limits.outboxRows },
          queries: [series(`max(docket_outbox_rows{${ours}})`, 'rows')],
          hasGraph: true,
        }),
        figure({
          title: 'Messages that wait in Kafka',
          doc: 'Messages of the topic that are not known to be in ClickHouse; 0 without Kafka.',
          unit: 'short',
          limit: { at: limits.lagMessages },
          queries: [series(`max(docket_kafka_lag_messages{${ours}})`, 'messages')],
          hasGraph: true,
        }),
        figure({
          title: 'Dead letters in this time',
          doc: 'Rows that ClickHouse or the check before it refused; they lie in the table dead_letter with their reason. Any is one too many.',
          unit: 'short',
          limit: { at: 1 },
          queries: [
            sql(
              'SELECT count() AS "dead letters" FROM dead_letter WHERE at >= $__fromTime_ms AND at < $__toTime_ms',
              'table',
            ),
          ],
        }),
        lines({
          title: 'Event to chart over time',
          doc: 'Age of the newest row of a batch when ClickHouse had it, the worst process. It stays where it was while nothing arrives.',
          unit: 's',
          limit: { at: limits.delayS },
          queries: [series(`max(docket_event_lag_seconds{${ours}})`, 'delay')],
        }),
        lines({
          title: 'Waiting rows over time',
          doc: 'Rows in the outbox and messages in Kafka. What grows for minutes is not handed over.',
          unit: 'short',
          queries: [
            series(`max(docket_outbox_rows{${ours}})`, 'outbox'),
            series(`max(docket_kafka_lag_messages{${ours}})`, 'Kafka'),
          ],
        }),
      ],
    },
    {
      title: 'Ingest',
      panels: [
        lines({
          title: 'Rows per second by result',
          doc: 'ok: stored; drop: an older version of a row in the same batch; dead: refused, among the dead letters.',
          unit: 'cps',
          queries: [series(`sum by (result) (${rate('docket_ingest_rows_total')})`, '{{result}}')],
        }),
        lines({
          title: 'Steps of a batch',
          doc: 'How long each step of a batch takes, p99; insert is ClickHouse’s part.',
          unit: 's',
          limit: { at: limits.ingestStepS },
          queries: [series(quantile(0.99, 'docket_ingest_step_seconds', { by: 'step' }), '{{step}}')],
        }),
        lines({
          title: 'In and out',
          doc: 'Ticket messages that clusters stored, and rows that ClickHouse took. Each message makes one row, a change of a ticket up to two.',
          unit: 'cps',
          queries: [
            series(`sum(${rate('docket_messages_recorded_total')})`, 'messages stored'),
            series(`sum(${rate('docket_ingest_rows_total', 'result="ok"')})`, 'rows ingested'),
          ],
        }),
        list({
          title: 'Dead letters by reason',
          doc: 'What was refused and why. After the cause is mended, `rebuild` brings the rows back.',
          unit: 'short',
          queries: [sql(deadLetters, 'table')],
          fields: { latest: [{ id: 'unit', value: 'dateTimeFromNow' }] },
          span: 12,
          height: 8,
        }),
      ],
    },
    {
      title: 'Kafka',
      panels: [
        lines({
          title: 'Messages per second',
          doc: 'sent: Kafka acknowledged them; read: stored in ClickHouse and committed.',
          unit: 'cps',
          queries: [
            series(`sum(${rate('docket_kafka_produced_total')})`, 'sent'),
            series(`sum(${rate('docket_kafka_consumed_total')})`, 'read'),
          ],
        }),
        lines({
          title: 'Processes on Kafka',
          doc: 'Processes that can send (drain) and that are members of the group that reads (ingest). 0 of either: rows wait. No line without Kafka.',
          unit: 'short',
          limit: { at: 1, below: true },
          queries: [series(`sum by (part) (docket_kafka_up{${ours}})`, '{{part}}')],
        }),
        lines({
          title: 'Failures per minute',
          doc: 'Batches that Kafka did not take (drain), and ends of a reader (ingest); both are tried again.',
          unit: 'short',
          queries: [series(`sum by (part) (${rate('docket_kafka_failures_total')}) * 60`, '{{part}}')],
        }),
        lines({
          title: 'Rebalances per minute',
          doc: 'Times the partitions were dealt anew among readers: after a start or an end of one it happens once.',
          unit: 'short',
          queries: [series(`sum(${rate('docket_kafka_rebalances_total')}) * 60`, 'rebalances')],
        }),
      ],
    },
  ],
};
