import fastifySwagger from '@fastify/swagger';
import { Type } from 'typebox';
import type { App, RouteDeps } from '../app.ts';

/** Describes every route registered afterwards; must come first. */
export async function addOpenapi(app: App, deps: RouteDeps): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Docket',
        version: '1',
        description: 'Tickets in Discord, and their figures. Errors are problem details (RFC 9457).',
      },
      servers: [{ url: deps.publicUrl }],
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: 'docket' },
          apiKey: { type: 'http', scheme: 'bearer', description: 'A key of one server: dk_…' },
        },
      },
    },
    // Only what stands under /api: the web app's files are no interface.
    hideUntagged: false,
    transform: ({ schema, url, route }) => {
      const { access, scope } = route.config ?? {};
      const security: { [name: string]: string[] }[] = access === 'public' ? [] : [{ session: [] }];
      if (scope) security.push({ apiKey: [] });
      return { schema: { ...schema, security, hide: !url.startsWith('/api') }, url };
    },
  });
}

/** The description itself. */
export function openapiRoutes(app: App): void {
  app.get(
    '/api/openapi.json',
    {
      config: { access: 'public' },
      schema: { summary: 'This description', response: { 200: Type.Object({}, { additionalProperties: true }) } },
    },
    async () => app.swagger() as Record<string, unknown>,
  );
}
