import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

// A store in memory that checks AWS Signature version 4 by its own arithmetic, from the documentation:
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html. For tests that must run on any machine, and for faults.

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** What a fault does to the next requests. */
export type Fault = 'hang' | 'cut' | number;

/** The signature that a request must have. Exported for the vector that AWS publishes. */
export function signatureOf(o: {
  method: string;
  path: string;
  query: string;
  headers: ReadonlyMap<string, string>;
  signedHeaders: readonly string[];
  date: string;
  region: string;
  secretKey: string;
}): string {
  const lines = o.signedHeaders.map((name) => `${name}:${(o.headers.get(name) ?? '').trim()}`);
  const hash = o.headers.get('x-amz-content-sha256') ?? '';
  const request = [o.method, o.path, o.query, ...lines, '', o.signedHeaders.join(';'), hash].join('\n');
  const day = o.date.slice(0, 8);
  const scope = `${day}/${o.region}/s3/aws4_request`;
  const key = hmac(hmac(hmac(hmac(`AWS4${o.secretKey}`, day), o.region), 's3'), 'aws4_request');
  return hmac(key, ['AWS4-HMAC-SHA256', o.date, scope, sha256(request)].join('\n')).toString('hex');
}

const refuse = (response: ServerResponse, status: number, code: string): void => {
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>secret words</Message></Error>`);
};

/** Starts it with the bucket `docket`. `faults` are used up by the next requests, in order. */
export async function startMemoryS3(o: { accessKey: string; secretKey: string; region: string }) {
  const kept = new Map<string, Buffer>();
  const faults: Fault[] = [];
  let asked = 0;

  function isSigned(request: IncomingMessage, body: Buffer): boolean {
    const given =
      /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/.exec(
        request.headers.authorization ?? '',
      );
    if (!given) return false;
    const [, accessKey, day, region, signed = '', signature] = given;
    const headers = new Map(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const date = headers.get('x-amz-date') ?? '';
    const url = new URL(request.url ?? '/', 'http://local');
    const signedHeaders = signed.split(';');
    const isWhole = ['host', 'x-amz-content-sha256', 'x-amz-date'].every((name) => signedHeaders.includes(name));
    const wanted = signatureOf({
      method: request.method ?? '',
      path: url.pathname,
      query: url.search.slice(1),
      headers,
      signedHeaders,
      date,
      region: o.region,
      secretKey: o.secretKey,
    });
    const isSame = accessKey === o.accessKey && day === date.slice(0, 8) && region === o.region && signature === wanted;
    return isWhole && isSame && headers.get('x-amz-content-sha256') === sha256(body);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    asked += 1;
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const fault = faults.shift();
    if (fault === 'hang') return;
    if (typeof fault === 'number') return refuse(response, fault, 'SlowDown');
    if (!isSigned(request, body)) return refuse(response, 403, 'SignatureDoesNotMatch');
    const key = new URL(request.url ?? '/', 'http://local').pathname;
    if (!key.startsWith('/docket/')) return refuse(response, 404, 'NoSuchBucket');
    if (request.method === 'PUT') {
      kept.set(key, body);
      response.writeHead(200).end();
    } else if (request.method === 'DELETE') {
      kept.delete(key);
      response.writeHead(204).end();
    } else {
      const bytes = kept.get(key);
      if (!bytes) return refuse(response, 404, 'NoSuchKey');
      response.writeHead(200, { 'content-length': bytes.length });
      if (fault === 'cut') response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
      else response.end(bytes);
    }
  }

  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
    asked: () => asked,
    stop: async (): Promise<void> => {
      server.close();
      server.closeAllConnections();
    },
  };
}
