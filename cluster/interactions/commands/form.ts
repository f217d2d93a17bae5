import { type APIModalInteractionResponseCallbackData, ButtonStyle, TextInputStyle } from 'discord-api-types/v10';
import { escapeMarkdown, truncate } from '#discord/markdown.ts';
import { translate } from '#locales/index.ts';
import { createForm } from '#tickets/actions/create-form.ts';
import { deleteForm } from '#tickets/actions/delete-form.ts';
import { editForm } from '#tickets/actions/edit-form.ts';
import { AppError } from '#tickets/errors.ts';
import { formBounds, type FormField, type ManagedForm } from '#tickets/form.ts';
import { listForms, readForm } from '#tickets/store/form.ts';
import { button, buttons, optionRow, textInput } from '../components.ts';
import { type Call, defineButton, defineCommand, defineFormButton, defineModal, defineSelect } from '../define.ts';
import { id, number } from '../options.ts';
import { fieldsOf, limits, readQuestions } from '../panel-draft.ts';

const versioned = { formId: id(), version: number(0, 999_999) } as const;

async function formOf({ deps, guildId }: Pick<Call, 'deps' | 'guildId'>, formId: number): Promise<ManagedForm> {
  const form = await readForm(deps.ctx.db, guildId, formId);
  if (!form) throw new AppError('form.unknown');
  return form;
}

async function showForms({ deps, guildId, locale, reply }: Call): Promise<void> {
  const forms = await listForms(deps.ctx.db, guildId);
  await reply.show({
    content: translate(locale, 'commands.form.intro'),
    components: [
      ...optionRow({
        id: formPickSelect.customId({}),
        placeholder: translate(locale, 'form.pick'),
        options: forms.slice(-25).map((form) => ({ label: form.name, value: String(form.id) })),
      }),
      ...buttons(button(translate(locale, 'buttons.form-new.label'), formNewButton.customId({}), ButtonStyle.Primary)),
    ],
  });
}

async function showForm(call: Call, formId: number): Promise<void> {
  const { locale } = call;
  const form = await formOf(call, formId);
  const lineOf = (field: FormField): string =>
    `${escapeMarkdown(field.label)} (${translate(locale, field.style === 'short' ? 'form.short' : 'form.paragraph')})`;
  const panels = form.panels.map((panel) => escapeMarkdown(panel.name)).join(', ');
  const args = { formId, version: form.version };
  await call.reply.show({
    embeds: [
      {
        title: escapeMarkdown(form.name),
        description: form.fields
          .map((field, i) => `${i + 1}. ${lineOf(field)}${field.isRequired ? ' *' : ''}`)
          .join('\n'),
        fields: [
          {
            name: translate(locale, 'form.panels'),
            value: truncate(panels || translate(locale, 'settings.none'), 1_024),
          },
        ],
      },
    ],
    components: buttons(
      button(translate(locale, 'buttons.form-edit.label'), formEditButton.customId(args), ButtonStyle.Primary),
      button(translate(locale, 'buttons.panel-delete.label'), formDeleteButton.customId(args), ButtonStyle.Danger),
      button(translate(locale, 'buttons.panel-home.label'), formHomeButton.customId({})),
    ),
  });
}

/** Forms, which panels ask before a ticket opens (features.md 1.5-01 to 1.5-04). */
export const formCommand = defineCommand({ name: 'form', level: 'admin', defer: 'ephemeral', run: showForms });
export const formHomeButton = defineButton({
  name: 'form-home',
  args: {},
  level: 'admin',
  defer: 'update',
  run: showForms,
});
export const formPickSelect = defineSelect({
  name: 'form-pick',
  args: {},
  level: 'admin',
  defer: 'update',
  run: (call) => showForm(call, Number(call.values[0])),
});

const textsForm = (
  locale: string,
  customId: string,
  before: { name: string; questions: string } | null,
): APIModalInteractionResponseCallbackData => ({
  custom_id: customId,
  title: translate(locale, 'modals.form.title'),
  components: [
    textInput({
      id: 'name',
      label: translate(locale, 'modals.form.name'),
      style: TextInputStyle.Short,
      max: formBounds.name,
      isRequired: true,
      ...(before && { value: before.name }),
    }),
    textInput({
      id: 'questions',
      label: translate(locale, 'modals.form.questions'),
      placeholder: translate(locale, 'modals.form.hint'),
      style: TextInputStyle.Paragraph,
      max: limits.questions * (limits.question + 1),
      isRequired: true,
      ...(before && { value: before.questions }),
    }),
  ],
});
export const formNewButton = defineFormButton({
  name: 'form-new',
  args: {},
  form: async ({ locale }) => textsForm(locale, formNewModal.customId({}), null),
});
export const formNewModal = defineModal({
  name: 'form-new',
  args: {},
  level: 'admin',
  defer: 'update',
  async run(call) {
    const fields = fieldsOf(readQuestions(call.fields.questions ?? ''));
    const { id: formId } = await createForm(call.deps.ctx, call.guildId, {
      by: call.actor,
      name: call.fields.name ?? '',
      fields,
    });
    await showForm(call, formId);
  },
});
export const formEditButton = defineFormButton({
  name: 'form-edit',
  args: versioned,
  async form(call) {
    const form = await formOf(call, call.args.formId);
    const questions = form.fields.map((field) => field.label).join('\n');
    return textsForm(call.locale, formEditModal.customId({ formId: form.id, version: form.version }), {
      name: form.name,
      questions,
    });
  },
});
/** Questions in their new order; one that was there keeps its kind, hint and lengths. */
export const formEditModal = defineModal({
  name: 'form-edit',
  args: versioned,
  level: 'admin',
  defer: 'update',
  async run(call) {
    const { formId, version: ifVersion } = call.args;
    const before = await formOf(call, formId);
    const fields = fieldsOf(readQuestions(call.fields.questions ?? '')).map(
      (field) => before.fields.find((one) => one.label === field.label) ?? field,
    );
    const patch = { name: call.fields.name ?? '', fields };
    await editForm(call.deps.ctx, call.guildId, { by: call.actor, formId, patch, ifVersion });
    await showForm(call, formId);
  },
});

/** Deletes it at once: only a form that no panel asks can be deleted. */
export const formDeleteButton = defineButton({
  name: 'form-delete',
  args: versioned,
  level: 'admin',
  defer: 'update',
  async run(call) {
    const { formId, version: ifVersion } = call.args;
    await deleteForm(call.deps.ctx, call.guildId, { by: call.actor, formId, ifVersion });
    await showForms(call);
  },
});
