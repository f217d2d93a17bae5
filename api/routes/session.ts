import { Type } from 'typebox';
import type { App, RouteDeps } from '../app.ts';
import { personOf } from '../plugins/auth.ts';
import { endSession } from '../plugins/session.ts';
import { answers, face, nullable, problem, snowflake } from '../schemas/basic.ts';

const session = Type.Object({
  user: nullable(face),
  csrf: nullable(Type.String({ description: 'To be sent as x-csrf-token with every change' })),
  signIn: Type.Enum(['on', 'off']),
  people: Type.Optional(
    Type.Array(Type.Object({ id: snowflake, name: Type.String(), guildName: Type.String(), role: Type.String() }), {
      description: 'Whom one may sign in as where Discord is a local one',
    }),
  ),
});

/** Who is signed in, and signing out. */
export function sessionRoutes(app: App, deps: RouteDeps): void {
  app.get(
    '/api/session',
    { config: { access: 'public' }, schema: { summary: 'Who is signed in', response: answers(session) } },
    async ({ viewer }) => {
      const signIn: 'on' | 'off' = deps.discord.clientSecret === null ? 'off' : 'on';
      if (viewer?.kind !== 'person') {
        return { user: null, csrf: null, signIn, ...(deps.people && { people: [...deps.people()] }) };
      }
      return { user: viewer.person, csrf: viewer.csrf, signIn };
    },
  );

  app.post(
    '/api/sign-out',
    {
      config: { access: 'person' },
      schema: { summary: 'Ends the session', response: { 204: Type.Null(), '4xx': problem, '5xx': problem } },
    },
    async (request, reply) => {
      await endSession(deps, reply, personOf(request).sessionHash);
      return reply.code(204).send(null);
    },
  );
}
