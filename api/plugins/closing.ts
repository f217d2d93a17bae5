import type { ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { App } from '../app.ts';

// Longer than any request takes that is not hanging, and well within the time that a process has to stop.
const DRAIN_MS = 5_000;

/**
 * Ends well: `endStreams`, then requests under way, then every connection. Connections are ended here because node's
 * closeIdleConnections() misses kept-alive ones after others were aborted (24.21), and a browser keeps its own for minutes.
 */
export function addClosing(app: App, endStreams: () => Promise<void>): void {
  const underWay = new Set<ServerResponse>();
  app.server.on('request', (_request, response: ServerResponse) => {
    underWay.add(response);
    response.once('close', () => underWay.delete(response));
  });
  app.addHook('preClose', async () => {
    await endStreams();
    const deadline = AbortSignal.timeout(DRAIN_MS);
    try {
      await Promise.all([...underWay].map((response) => once(response, 'close', { signal: deadline })));
    } catch (error) {
      if (!deadline.aborted) throw error;
      app.log.warn({ requests: underWay.size }, 'requests did not end in time and were cut off');
    }
    app.server.closeAllConnections();
  });
}
