import { Type } from 'typebox';
import { readOverview } from '#analytics/query/overview.ts';
import { readUser } from '#analytics/query/user.ts';
import { AppError } from '#tickets/errors.ts';
import type { App, RouteDeps } from '../app.ts';
import { guildOf } from '../plugins/guild.ts';
import { HttpError } from '../problem.ts';
import { answers, guildParams, snowflake } from '../schemas/basic.ts';
import { daysQuery, overview, userFigures } from '../schemas/figures.ts';

const DEFAULT_DAYS = 30;

/** Figures of a server and of its people: admins only (features.md 1.14-01), or an API key with `analytics:read`. */
export function analyticsRoutes(app: App, deps: RouteDeps): void {
  const readers = { clickhouse: deps.clickhouse, db: deps.pool };

  app.get(
    '/api/guilds/:guildId/analytics/overview',
    {
      config: { access: 'guild.analytics', scope: 'analytics:read' },
      schema: {
        summary: "A server's figures",
        params: guildParams,
        querystring: daysQuery,
        response: answers(overview),
      },
    },
    async (request) => {
      const o = { now: deps.now(), days: request.query.days ?? DEFAULT_DAYS };
      return await figures(() => readOverview(readers, guildOf(request).id, o));
    },
  );

  app.get(
    '/api/guilds/:guildId/analytics/users/:userId',
    {
      config: { access: 'guild.analytics', scope: 'analytics:read' },
      schema: {
        summary: "A person's figures",
        params: Type.Object({ guildId: snowflake, userId: snowflake }),
        querystring: daysQuery,
        response: answers(userFigures),
      },
    },
    async (request) => {
      const { id: guildId } = guildOf(request);
      const { userId } = request.params;
      const o = { now: deps.now(), days: request.query.days ?? DEFAULT_DAYS };
      const [found, people] = await Promise.all([
        figures(() => readUser(readers, guildId, userId, o)),
        deps.directory.people(guildId, [userId]),
      ]);
      if (!found) throw new AppError('user.unknown');
      const person = people.get(userId);
      return { ...found, user: { id: userId, name: person?.name ?? null, avatarUrl: person?.avatarUrl ?? null } };
    },
  );
}

/** Without ClickHouse the figures fail and nothing else does: a 503 with a reference, on this route only. */
async function figures<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throw cause instanceof AppError ? cause : new HttpError('analytics.unavailable', { cause });
  }
}
