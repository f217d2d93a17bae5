import { Type } from 'typebox';
import { isTextKey, translate } from '#locales/index.ts';
import { resetNumbers } from '#tickets/actions/reset-numbers.ts';
import { retryProblems } from '#tickets/actions/retry-problems.ts';
import { AppError } from '#tickets/errors.ts';
import { listProblems } from '#tickets/store/problem.ts';
import { type App, ctxOf, type RouteDeps } from '../app.ts';
import { guildOf } from '../plugins/guild.ts';
import { answers, docketId, guildParams, isoOrNull, moment, nullable } from '../schemas/basic.ts';
import { troubleText } from '../trouble.ts';

const list = Type.Object({
  problems: Type.Array(
    Type.Object({
      code: Type.String({ description: 'Stable; match on this' }),
      text: Type.String(),
      mend: Type.String({ description: 'What to do about it' }),
      at: nullable(moment),
      ticketId: nullable(docketId),
      displayNo: nullable(Type.Integer()),
      panelMessageId: nullable(docketId),
      count: Type.Integer({ description: 'How many tickets it hinders; the newest is named' }),
    }),
  ),
});
const retried = Type.Object({ count: Type.Integer({ description: 'How many things are tried again' }) });
const numbers = Type.Object({ panelId: nullable(docketId) }, { additionalProperties: false });
const LIMIT = 100;

const mendOf = (code: string): string => {
  const key = `problems.mend.${code}`;
  return translate('en', isTextKey(key) ? key : 'problems.mend.other');
};

/** What hinders Docket in a server, until somebody mends it; and the numbering, which begins anew here. */
export function problemsRoutes(app: App, deps: RouteDeps): void {
  const ctx = ctxOf(deps);
  app.get(
    '/api/guilds/:guildId/problems',
    {
      config: { access: 'tickets.list' },
      schema: { summary: 'What hinders Docket, newest first', params: guildParams, response: answers(list) },
    },
    async (request) => {
      const { id: guildId } = guildOf(request);
      const found = await listProblems(deps.pool, guildId, { now: deps.now(), limit: LIMIT });
      const rows = found.map(async ({ code, context, at, ...rest }) => ({
        code,
        text: await troubleText(deps, guildId, { code, context }),
        mend: mendOf(code),
        at: isoOrNull(at),
        ...rest,
      }));
      return { problems: await Promise.all(rows) };
    },
  );

  app.post(
    '/api/guilds/:guildId/problems/retry',
    {
      config: { access: 'tickets.list' },
      schema: { summary: 'Tries again what Discord refused', params: guildParams, response: answers(retried) },
    },
    async (request) => {
      const guild = guildOf(request);
      if (!guild.actor) throw new AppError('permission.support');
      return { count: await retryProblems(ctx, guild.id, { by: guild.actor }) };
    },
  );

  app.post(
    '/api/guilds/:guildId/numbers/reset',
    {
      config: { access: 'guild.settings' },
      schema: {
        summary: 'Lets display numbers begin at 1 again: of a panel, or (null) of the whole server. Cannot be undone',
        params: guildParams,
        body: numbers,
        response: answers(Type.Object({ panelId: nullable(docketId) })),
      },
    },
    async (request) => {
      const guild = guildOf(request);
      if (!guild.actor) throw new AppError('permission.admin');
      const { panelId } = request.body;
      await resetNumbers(ctx, guild.id, { by: guild.actor, panelId });
      return { panelId };
    },
  );
}
