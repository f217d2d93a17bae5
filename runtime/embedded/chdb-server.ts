import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { brotliCompress, deflate, gzip } from 'node:zlib';
import { createLog } from '../log.ts';
import { createStop } from '../stop.ts';
import { type Answer, type Engine, openEngine } from './chdb-engine.ts';
import { type ChdbRequest, readRequest } from './chdb-request.ts';
import { type Space, watchSpace } from './chdb-space.ts';
import { announceReady } from './ready.ts';

/*
 * ClickHouse's engine (chdb) behind ClickHouse's HTTP protocol: `node chdb-server.ts FOLDER PORT KEEP_FREE_BYTES`. A process of its own, for inside
 * another one a failed query's output reaches the next answer; UV_THREADPOOL_SIZE=16 gives its queries threads (clickhouse.ts sets
 * it). Answers on 127.0.0.1 only: there is no password.
 */

const compress = { gzip: promisify(gzip), br: promisify(brotliCompress), deflate: promisify(deflate) };

/** The status that ClickHouse's own server gives an exception of this code. */
function statusOf(code: number): number {
  const known: Record<number, number> = {
    60: 404,
    81: 404,
    516: 401,
    497: 403,
    164: 403,
    159: 408,
    202: 503,
    241: 500,
  };
  return known[code] ?? ([48, 236, 1000, 1001, 1002].includes(code) ? 500 : 400);
}

function summary(answer: Answer, startedMs: number): string {
  return JSON.stringify({
    read_rows: String(answer.readRows),
    read_bytes: String(answer.readBytes),
    written_rows: String(answer.writtenRows),
    written_bytes: '0',
    total_rows_to_read: '0',
    result_rows: '0',
    result_bytes: '0',
    elapsed_ns: String(Math.round((performance.now() - startedMs) * 1e6)),
  });
}

async function sendAnswer(
  response: ServerResponse,
  request: ChdbRequest,
  answer: Answer,
  startedMs: number,
): Promise<void> {
  const body = request.compression ? await compress[request.compression](answer.body) : answer.body;
  if (request.compression) response.setHeader('Content-Encoding', request.compression);
  response.writeHead(200, {
    'X-ClickHouse-Query-Id': request.queryId,
    'X-ClickHouse-Format': request.format,
    'X-ClickHouse-Timezone': 'UTC',
    'X-ClickHouse-Server-Display-Name': 'chdb',
    'X-ClickHouse-Summary': summary(answer, startedMs),
  });
  response.end(body);
}

function sendError(response: ServerResponse, queryId: string | undefined, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const text = error instanceof Error ? error.message.trimEnd() : String(error);
  const given = error instanceof Error && 'clickhouseCode' in error ? Number(error.clickhouseCode) : Number.NaN;
  const code = given || Number(/Code: (\d+)/.exec(text)?.[1] ?? 1002); // 1002 is ClickHouse's "unknown exception"
  response.writeHead(statusOf(code), {
    'X-ClickHouse-Exception-Code': String(code),
    'Content-Type': 'text/plain; charset=UTF-8',
    ...(queryId ? { 'X-ClickHouse-Query-Id': queryId } : {}),
  });
  response.end(`${text.startsWith('Code: ') ? text : `Code: ${code}. DB::Exception: ${text}`} (version chdb)\n`);
}

async function answerRequest(
  engine: Engine,
  space: Space,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const startedMs = performance.now();
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  let request: ChdbRequest | undefined;
  try {
    request = await readRequest(incoming);
    if (request.kind === 'insert') await space.require();
    await sendAnswer(response, request, await engine.run(request, gone.signal), startedMs);
  } catch (error) {
    sendError(response, request?.queryId, error);
  }
}

const [folder, port, keepFreeBytes] = process.argv.slice(2);
if (!folder || !port || !keepFreeBytes) throw new Error('usage: node chdb-server.ts FOLDER PORT KEEP_FREE_BYTES');
const log = createLog({ role: 'chdb' });
const stop = createStop({ log, interrupted: 0 });
const engine = openEngine(folder);
const space = watchSpace({
  folder,
  keepFreeBytes: Number(keepFreeBytes),
  setMerging: (isOn) => engine.setMerging(isOn),
  onChange: (isFull, freeBytes) =>
    isFull
      ? log.error({ freeBytes, keepFreeBytes: Number(keepFreeBytes) }, 'disk is full; inserts are refused')
      : log.info({ freeBytes }, 'disk has room; inserts are taken'),
});
const server = createServer((incoming, response) => {
  if (incoming.url === '/ping') response.end('Ok.\n');
  else void answerRequest(engine, space, incoming, response); // it answers every error itself
});
// The client keeps idle connections for 2.5 s: the server must not close one that is just being used again.
server.keepAliveTimeout = 10_000;
server.listen(Number(port), '127.0.0.1', () => {
  const address = server.address();
  const bound = typeof address === 'object' && address ? address.port : Number(port);
  stop.add('engine', () => engine.close());
  stop.add('space', () => space.stop());
  stop.add('http', async () => {
    server.close();
    server.closeIdleConnections();
  });
  log.info({ port: bound }, 'chdb answered');
  announceReady({ port: bound });
});
