import fastifyStatic from '@fastify/static';
import type { ApiDeps, App } from '../app.ts';
import { HttpError, problemOf } from '../problem.ts';
import { sendProblem } from './problems.ts';

// Vite puts a hash of the content into the names below assets/: what has such a name never changes.
const isHashed = (path: string): boolean => path.includes('/assets/');
const isFile = (path: string): boolean => path.startsWith('assets/') || /\.[a-z0-9]+$/i.test(path);

/**
 * Serves the built web app. Every address that is neither the API's nor a file's is a page of the app, which reads the
 * address itself; addresses below /api that nobody serves are problems, never pages. A build that finishes after the
 * start is served too.
 */
export async function addWeb(app: App, deps: ApiDeps): Promise<void> {
  await app.register(fastifyStatic, {
    root: deps.webDir,
    serve: false,
    index: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      void reply.header('cache-control', isHashed(path) ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  app.get('/*', (request, reply) => {
    const { '*': path } = request.params as { '*': string };
    if (path === 'api' || path.startsWith('api/') || path.includes('..')) {
      reply.callNotFound();
      return reply;
    }
    return reply.sendFile(isFile(path) ? path : 'index.html');
  });
  app.setNotFoundHandler((request, reply) =>
    sendProblem(request, reply, problemOf(new HttpError('route.unknown'), request.id)),
  );
}
