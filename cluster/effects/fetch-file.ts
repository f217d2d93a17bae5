import type { AttachmentReason } from '#tickets/attachment.ts';

/** Discord's CDN did not give a file: `isPassing` when it may the next time, `isStale` when its address has expired or the file is gone. */
export class CdnError extends Error {
  readonly isPassing: boolean;
  readonly isStale: boolean;
  readonly reason: AttachmentReason;
  constructor(what: string, o: { isPassing?: boolean; isStale?: boolean; reason?: AttachmentReason } = {}) {
    super(`Discord's CDN: ${what}`);
    this.name = 'CdnError';
    this.isPassing = o.isPassing ?? false;
    this.isStale = o.isStale ?? false;
    this.reason = o.reason ?? 'cdn';
  }
}

const passing = new CdnError('no answer', { isPassing: true });

async function readBody(response: Response, maxBytes: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.byteLength;
    // What Discord said of the size is not to be relied on: more is never read.
    if (size > maxBytes) throw new CdnError('more than is kept', { reason: 'too-large' });
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/**
 * Reads a file from Discord's CDN, at most `maxBytes`. Its address carries a signature that expires after a day
 * (https://discord.com/developers/docs/reference#signed-attachment-cdn-urls), so it never reaches a log or an error. Throws CdnError.
 */
export async function fetchFile(o: {
  url: string;
  /** Where Discord's files are: no other place is asked, whatever a message says. */
  cdn: string;
  maxBytes: number;
  timeoutMs: number;
}): Promise<Buffer> {
  const address = URL.parse(o.url);
  if (!address || address.origin !== new URL(o.cdn).origin) throw new CdnError('another place', { reason: 'address' });
  try {
    const signal = AbortSignal.timeout(o.timeoutMs);
    const response = await fetch(address, { signal, redirect: 'error' });
    if (response.ok) return await readBody(response, o.maxBytes);
    await response.body?.cancel();
    const { status } = response;
    const isStale = status === 403 || status === 404 || status === 410;
    throw new CdnError(`HTTP ${status}`, { isStale, isPassing: status === 429 || status >= 500 });
  } catch (error) {
    throw error instanceof CdnError ? error : passing;
  }
}
