import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createUnzip, createZstdDecompress } from 'node:zlib';

/** A request to ClickHouse's HTTP interface, taken apart (https://clickhouse.com/docs/interfaces/http). */
export type ChdbRequest = {
  readonly queryId: string;
  readonly database: string | null;
  readonly format: string;
  readonly settings: readonly (readonly [name: string, value: string])[];
  readonly parameters: readonly (readonly [name: string, value: string])[];
  readonly compression: 'gzip' | 'br' | 'deflate' | null;
} & (
  | { readonly kind: 'insert'; readonly insert: Insert; readonly rows: Readable }
  | { readonly kind: 'query'; readonly query: string }
);

/** `INSERT INTO table (columns) SETTINGS … FORMAT format`, whose rows are the body. */
export type Insert = {
  readonly table: string;
  readonly columns: readonly string[] | null;
  readonly settings: string | null;
  readonly format: string;
};

/** An error that speaks ClickHouse: clients read code and name from the text. */
export class ChdbRequestError extends Error {
  readonly clickhouseCode: number;
  constructor(code: number, name: string, text: string) {
    super(`Code: ${code}. DB::Exception: ${text} (${name})`);
    this.clickhouseCode = code;
  }
}

// Arguments of the HTTP interface that are no settings of a query.
const control = new Set(
  `query query_id database default_format session_id session_timeout session_check user password role compress decompress quota_key
  stacktrace close_session wait_end_of_query send_progress_in_http_headers http_headers_progress_interval_ms http_response_buffer_size
  buffer_size enable_http_compression http_zlib_compression_level add_http_cors_header cancel_http_readonly_queries_on_client_close
  http_write_exception_in_output_format http_make_head_request`.split(/\s+/),
);
const identifier = /^[A-Za-z_]\w*$/;
const insertInto =
  /^\s*INSERT\s+INTO\s+(?:TABLE\s+)?([\w.`"]+)\s*(?:\(([^)]*)\))?\s*(?:SETTINGS\s+([\s\S]+?))?\s*FORMAT\s+(\w+)\s*;?\s*$/i;

function decoded(request: IncomingMessage): Readable {
  const encoding = (request.headers['content-encoding'] ?? '').toLowerCase();
  if (encoding === '') return request;
  const decoders = { gzip: createUnzip, deflate: createUnzip, br: createBrotliDecompress, zstd: createZstdDecompress };
  const decoder = decoders[encoding as keyof typeof decoders]?.();
  if (!decoder) throw new ChdbRequestError(36, 'BAD_ARGUMENTS', `Unknown content-encoding ${encoding}.`);
  request.once('error', (error) => decoder.destroy(error));
  request.once('close', () => request.complete || decoder.destroy(new Error('the client went away')));
  return request.pipe(decoder);
}

/** The fields of a multipart form; the client sends long parameters that way. */
async function readForm(request: IncomingMessage, type: string): Promise<[name: string, value: string][]> {
  const form = await new Response(await buffer(decoded(request)), { headers: { 'content-type': type } }).formData();
  return [...form].filter((entry): entry is [string, string] => typeof entry[1] === 'string');
}

function parseInsert(query: string): Insert | null {
  const found = insertInto.exec(query);
  const [, table, columns, settings, format] = found ?? [];
  if (!table || !format) return null;
  const bare = (name: string): string => name.trim().replace(/[`"]/g, '');
  return {
    table: bare(table),
    columns: columns === undefined ? null : columns.split(',').map(bare),
    settings: settings ?? null,
    format,
  };
}

/** Reads a request. The rows of an insert stay a stream; everything else is read to its end. Throws ChdbRequestError. */
export async function readRequest(request: IncomingMessage): Promise<ChdbRequest> {
  const given = new URL(request.url ?? '/', 'http://localhost').searchParams;
  const type = request.headers['content-type'] ?? '';
  const fields = type.startsWith('multipart/form-data') ? await readForm(request, type) : null;
  const parameters: [string, string][] = [];
  const settings: [string, string][] = [];
  for (const [name, value] of [...given, ...(fields ?? [])]) {
    const parameter = name.startsWith('param_') ? name.slice('param_'.length) : null;
    if (parameter === null && control.has(name)) continue;
    if (!identifier.test(parameter ?? name))
      throw new ChdbRequestError(115, 'UNKNOWN_SETTING', `Unknown setting ${name}.`);
    if (parameter === null) settings.push([name, value]);
    else parameters.push([parameter, value]);
  }
  const wantsCompression = given.get('enable_http_compression') === '1';
  const accepted = /\b(gzip|br|deflate)\b/.exec(
    wantsCompression ? String(request.headers['accept-encoding'] ?? '') : '',
  );
  const shared = {
    queryId: given.get('query_id') ?? crypto.randomUUID(),
    database: given.get('database'),
    format: given.get('default_format') ?? 'TabSeparated',
    settings,
    parameters,
    compression: (accepted?.[1] ?? null) as ChdbRequest['compression'],
  };
  const query = fields?.find(([name]) => name === 'query')?.[1] ?? given.get('query') ?? '';
  const insert = fields ? null : parseInsert(query);
  if (insert) return { ...shared, kind: 'insert', insert, rows: decoded(request) };
  const body = fields ? '' : (await buffer(decoded(request))).toString('utf8');
  return { ...shared, kind: 'query', query: [query, body].filter((part) => part !== '').join('\n') };
}
