import type { Message } from 'kafkajs';
import type { OutboxRow } from '#tickets/store/fleet/outbox.ts';
import type { Incoming } from '../ingest/encode.ts';

/** The form of a message's value. A reader of the next form is deployed before the first writer of it. */
const version = 1;

/** A message that is sent; what it weighs before it is compressed. */
export type Outgoing = Message & { readonly key: string; readonly value: string };

/** A row as a message: keyed by its ticket, so that one partition has all of a ticket in order. docs/kafka.md describes the value. */
export function toMessage({ kind, ticketId, row }: OutboxRow): Outgoing {
  return { key: String(ticketId), value: JSON.stringify({ v: version, kind, row }) };
}

/** A message's value as the ingest takes it. What cannot be read becomes a dead letter with its reason. */
export function fromMessage(value: Buffer | null): Incoming {
  const text = value?.toString() ?? '';
  const dead = (reason: string): Incoming => ({ kind: 'message', row: text, dead: `message: ${reason}` });
  if (value === null) return dead('has no value');
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return dead('not JSON');
  }
  if (typeof read !== 'object' || read === null) return dead('not an object');
  const { v, kind, row } = read as { v?: unknown; kind?: unknown; row?: unknown };
  if (v !== version) return dead(`form ${JSON.stringify(v) ?? 'missing'}, not ${version}`);
  if (typeof kind !== 'string') return dead('has no kind');
  return { kind, row };
}
