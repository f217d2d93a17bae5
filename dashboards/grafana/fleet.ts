import type { Board } from './board.ts';
import { limits } from './limits.ts';
import { figure, lines } from './panels.ts';
import { ours, present, quantile, rate, series } from './queries.ts';
import { forSeries } from './variables.ts';

const shards = {
  title: 'Shards',
  panels: [
    figure({
      title: 'Shards ready',
      doc: 'Shards with a session that receives events, over all pods.',
      unit: 'short',
      queries: [series(`sum(docket_shards{${ours},state="ready"})`, 'ready')],
      hasGraph: true,
    }),
    figure({
      title: 'Shards not ready',
      doc: 'Shards that are connecting, or that wait for their lease because another process still holds it. A few minutes after a deployment it is 0.',
      unit: 'short',
      limit: { at: 1 },
      queries: [series(`sum(docket_shards{${ours},state=~"connecting|waiting"})`, 'not ready')],
      hasGraph: true,
    }),
    figure({
      title: 'Shards that nobody serves',
      doc: 'Shards whose lease ran out longer ago than the grace and that no pod has taken: their servers hear nothing.',
      unit: 'short',
      limit: { at: 1 },
      queries: [series(`max(docket_shards_abandoned{${ours}})`, 'abandoned')],
      hasGraph: true,
    }),
    figure({
      title: 'IDENTIFYs left',
      doc: 'Sessions that Discord lets this bot begin before its daily reset. At 0 a lost session stays lost until then.',
      unit: 'percentunit',
      max: 1,
      limit: { at: limits.identifyShare, below: true },
      queries: [
        series(
          `min(docket_gateway_identify_budget{${ours},of="remaining"}) / min(docket_gateway_identify_budget{${ours},of="total"})`,
          'left',
        ),
      ],
      hasGraph: true,
    }),
    lines({
      title: 'Shards by state',
      doc: 'ready: receives events; connecting: has the lease, not yet a session; waiting: another process holds the lease; adopted: of another pod’s range.',
      unit: 'short',
      queries: [series(`sum by (state) (docket_shards{${ours}})`, '{{state}}')],
    }),
    lines({
      title: 'Leases per minute',
      doc: 'handed-over: given up in order; adopted: taken because nobody served the shard; lost-taken and lost-late: another process took it, or it was not renewed in time.',
      unit: 'short',
      queries: [series(`sum by (what) (${rate('docket_shard_leases_total')}) * 60`, '{{what}}')],
    }),
    lines({
      title: 'Sessions per minute',
      doc: 'resumed: continued where it stopped; identified: begun anew; lost: Discord had forgotten it, so events may be missing and are read by REST.',
      unit: 'short',
      queries: [series(`sum by (how) (${rate('docket_gateway_sessions_total')}) * 60`, '{{how}}')],
    }),
    figure({
      title: 'Until all IDENTIFYs are allowed again',
      doc: 'Discord counts them anew once a day.',
      unit: 's',
      queries: [present(`max(docket_gateway_identify_budget{${ours},of="reset"})`, 'reset')],
      span: 12,
      height: 8,
    }),
  ],
};

const gateway = {
  title: 'Gateway',
  panels: [
    lines({
      title: 'Heartbeat to its acknowledgement',
      doc: 'How long Discord takes to answer a heartbeat; it grows when the network or an event loop is slow.',
      unit: 's',
      limit: { at: limits.heartbeatS },
      queries: [0.5, 0.99].map((share) =>
        series(quantile(share, 'docket_gateway_heartbeat_seconds'), `p${share * 100}`),
      ),
    }),
    lines({
      title: 'Dispatches per second',
      doc: 'What the gateway sends, by event; the ten most frequent.',
      unit: 'cps',
      queries: [series(`topk(10, sum by (event) (${rate('docket_gateway_dispatches_total')}))`, '{{event}}')],
    }),
    lines({
      title: 'Dispatches not finished',
      doc: 'Received but not yet stored or passed over: what a RESUME would replay if the process died now.',
      unit: 'short',
      limit: { at: limits.unfinished },
      queries: [series(`sum(docket_gateway_unfinished_dispatches{${ours}})`, 'unfinished')],
    }),
    lines({
      title: 'Ticket messages stored per second',
      doc: 'Messages of tickets written to Postgres.',
      unit: 'cps',
      queries: [series(`sum(${rate('docket_messages_recorded_total')})`, 'stored')],
    }),
  ],
};

const interactions = {
  title: 'Interactions',
  panels: [
    lines({
      title: 'Acknowledged within',
      doc: 'From an interaction’s receipt to its acknowledgement. Budget: p99 300 ms; Discord drops it after 3 s.',
      unit: 's',
      limit: { at: limits.ackS },
      queries: [0.5, 0.99].map((share) => series(quantile(share, 'docket_interaction_ack_seconds'), `p${share * 100}`)),
    }),
    lines({
      title: 'Acknowledged too late',
      doc: 'Share of acknowledgements that took longer than 2.5 s: people may have read “did not respond”.',
      unit: 'percentunit',
      max: 1,
      limit: { at: 0.01 },
      queries: [
        series(
          `1 - sum(${rate('docket_interaction_ack_seconds_bucket', `le="${limits.ackLateS}"`)}) / sum(${rate('docket_interaction_ack_seconds_count')})`,
          'late',
        ),
      ],
    }),
    lines({
      title: 'Interactions per second by outcome',
      doc: 'done; refused: a rule said no, the person was told why; failed: an error with a reference in the log; expired: Discord had dropped it; unheard: done, but its answer had no place any more; stale and too-old: an old button; ignored: over the gateway although they come by HTTP.',
      unit: 'reqps',
      queries: [series(`sum by (outcome) (${rate('docket_interactions_total')})`, '{{outcome}}')],
    }),
    lines({
      title: 'Requests to /interactions per second by result',
      doc: 'With INTERACTIONS=http. taken and ping are well; bad-signature and malformed are somebody else’s, Discord’s own checks among them; unanswered is a fault here.',
      unit: 'reqps',
      queries: [series(`sum by (result) (${rate('docket_interaction_requests_total')})`, '{{result}}')],
    }),
  ],
};

const rest = {
  title: 'Requests to Discord',
  panels: [
    lines({
      title: 'Requests per second and the shared limit',
      doc: 'All requests of all processes by status class. What counts against the limit stays below 45 per second and token; answers to interactions do not count.',
      unit: 'reqps',
      limit: { at: limits.restPerS },
      queries: [series(`sum by (status) (${rate('docket_discord_requests_total')})`, '{{status}}')],
    }),
    lines({
      title: '429s per second',
      doc: 'Answers “too many requests” by scope. user: this bot’s own, a fault of the shared limiter; shared: others crowd the same resource, harmless; global: above 50 per second.',
      unit: 'reqps',
      limit: { at: limits.limitedPerS },
      queries: [series(`sum by (scope) (${rate('docket_discord_rate_limited_total')})`, '{{scope}}')],
    }),
    lines({
      title: 'Waited for the shared limit',
      doc: 'How long requests waited for their turn, p99 by priority. Above 3 s they are put off instead.',
      unit: 's',
      limit: { at: limits.restWaitS },
      queries: [series(quantile(0.99, 'docket_discord_wait_seconds', { by: 'priority' }), '{{priority}}')],
    }),
    lines({
      title: 'Put off per second',
      doc: 'Requests that would have waited longer than 3 s, so their job runs again later. limit: the budget is spent; breaker: nothing is sent at all.',
      unit: 'reqps',
      queries: [
        series(`sum by (priority, reason) (${rate('docket_discord_put_off_total')})`, '{{priority}} {{reason}}'),
      ],
    }),
    figure({
      title: 'Processes whose breaker is open',
      doc: 'Discord bans an address after 10,000 refused requests in 10 minutes; before that Docket asks nothing. More than 0: find what is refused.',
      unit: 'short',
      limit: { at: 1 },
      queries: [series(`sum(docket_discord_breaker_open{${ours}})`, 'open')],
      hasGraph: true,
      span: 12,
    }),
    figure({
      title: '429s by route, per hour',
      doc: 'Which routes Discord limits.',
      unit: 'short',
      queries: [series(`topk(5, sum by (route) (${rate('docket_discord_rate_limited_total')})) * 3600`, '{{route}}')],
      span: 12,
    }),
  ],
};

const effects = {
  title: 'Effects and files',
  panels: [
    lines({
      title: 'Jobs that are due',
      doc: 'Jobs that a worker could start now; the worker’s autoscaler follows it. Each is a ticket that does not yet look in Discord as it should.',
      unit: 'short',
      limit: { at: limits.jobsDue },
      queries: [series(`max(docket_jobs_due{${ours}})`, 'due')],
    }),
    lines({
      title: 'Steps per second',
      doc: 'What the worker does in Discord to make it look like the tickets, by step.',
      unit: 'cps',
      queries: [series(`sum by (step) (${rate('docket_effects_total')})`, '{{step}}')],
    }),
    lines({
      title: 'Steps that failed',
      doc: 'Share of steps that ended with an error; they are tried again with growing pauses.',
      unit: 'percentunit',
      max: 1,
      limit: { at: limits.refusedShare },
      queries: [
        series(
          `1 - sum(${rate('docket_effects_total', 'outcome="done"')}) / sum(${rate('docket_effects_total')})`,
          'failed',
        ),
      ],
    }),
    lines({
      title: 'Object store',
      doc: 'p99 of requests to where attachments are kept, retries included.',
      unit: 's',
      queries: [series(quantile(0.99, 'docket_object_store_seconds', { by: 'operation' }), '{{operation}}')],
    }),
    lines({
      title: 'Attachments per minute',
      doc: 'Files of messages by what became of them.',
      unit: 'short',
      queries: [series(`sum by (state) (${rate('docket_attachments_total')}) * 60`, '{{state}}')],
    }),
  ],
};

const processes = {
  title: 'Processes',
  panels: [
    lines({
      title: 'CPU',
      doc: 'CPU seconds per second by process. One process is one thread and some: near 1 it is full.',
      unit: 'short',
      queries: [series(`sum by (instance) (${rate('process_cpu_seconds_total')})`, '{{instance}}')],
    }),
    lines({
      title: 'Memory',
      doc: 'Resident memory by process; a pod of clusters is the sum of its processes.',
      unit: 'bytes',
      queries: [series(`sum by (instance) (process_resident_memory_bytes{${ours}})`, '{{instance}}')],
    }),
    lines({
      title: 'Event loop delay',
      doc: 'How late the event loop runs, p99. Above half a second acknowledgements and heartbeats are late as well.',
      unit: 's',
      limit: { at: limits.eventLoopS },
      queries: [series(`max by (instance) (nodejs_eventloop_lag_p99_seconds{${ours}})`, '{{instance}}')],
    }),
    lines({
      title: 'Heap in use',
      doc: 'JavaScript’s heap by process. Budget of a cluster: at most 1 MB per 1,000 servers.',
      unit: 'bytes',
      queries: [series(`sum by (instance) (nodejs_heap_size_used_bytes{${ours}})`, '{{instance}}')],
    }),
  ],
};

/** What whoever runs the bot looks at: does every shard hear, is everybody answered, does Discord let us. */
export const fleet: Board = {
  uid: 'docket-fleet',
  title: 'Docket / Fleet',
  doc: 'Shards, sessions, interactions, requests to Discord, processes. What to do: docs/operations.md.',
  from: 'now-3h',
  refresh: '30s',
  timezone: 'browser',
  variables: forSeries(),
  rows: [shards, gateway, interactions, rest, effects, processes],
};
