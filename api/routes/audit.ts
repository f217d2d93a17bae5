import { Type } from 'typebox';
import { AppError } from '#tickets/errors.ts';
import { undoSettings } from '#tickets/actions/undo-settings.ts';
import { changedIn } from '#tickets/settings/change.ts';
import { listAudit } from '#tickets/store/audit.ts';
import { type App, ctxOf, type RouteDeps } from '../app.ts';
import { guildOf } from '../plugins/guild.ts';
import { answers, docketId, guildParams, iso, moment, nullable, person } from '../schemas/basic.ts';

const query = Type.Object(
  {
    cursor: Type.Optional(docketId),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  },
  { additionalProperties: false },
);
const entry = Type.Object({
  id: docketId,
  at: moment,
  actor: nullable(person),
  action: Type.String({ description: 'What was changed: settings.changed, staff.added, panel.created, …' }),
  data: Type.Unknown({ description: 'For settings `before` and `after`: what was chosen; absent = the default' }),
  isUndoable: Type.Boolean({ description: 'Whether it is of a kind that can be undone' }),
});
const page = Type.Object({
  entries: Type.Array(entry),
  next: nullable(Type.String({ description: 'The cursor of the next page' })),
});
const undone = Type.Object({ auditId: docketId, settingsVersion: Type.Integer() });
const auditParams = Type.Object({ ...guildParams.properties, auditId: docketId });
const DEFAULT_LIMIT = 50;

/** Who changed what in a server, newest first, and taking a change of settings back. */
export function auditRoutes(app: App, deps: RouteDeps): void {
  app.get(
    '/api/guilds/:guildId/audit',
    {
      config: { access: 'guild.settings' },
      schema: {
        summary: 'Who changed what, newest first',
        params: guildParams,
        querystring: query,
        response: answers(page),
      },
    },
    async (request) => {
      const { id: guildId } = guildOf(request);
      const { cursor, limit = DEFAULT_LIMIT } = request.query;
      // One more than the page shows whether there is another.
      const found = await listAudit(deps.pool, guildId, { before: cursor ?? null, limit: limit + 1 });
      const shown = found.slice(0, limit);
      const actorIds = shown.flatMap(({ actorId }) => (actorId === null ? [] : [actorId]));
      const people = await deps.directory.people(guildId, actorIds);
      const last = found.length > limit ? shown.at(-1) : undefined;
      return {
        entries: shown.map(({ id, at, actorId, action, data }) => ({
          id,
          at: iso(at),
          actor: actorId === null ? null : { id: actorId, name: people.get(actorId)?.name ?? actorId },
          action,
          data,
          isUndoable: changedIn({ action, data }) !== null,
        })),
        next: last ? String(last.id) : null,
      };
    },
  );

  app.post(
    '/api/guilds/:guildId/audit/:auditId/undo',
    {
      config: { access: 'guild.settings' },
      schema: {
        summary:
          'Takes a change of settings back, unless they were changed again since; answers the change that this is',
        params: auditParams,
        response: answers(undone),
      },
    },
    async (request) => {
      const guild = guildOf(request);
      if (!guild.actor) throw new AppError('permission.admin');
      const { auditId, settingsVersion } = await undoSettings(ctxOf(deps), guild.id, {
        by: guild.actor,
        auditId: request.params.auditId,
      });
      return { auditId, settingsVersion };
    },
  );
}
