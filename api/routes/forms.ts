import { createForm } from '#tickets/actions/create-form.ts';
import { deleteForm } from '#tickets/actions/delete-form.ts';
import { editForm } from '#tickets/actions/edit-form.ts';
import { AppError } from '#tickets/errors.ts';
import type { ManagedForm } from '#tickets/form.ts';
import { listForms, readForm } from '#tickets/store/form.ts';
import { type App, ctxOf, type RouteDeps } from '../app.ts';
import { conditionHeaders, tag, versionIn } from '../condition.ts';
import { actorIn, guildOf } from '../plugins/guild.ts';
import { answers, guildParams } from '../schemas/basic.ts';
import { deletedAnswer, formAnswer, formParams, formPatch, formsAnswer, newForm } from '../schemas/panel.ts';

const config = { access: 'guild.panels' } as const;
const viewOf = ({ fields, panels, ...form }: ManagedForm) => ({ ...form, fields: [...fields], panels: [...panels] });

/** What members are asked before a ticket opens; a form may belong to several panels. */
export function formsRoutes(app: App, deps: RouteDeps): void {
  const ctx = ctxOf(deps);
  const existing = async (guildId: string, formId: number): Promise<ManagedForm> => {
    const form = await readForm(deps.pool, guildId, formId);
    if (!form) throw new AppError('form.unknown');
    return form;
  };

  app.get(
    '/api/guilds/:guildId/forms',
    { config, schema: { summary: "A server's forms", params: guildParams, response: answers(formsAnswer) } },
    async (request) => ({ forms: (await listForms(deps.pool, guildOf(request).id)).map(viewOf) }),
  );

  app.post(
    '/api/guilds/:guildId/forms',
    {
      config,
      schema: { summary: 'Makes a form', params: guildParams, body: newForm, response: answers(formAnswer) },
    },
    async (request, reply) => {
      const guild = guildOf(request);
      const form = await createForm(ctx, guild.id, { by: actorIn(guild), ...request.body });
      tag(reply, form.version);
      return viewOf(form);
    },
  );

  app.get(
    '/api/guilds/:guildId/forms/:formId',
    { config, schema: { summary: 'A form', params: formParams, response: answers(formAnswer) } },
    async (request, reply) => {
      const form = await existing(guildOf(request).id, request.params.formId);
      tag(reply, form.version);
      return viewOf(form);
    },
  );

  app.patch(
    '/api/guilds/:guildId/forms/:formId',
    {
      config,
      schema: {
        summary: 'Changes what it names of a form, for all panels that ask it',
        params: formParams,
        headers: conditionHeaders,
        body: formPatch,
        response: answers(formAnswer),
      },
    },
    async (request, reply) => {
      const guild = guildOf(request);
      const { formId } = request.params;
      await existing(guild.id, formId);
      const ifVersion = versionIn(request);
      const form = await editForm(ctx, guild.id, { by: actorIn(guild), formId, patch: request.body, ifVersion });
      tag(reply, form.version);
      return viewOf(form);
    },
  );

  app.delete(
    '/api/guilds/:guildId/forms/:formId',
    {
      config,
      schema: {
        summary: 'Deletes a form that no panel asks any more',
        params: formParams,
        headers: conditionHeaders,
        response: answers(deletedAnswer),
      },
    },
    async (request) => {
      const guild = guildOf(request);
      const { formId } = request.params;
      await existing(guild.id, formId);
      const ifVersion = versionIn(request);
      await deleteForm(ctx, guild.id, { by: actorIn(guild), formId, ifVersion });
      return { id: formId };
    },
  );
}
