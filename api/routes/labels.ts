import { Type } from 'typebox';
import { createLabel, defaultLabelColour, editLabel, removeLabel } from '#tickets/actions/set-label.ts';
import { AppError } from '#tickets/errors.ts';
import { listLabels } from '#tickets/store/label.ts';
import { type App, ctxOf, type RouteDeps } from '../app.ts';
import { type GuildAccess, guildOf } from '../plugins/guild.ts';
import { HttpError } from '../problem.ts';
import { answers, docketId, guildParams } from '../schemas/basic.ts';

const strict = { additionalProperties: false } as const;
const colour = Type.Integer({ minimum: 0, maximum: 0xffffff, description: '0xRRGGBB' });
const label = Type.Object({
  id: docketId,
  name: Type.String(),
  colour,
  version: Type.Integer({ description: 'The ETag' }),
});
const labelParams = Type.Object({ ...guildParams.properties, labelId: docketId });
const headers = Type.Object({ 'if-match': Type.Optional(Type.String()) });
const tagOf = (version: number): string => `"${version}"`;

const actorOf = (guild: GuildAccess) => {
  if (!guild.actor) throw new AppError('permission.admin');
  return guild.actor;
};

/** A server's labels: staff read them, admins make them. */
export function labelsRoutes(app: App, deps: RouteDeps): void {
  const ctx = ctxOf(deps);

  app.get(
    '/api/guilds/:guildId/labels',
    {
      config: { access: 'guild.view' },
      schema: {
        summary: "A server's labels, by name",
        params: guildParams,
        response: answers(Type.Object({ labels: Type.Array(label) })),
      },
    },
    async (request) => ({ labels: await listLabels(deps.pool, guildOf(request).id) }),
  );

  app.post(
    '/api/guilds/:guildId/labels',
    {
      config: { access: 'guild.labels' },
      schema: {
        summary: 'Makes a label',
        params: guildParams,
        body: Type.Object({ name: Type.String(), colour: Type.Optional(colour) }, strict),
        response: answers(label),
      },
    },
    async (request) => {
      const guild = guildOf(request);
      const { name, colour: chosen = defaultLabelColour } = request.body;
      return createLabel(ctx, guild.id, { by: actorOf(guild), name, colour: chosen });
    },
  );

  app.patch(
    '/api/guilds/:guildId/labels/:labelId',
    {
      config: { access: 'guild.labels' },
      schema: {
        summary: 'Renames or recolours a label, wherever it stands',
        params: labelParams,
        headers,
        body: Type.Object(
          { name: Type.Optional(Type.String()), colour: Type.Optional(colour) },
          { ...strict, minProperties: 1 },
        ),
        response: answers(label),
      },
    },
    async (request, reply) => {
      const guild = guildOf(request);
      const { labelId } = request.params;
      const labels = await listLabels(deps.pool, guild.id);
      const before = labels.find(({ id }) => id === labelId);
      if (!before) throw new AppError('label.unknown');
      const condition = request.headers['if-match'];
      if (condition === undefined) throw new HttpError('label.condition-missing');
      if (condition !== tagOf(before.version)) throw new AppError('label.stale');
      const input = { by: actorOf(guild), labelId, patch: request.body, ifVersion: before.version };
      const after = await editLabel(ctx, guild.id, input);
      void reply.header('etag', tagOf(after.version));
      return after;
    },
  );

  app.delete(
    '/api/guilds/:guildId/labels/:labelId',
    {
      config: { access: 'guild.labels' },
      schema: {
        summary: 'Deletes a label; tickets that have it keep it',
        params: labelParams,
        response: answers(label),
      },
    },
    async (request) => {
      const guild = guildOf(request);
      return removeLabel(ctx, guild.id, { by: actorOf(guild), labelId: request.params.labelId });
    },
  );
}
