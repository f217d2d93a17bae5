import type { IncomingMessage } from 'node:http';
import type { NewFile } from '../state/messages.ts';
import { asObject, type Json } from '../validate/fields.ts';
import { DiscordError } from './errors.ts';

/** A request's body. `list` is filled when it is a JSON array (bulk routes). */
export type Body = { body: Json; list: unknown[]; files: NewFile[]; raw: unknown };

const maxBytes = 64 * 1024 * 1024;

/** Reads JSON, a form, or a multipart form with files. Throws 50109 for malformed JSON. */
export async function readBody(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new DiscordError(50035, { status: 413, message: 'Request entity too large' });
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  const type = request.headers['content-type'] ?? '';
  if (bytes.length === 0) return { body: {}, list: [], files: [], raw: undefined };
  if (type.startsWith('multipart/form-data')) return await readMultipart(bytes, type);
  if (type.startsWith('application/x-www-form-urlencoded')) {
    const body = Object.fromEntries(new URLSearchParams(bytes.toString()));
    return { body, list: [], files: [], raw: body };
  }
  return fromJson(bytes.toString());
}

async function readMultipart(bytes: Buffer, type: string): Promise<Body> {
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData();
  const files: NewFile[] = [];
  const fields: Json = {};
  let payload: Body | null = null;
  for (const [name, value] of form.entries()) {
    if (typeof value === 'string') {
      if (name === 'payload_json') payload = fromJson(value);
      else fields[name] = value;
      continue;
    }
    const key = /^files\[(\d+)\]$/.exec(name)?.[1] ?? null;
    const contentType = value.type === '' ? 'application/octet-stream' : value.type;
    files.push({ key, name: value.name, contentType, bytes: new Uint8Array(await value.arrayBuffer()) });
  }
  return payload ? { ...payload, files } : { body: fields, list: [], files, raw: fields };
}

function fromJson(text: string): Body {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    throw new DiscordError(50109);
  }
  return { body: asObject(raw), list: Array.isArray(raw) ? raw : [], files: [], raw };
}
