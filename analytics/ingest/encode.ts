import { eventColumns, eventNames, ticketColumns } from '#tickets/events.ts';
import type { Result } from './result.ts';

/** Kinds of row and the tables that they go to. */
export const kinds = ['event', 'ticket'] as const;
export type Kind = (typeof kinds)[number];

/** A row on its way in, as the log carries it; `dead` says why the log could not read it, and `row` is then what stood there. */
export type Incoming = { readonly kind: string; readonly row: unknown; readonly dead?: string };

/** A row as ClickHouse reads it: one line of TabSeparated, 2 to 3 times faster to insert than JSON. */
export type Encoded = {
  readonly kind: Kind;
  readonly guildId: string;
  readonly key: string;
  readonly version: number;
  readonly at: number | null;
  readonly line: string;
};

/** A column's text, or null when the value is not one of its type: ClickHouse would wrap 300 to 44 in a UInt8 without a word. */
type Encode = (value: unknown) => string | null;

const maxUInt64 = 2n ** 64n - 1n;

const unsigned =
  (max: number): Encode =>
  (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max ? String(value) : null;

const unsigned64: Encode = (value) => {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? String(value) : null;
  if (typeof value !== 'string' || !/^\d{1,20}$/.test(value)) return null;
  return value.length === 20 && BigInt(value) > maxUInt64 ? null : value;
};

const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r', '\0': '\\0' };
/** A text that cannot end its column or its line. */
export const escapeText = (text: string): string => text.replace(/[\\\t\n\r\0]/g, (found) => escapes[found] ?? found);
const textual: Encode = (value) => (typeof value === 'string' ? escapeText(value) : null);

// DateTime64 reaches from 1900 to 2299 and clamps silently what lies outside; tickets are younger than Discord and older than 2100.
const earliest = Date.UTC(2015, 0);
const latest = Date.UTC(2100, 0);
const time: Encode = (value) => {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < earliest || value > latest) return null;
  const ms = value % 1_000;
  return `${(value - ms) / 1_000}.${ms < 10 ? '00' : ms < 100 ? '0' : ''}${ms}`;
};

const nullable =
  (inner: Encode): Encode =>
  (value) =>
    value === null ? '\\N' : inner(value);

const list =
  (inner: Encode): Encode =>
  (value) => {
    if (!Array.isArray(value)) return null;
    if (value.length === 0) return '[]';
    const texts = value.map(inner);
    return texts.includes(null) ? null : `[${texts.join(',')}]`;
  };

const plain: Record<string, Encode> = {
  UInt8: unsigned(0xff),
  UInt32: unsigned(0xffff_ffff),
  UInt64: unsigned64,
  'LowCardinality(String)': textual,
  "DateTime64(3, 'UTC')": time,
};

/** The encoder of a declared column type. Throws for a type that has none, when this module is loaded. */
function encoderOf(type: string): Encode {
  const [, wrapper, inner] = /^(Nullable|Array)\((.*)\)$/.exec(type) ?? [];
  if (wrapper && inner) return wrapper === 'Array' ? list(encoderOf(inner)) : nullable(encoderOf(inner));
  const found = plain[type];
  if (!found) throw new Error(`no encoder for ${type}`);
  return found;
}

const encodersOf = (columns: Record<string, { type: string }>): [name: string, encode: Encode][] =>
  Object.entries(columns).map(([name, { type }]) => [name, encoderOf(type)]);

const tables: Record<Kind, [name: string, encode: Encode][]> = {
  event: encodersOf(eventColumns),
  ticket: encodersOf(ticketColumns),
};

/** The columns of a line, in its order. */
export const columnsOf = (kind: Kind): string[] => tables[kind].map(([name]) => name);

const isKind = (kind: string): kind is Kind => kinds.some((known) => known === kind);

/** Checks a row against its declaration and makes the line that is inserted. */
export function encode(incoming: Incoming): Result<Encoded> {
  const { kind, dead } = incoming;
  if (dead !== undefined) return { dead };
  if (!isKind(kind)) return { dead: `kind: unknown '${kind}'` };
  if (typeof incoming.row !== 'object' || incoming.row === null) return { dead: 'row: not an object' };
  const row = incoming.row as Record<string, unknown>;
  if (kind === 'event' && !Object.hasOwn(eventNames, String(row.name))) {
    return { dead: `name: unknown '${String(row.name)}'` };
  }
  let line = '';
  for (const [name, encodeValue] of tables[kind]) {
    const text = encodeValue(row[name]);
    if (text === null)
      return { dead: `${name}: ${row[name] === undefined ? 'missing' : `not ${JSON.stringify(row[name])}`}` };
    line += line === '' ? text : `\t${text}`;
  }
  const ticket = `${String(row.guild_id)}/${String(row.ticket_id)}`;
  return {
    ok: {
      kind,
      guildId: String(row.guild_id),
      key: kind === 'event' ? `${ticket}/${String(row.name)}/${String(row.id)}` : ticket,
      version: Number(row.version),
      at: kind === 'event' ? Number(row.at) : null,
      line: `${line}\n`,
    },
  };
}
