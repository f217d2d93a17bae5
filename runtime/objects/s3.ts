import { createHash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import { retry } from '../retry.ts';
import { checkKey, type Objects, ObjectStoreError } from './objects.ts';

/** An S3-compatible store. `url` is where keys begin: `https://host/bucket`, `https://bucket.host`, with a prefix behind either. */
export type S3Options = { url: string; region: string; accessKey: string; secretKey: string; timeoutMs?: number };

// A sealed file of 100 MB takes 8 s at 100 Mbit/s; whoever takes longer than this has gone away.
const timeoutMs = 30_000;
const attempts = 3;
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html: worth another try; 503 is SlowDown.
const again = new Set([429, 500, 502, 503, 504]);

class Refused extends ObjectStoreError {
  readonly status: number;
  constructor(status: number, code: string) {
    super(code, `The object store refused: ${code} (HTTP ${status})`);
    this.status = status;
  }
}

async function refusalOf(response: Response): Promise<Refused> {
  const xml = await response.text().catch(() => ''); // the status alone says enough
  return new Refused(response.status, /<Code>([A-Za-z0-9]{1,60})<\/Code>/.exec(xml)?.[1] ?? 'http');
}

async function readBounded(response: Response, maxBytes: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.byteLength;
    if (size > maxBytes) throw new ObjectStoreError('too-large', 'An object is larger than asked for');
    parts.push(part);
  }
  const announced = Number(response.headers.get('content-length') ?? size);
  if (announced !== size) throw new ObjectStoreError('cut', `An object ended after ${size} of ${announced} bytes`);
  return Buffer.concat(parts);
}

/** Errors of connections carry the address, which may hold a key's name: only their code is told. */
function withoutAddress(error: unknown): unknown {
  if (error instanceof ObjectStoreError) return error;
  const cause = (error as { cause?: { code?: unknown } }).cause?.code;
  const code = typeof cause === 'string' ? cause : (error as Error).name === 'TimeoutError' ? 'timeout' : 'connection';
  return new ObjectStoreError(code, `The object store does not answer: ${code}`);
}

/** Keeps objects in an S3-compatible store, signed with AWS Signature version 4, the content included. */
export function createS3Objects(o: S3Options): Objects {
  const base = o.url.replace(/\/+$/, '');
  // Retries are ours: the library knows neither timeouts nor broken connections.
  const signer = new AwsClient({
    accessKeyId: o.accessKey,
    secretAccessKey: o.secretKey,
    region: o.region,
    service: 's3',
    retries: 0,
  });

  async function ask<T>(
    method: 'GET' | 'PUT' | 'DELETE',
    key: string,
    use: (response: Response) => Promise<T>,
    bytes?: Buffer,
  ): Promise<T> {
    checkKey(key);
    const hash = createHash('sha256')
      .update(bytes ?? '')
      .digest('hex');
    const send = async (): Promise<T> => {
      try {
        const signed = await signer.sign(`${base}/${key}`, {
          method,
          headers: { 'x-amz-content-sha256': hash, ...(bytes && { 'content-type': 'application/octet-stream' }) },
          ...(bytes && { body: bytes as BodyInit }),
        });
        const signal = AbortSignal.timeout(o.timeoutMs ?? timeoutMs);
        return await use(await fetch(signed, { signal, redirect: 'manual' }));
      } catch (error) {
        throw withoutAddress(error);
      }
    };
    const isPassing = (error: unknown): boolean =>
      error instanceof Refused ? again.has(error.status) : (error as ObjectStoreError).code !== 'too-large';
    return retry({ attempts, minMs: 200, maxMs: 2_000, when: isPassing }, send);
  }
  const mustBeOk = async (response: Response): Promise<void> => {
    if (!response.ok) throw await refusalOf(response);
    await response.body?.cancel();
  };

  return {
    place: base,
    put: (key, bytes) => ask('PUT', key, mustBeOk, bytes),
    get: (key, { maxBytes }) =>
      ask('GET', key, async (response) => {
        if (response.ok) return readBounded(response, maxBytes);
        const refusal = await refusalOf(response);
        // A bucket that is not there is a 404 too, and no answer to the question.
        if (refusal.code === 'NoSuchKey') return null;
        throw refusal;
      }),
    delete: (key) =>
      ask('DELETE', key, async (response) => {
        if (response.ok) return mustBeOk(response);
        const refusal = await refusalOf(response);
        if (refusal.code !== 'NoSuchKey') throw refusal;
      }),
  };
}
