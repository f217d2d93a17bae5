import { Type } from 'typebox';
import type { App, RouteDeps } from '../app.ts';
import { personOf } from '../plugins/auth.ts';
import { guildOf } from '../plugins/guild.ts';
import { HttpError } from '../problem.ts';
import { guildParams, problem } from '../schemas/basic.ts';

/** Tells an open page that figures or ticket lists are worth reading again. Carries no data, so it can leak none. */
export function streamRoutes(app: App, deps: RouteDeps): void {
  app.get(
    '/api/guilds/:guildId/stream',
    {
      config: { access: 'guild.view' },
      schema: {
        summary: 'Server-sent events `figures` and `tickets`',
        produces: ['text/event-stream'],
        params: guildParams,
        response: { 200: Type.String(), '4xx': problem, '5xx': problem },
      },
    },
    async (request, reply) => {
      const { id: guildId } = guildOf(request);
      const { id: ownerId } = personOf(request).person;
      if (!deps.streams.hasRoom(ownerId)) throw new HttpError('stream.full');
      reply.hijack();
      // Hijacked answers are written by hand, so the headers that hooks prepared are copied.
      reply.raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        // nginx would hold events back otherwise.
        'x-accel-buffering': 'no',
      });
      deps.streams.open(reply.raw, guildId, ownerId);
    },
  );
}
