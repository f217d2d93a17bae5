import type { Duplex } from 'node:stream';
import { constants, createDeflate, createZstdCompress } from 'node:zlib';
import type { WebSocket } from 'ws';
import type { Link } from './hub.ts';

// A client that reads nothing must not fill the memory; it can RESUME.
const maxBufferedBytes = 512 * 1024 * 1024;

/** How frames reach a client: as text, or through one compression stream per connection. */
export function createLink(ws: WebSocket, socket: Duplex, compress: string | null): Link & { buffered(): number } {
  const squeeze = compress === null ? null : createSqueeze(compress, (bytes) => ws.send(bytes));
  let isCorked = false;

  return {
    send(frame) {
      if (ws.readyState !== ws.OPEN) return;
      if (ws.bufferedAmount > maxBufferedBytes) return ws.terminate();
      // All frames of one turn leave in one system call: 3 times the throughput of one call each.
      if (!isCorked) {
        isCorked = true;
        socket.cork();
        setImmediate(() => {
          isCorked = false;
          socket.uncork();
        });
      }
      if (squeeze) squeeze(frame);
      else ws.send(frame);
    },
    close: (code, reason) => ws.close(code, reason),
    terminate: () => ws.terminate(),
    buffered: () => ws.bufferedAmount,
  };
}

/** One compression stream for all frames of a connection; each frame ends with a flush. */
function createSqueeze(kind: string, send: (bytes: Buffer) => void): (frame: string) => void {
  const isZstd = kind === 'zstd-stream';
  const stream = isZstd ? createZstdCompress() : createDeflate();
  const flush = isZstd ? constants.ZSTD_e_flush : constants.Z_SYNC_FLUSH;
  const waiting: string[] = [];
  let parts: Buffer[] = [];
  let isBusy = false;
  stream.on('data', (part: Buffer) => parts.push(part));

  function next() {
    const frame = waiting.shift();
    if (frame === undefined) {
      isBusy = false;
      return;
    }
    isBusy = true;
    stream.write(frame);
    stream.flush(flush, () => {
      const bytes = Buffer.concat(parts);
      parts = [];
      send(bytes);
      next();
    });
  }
  return (frame) => {
    waiting.push(frame);
    if (!isBusy) next();
  };
}
