import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { App, ApiDeps } from '../app.ts';
import { HttpError, problemOf } from '../problem.ts';
import { sendProblem } from './problems.ts';

// Vite puts a hash of the content into the names below assets/: what has such a name never changes.
const isHashed = (path: string): boolean => path.includes('/assets/');

/**
 * Serves the built web app. Every address that is neither the API's nor a file is a page of the app, which reads the
 * address itself; addresses below /api that nobody serves are problems, never pages.
 */
export async function addWeb(app: App, deps: ApiDeps): Promise<void> {
  if (existsSync(deps.webDir)) {
    await app.register(fastifyStatic, {
      root: deps.webDir,
      index: false,
      // Files are looked up when asked for, so that a build that finishes later is served too.
      wildcard: true,
      cacheControl: false,
      setHeaders: (reply, path) => {
        void reply.header('cache-control', isHashed(path) ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  }
  app.setNotFoundHandler(async (request, reply) => {
    const path = request.url.split('?')[0] ?? '/';
    const isPage = request.method === 'GET' && !/^\/api(\/|$)/.test(path) && !/\/assets\/|\.[a-z0-9]+$/i.test(path);
    if (isPage && existsSync(join(deps.webDir, 'index.html'))) return reply.sendFile('index.html');
    return sendProblem(request, reply, problemOf(new HttpError('route.unknown'), request.id));
  });
}
