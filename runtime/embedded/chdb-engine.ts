import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { Session, type StreamInsertFormat } from 'chdb';
import { waitMs } from '../retry.ts';
import { type ChdbRequest, ChdbRequestError } from './chdb-request.ts';

/** What a request brought back. */
export type Answer = {
  readonly body: Buffer;
  readonly readRows: number;
  readonly readBytes: number;
  readonly writtenRows: number;
};

/** The engine on one data folder. */
export type Engine = {
  /** Runs one request; an aborted signal cancels its query inside the engine, and the answer is an error. */
  run(request: ChdbRequest, signal: AbortSignal): Promise<Answer>;
  /** Lets parts be merged, or stops that. */
  setMerging(isOn: boolean): Promise<void>;
  /** Cancels what runs and closes the folder. */
  close(): Promise<void>;
};

/** Queries at once: each holds one of the 16 threads of libuv and uses several of the engine. */
const gateWidth = 8;

const quoted = (value: string): string => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const named = (name: string): string => `\`${name.replaceAll('`', '')}\``;
const lineFormats = new Set<string>(['JSONEachRow', 'JSONCompactEachRow', 'TSV', 'TabSeparated']);
const isLineFormat = (format: string): format is StreamInsertFormat => lineFormats.has(format);

function createGate(width: number): { enter(): Promise<void>; leave(): void } {
  const waiting: (() => void)[] = [];
  let inside = 0;
  return {
    async enter() {
      if (inside < width) inside += 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
    },
    leave() {
      const next = waiting.shift();
      if (next) next();
      else inside -= 1;
    },
  };
}

/** Cancels every running query that carries `mark` in a comment. */
async function cancel(folder: string, mark: string): Promise<void> {
  const session = new Session(folder);
  try {
    // The second condition keeps this very statement, which holds the mark too, from cancelling itself.
    const marked = `position(query, ${quoted(`/*${mark}`)}) > 0 and position(query, 'kill query') = 0`;
    await session.queryAsync(`kill query where ${marked} async`);
  } finally {
    session.close();
  }
}

/** What a request sets before its statement: database, settings, parameters. */
function preamble(request: ChdbRequest): string[] {
  return [
    ...(request.database ? [`USE ${named(request.database)}`] : []),
    ...request.settings.map(([name, value]) => `SET ${name} = ${quoted(value)}`),
    ...request.parameters.map(([name, value]) => `SET param_${name} = ${quoted(value)}`),
  ];
}

async function insertRows(session: Session, request: ChdbRequest & { kind: 'insert' }): Promise<Answer> {
  const { insert, rows } = request;
  const { table, format } = insert;
  for (const statement of preamble(request)) await session.queryAsync(statement);
  if (insert.settings) await session.queryAsync(`SET ${insert.settings}`);
  const columns = insert.columns ?? undefined;
  // Formats of lines are handed on as they arrive, 8 MiB at a time, so that a long insert never sits here whole.
  const written = isLineFormat(format)
    ? await session.insert({ table, columns, format, values: rows as Readable })
    : await session.insert({ table, columns, format: format as 'CSV', values: await buffer(rows) });
  return { body: Buffer.alloc(0), readRows: 0, readBytes: 0, writtenRows: written.rowsWritten };
}

async function query(session: Session, request: ChdbRequest & { kind: 'query' }, mark: string): Promise<Answer> {
  const statement = request.query.replace(/^\s*/, (space) => `${space}/*${mark}*/ `);
  const result = await session.queryAsync([...preamble(request), statement].join('; '), { format: request.format });
  return { body: Buffer.from(result.bytes()), readRows: result.rowsRead, readBytes: result.bytesRead, writtenRows: 0 };
}

/** Opens the engine; one process at a time may hold a folder. */
export function openEngine(folder: string): Engine {
  const keeper = new Session(folder); // keeps the engine alive between requests, never runs one itself
  keeper.query('SELECT 1');
  const gate = createGate(gateWidth);
  const running = new Set<Promise<unknown>>();

  const runInside = async (request: ChdbRequest, signal: AbortSignal): Promise<Answer> => {
    if (signal.aborted) throw new ChdbRequestError(394, 'QUERY_WAS_CANCELLED', 'The client went away.');
    // A connection of its own for each request: settings, parameters, temporary tables and, after an error,
    // left-over output of one request would reach the next (seen with chdb 3.4).
    const session = new Session(folder);
    const mark = `docket:${crypto.randomUUID()}`;
    let isDone = false;
    const cancelUntilDone = async (): Promise<void> => {
      // The query may not have begun when the first attempt looks for it.
      while (!isDone) {
        await cancel(folder, mark).catch(() => undefined);
        await waitMs(100);
      }
    };
    const onAbort = (): void => void cancelUntilDone(); // ends with the query, whose error is the request's answer
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await (request.kind === 'insert' ? insertRows(session, request) : query(session, request, mark));
    } finally {
      isDone = true;
      signal.removeEventListener('abort', onAbort);
      session.close();
    }
  };

  return {
    async run(request, signal) {
      await gate.enter();
      const work = runInside(request, signal);
      running.add(work);
      try {
        return await work;
      } finally {
        running.delete(work);
        gate.leave();
      }
    },
    async setMerging(isOn) {
      await keeper.queryAsync(`SYSTEM ${isOn ? 'START' : 'STOP'} MERGES`);
    },
    async close() {
      await cancel(folder, 'docket:').catch(() => undefined);
      await Promise.allSettled(running);
      keeper.close();
    },
  };
}
