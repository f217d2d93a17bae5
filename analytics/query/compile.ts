import type { Metric, MetricName, Metrics } from '../metrics/registry.ts';
import type { Parameter } from '../clickhouse/client.ts';

/** Ways to divide a figure. All but the panel have a fixed size, so they come as arrays of one row, from the same pass as plain figures. */
export type Dimension = 'hour' | 'weekHour' | 'day' | 'stars' | 'panel';

/** A figure wanted. Times are milliseconds, from inclusive (null = always), to exclusive; `day` counts days from `from`, a UTC midnight. */
export type Request = {
  readonly metric: MetricName;
  readonly from: number | null;
  readonly to: number;
  readonly by?: Dimension;
};

/** Whose figures: a server's, or one person's in it. */
export type Scope = { readonly guildId: string; readonly person?: string };

/** One statement and the requests that its columns answer, by the names they were asked under. */
export type Statement = {
  readonly query: string;
  readonly parameters: Record<string, Parameter>;
  readonly answers: readonly {
    readonly name: string;
    readonly column: string;
    readonly request: Request;
    readonly metric: Stored;
  }[];
};
/** A figure that ClickHouse answers. */
export type Stored = Exclude<Metric, { from: 'now' }>;
/** Buckets numbered from 0 by an expression. */
type Bucket = { readonly size: number; readonly key: string };

const dayMs = 86_400_000;

/** Compiles requests to as few statements as their tables and dimensions allow. Values are parameters, names come from the registry only. */
export function compile(metrics: Metrics, scope: Scope, requests: Readonly<Record<string, Request>>): Statement[] {
  const groups = new Map<string, { name: string; request: Request; metric: Stored }[]>();
  for (const [name, request] of Object.entries(requests)) {
    const metric = metrics[request.metric];
    if (metric.from === 'now') throw new Error(`${request.metric} is answered by Postgres`);
    const source = metric.from === 'event' ? metric.name : metric.from;
    const key = [source, scope.person === undefined ? '' : metric.person, request.by === 'panel'].join('/');
    groups.set(key, [...(groups.get(key) ?? []), { name, request, metric }]);
  }
  return [...groups.values()].map((group) => statementOf(scope, group));
}

function statementOf(scope: Scope, group: readonly { name: string; request: Request; metric: Stored }[]): Statement {
  const values = new Map<number, string>();
  const timeOf = (at: number): string => {
    const name = values.get(at) ?? `t${values.size}`;
    values.set(at, name);
    return `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`;
  };
  const [first] = group;
  if (!first) throw new Error('a statement needs a request');
  const { metric, request } = first;
  const isByPanel = request.by === 'panel';
  // Windows may coincide (30 days is also the chosen one): what is the same is computed once.
  const columns = new Map<string, string>();
  const answers = group.map((one) => {
    const expression = columnOf(one.metric, one.request, timeOf);
    const column = columns.get(expression) ?? `c${columns.size}`;
    columns.set(expression, column);
    return { ...one, column };
  });
  const selected = [...columns].map(([expression, column]) => `${expression} AS ${column}`);
  const query = [
    `SELECT ${[...(isByPanel ? ['panel_id'] : []), ...selected].join(',\n  ')}`,
    sourceOf(metric, { guild: '{guild:UInt64}', name: '{name:String}' }),
    ...(scope.person === undefined ? [] : [`WHERE ${metric.person} = {person:UInt64}`]),
    ...(isByPanel ? ['GROUP BY panel_id'] : []),
  ].join('\n');
  return {
    query,
    parameters: {
      guild: scope.guildId,
      ...(metric.from === 'event' && { name: metric.name }),
      ...(scope.person !== undefined && { person: scope.person }),
      ...Object.fromEntries([...values].map(([at, name]) => [name, at])),
    },
    answers,
  };
}

const aggregateCall = /^(\w+)(?:\(([^()]*)\))?\(([^()]*)\)$/;

/** Where a metric's rows of one server are; `guild` and `name` are SQL: parameters, or literals of who writes the statement. */
export function sourceOf(metric: Stored, values: { guild: string; name: string }): string {
  // PREWHERE runs before FINAL and may hold only columns of the key: a correction could change any other, and its old row would count.
  const keys = [`guild_id = ${values.guild}`, ...(metric.from === 'event' ? [`name = ${values.name}`] : [])];
  return `FROM ${metric.from} FINAL PREWHERE ${keys.join(' AND ')}`;
}

/** A metric's aggregate over a window, its conditions as -If and its buckets as -Resample. Times are SQL; `from` belongs to it (null = always), `to` does not. */
export function aggregateOf(
  metric: Stored,
  window: { readonly from: string | null; readonly to: string },
  bucket: Bucket | null = null,
): string {
  const [, name, parameters, operands] = aggregateCall.exec(metric.value) ?? [];
  if (!name || operands === undefined) throw new Error(`not an aggregate: ${metric.value}`);
  const conditions = [
    ...(metric.where ? [metric.where] : []),
    ...(window.from === null ? [] : [`${metric.at} >= ${window.from}`]),
    `${metric.at} < ${window.to}`,
  ].join(' AND ');
  const given = [...(parameters ? [parameters] : []), ...(bucket ? ['0', String(bucket.size), '1'] : [])];
  const call = `${name}If${bucket ? 'Resample' : ''}`;
  const inputs = [...(operands ? [operands] : []), conditions, ...(bucket ? [bucket.key] : [])];
  return `${call}${given.length > 0 ? `(${given.join(', ')})` : ''}(${inputs.join(', ')})`;
}

function columnOf(metric: Stored, request: Request, timeOf: (at: number) => string): string {
  const window = { from: request.from === null ? null : timeOf(request.from), to: timeOf(request.to) };
  return aggregateOf(metric, window, bucketOf(metric, request, timeOf));
}

function bucketOf(metric: Stored, request: Request, timeOf: (at: number) => string): Bucket | null {
  // Where the time is missing the condition is false already; a bucket must not be Nullable.
  const at = `assumeNotNull(${metric.at})`;
  switch (request.by ?? metric.peak) {
    case undefined:
    case 'panel':
      return null;
    case 'hour':
      return { size: 24, key: `toHour(${at})` };
    case 'weekHour':
      return { size: 168, key: `(toDayOfWeek(${at}) - 1) * 24 + toHour(${at})` };
    case 'stars':
      return { size: 5, key: 'rating - 1' };
    case 'day': {
      if (request.from === null) throw new Error('days are counted from a beginning');
      const ms = `toUnixTimestamp64Milli(${at}) - toUnixTimestamp64Milli(${timeOf(request.from)})`;
      return { size: Math.ceil((request.to - request.from) / dayMs), key: `intDiv(${ms}, ${dayMs})` };
    }
  }
}
