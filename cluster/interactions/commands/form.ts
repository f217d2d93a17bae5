import { type APIModalInteractionResponseCallbackData, ButtonStyle, TextInputStyle } from 'discord-api-types/v10';
import { escapeMarkdown, truncate } from '#discord/markdown.ts';
import { type TextKey, translate } from '#locales/index.ts';
import { createForm } from '#tickets/actions/create-form.ts';
import { deleteForm } from '#tickets/actions/delete-form.ts';
import { editForm } from '#tickets/actions/edit-form.ts';
import { invalid } from '#tickets/bounds.ts';
import { AppError } from '#tickets/errors.ts';
import { formBounds, type FormField, type ManagedForm } from '#tickets/form.ts';
import { listForms, readForm } from '#tickets/store/form.ts';
import { button, buttons, optionRow, textInput } from '../components.ts';
import { type Call, defineButton, defineCommand, defineFormButton, defineModal, defineSelect } from '../define.ts';
import { id, number } from '../options.ts';
import { pageButtons, pageNo, pageOf } from '../pages.ts';
import { fieldsOf, limits, readQuestions } from '../panel-draft.ts';

const versioned = { formId: id(), version: number(0, 999_999) } as const;
/** One of its questions, counted from 1. */
const oneInput = { ...versioned, no: number(1, formBounds.fields) } as const;
type InputAt = { readonly formId: number; readonly version: number; readonly no: number };

async function formOf({ deps, guildId }: Pick<Call, 'deps' | 'guildId'>, formId: number): Promise<ManagedForm> {
  const form = await readForm(deps.ctx.db, guildId, formId);
  if (!form) throw new AppError('form.unknown');
  return form;
}

async function showForms({ deps, guildId, locale, reply }: Call, page = 0): Promise<void> {
  const forms = pageOf(await listForms(deps.ctx.db, guildId), page);
  await reply.show({
    content: translate(locale, 'commands.form.intro'),
    components: [
      ...optionRow({
        id: formPickSelect.customId({}),
        placeholder: translate(locale, 'form.pick'),
        options: forms.rows.map((form) => ({ label: form.name, value: String(form.id) })),
      }),
      ...buttons(
        button(translate(locale, 'buttons.form-new.label'), formNewButton.customId({}), ButtonStyle.Primary),
        ...pageButtons(locale, forms, (to) => formPageButton.customId({ page: to })),
      ),
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
    components: [
      ...optionRow({
        id: formInputSelect.customId(args),
        placeholder: translate(locale, 'form.input.pick'),
        options: form.fields.map((field, i) => ({ label: `${i + 1}. ${field.label}`, value: String(i + 1) })),
      }),
      ...buttons(
        button(translate(locale, 'buttons.form-edit.label'), formEditButton.customId(args), ButtonStyle.Primary),
        button(translate(locale, 'buttons.panel-delete.label'), formDeleteButton.customId(args), ButtonStyle.Danger),
        button(translate(locale, 'buttons.panel-home.label'), formHomeButton.customId({})),
      ),
    ],
  });
}

const inputAt = (form: ManagedForm, no: number): FormField => {
  const field = form.fields[no - 1];
  if (!field) throw new AppError('interaction.stale');
  return field;
};

/** One question: how it is answered, and what changes that. */
async function showInput(call: Call, formId: number, no: number): Promise<void> {
  const { locale } = call;
  const form = await formOf(call, formId);
  const input = inputAt(form, no);
  const t = (key: TextKey, vars = {}) => translate(locale, key, vars);
  const args = { formId, version: form.version, no };
  const length = { min: input.minLength ?? 0, max: input.maxLength ?? formBounds.answer };
  const isShort = input.style === 'short';
  await call.reply.show({
    embeds: [
      {
        title: truncate(`${no}. ${escapeMarkdown(input.label)}`, 256),
        description: input.isRequired ? t('form.input.required') : t('form.input.optional'),
        fields: [
          { name: t('form.input.kind'), value: t(isShort ? 'form.short' : 'form.paragraph') },
          { name: t('form.input.length'), value: t('form.input.characters', length) },
          { name: t('form.input.hint'), value: escapeMarkdown(input.placeholder ?? '') || t('settings.none') },
        ],
      },
    ],
    components: buttons(
      button(t('buttons.form-input.label'), formInputButton.customId(args), ButtonStyle.Primary),
      button(
        t(isShort ? 'buttons.form-kind.paragraph' : 'buttons.form-kind.short'),
        formKindButton.customId({ ...args, isLong: isShort ? 1 : 0 }),
      ),
      button(
        t(input.isRequired ? 'buttons.form-required.off' : 'buttons.form-required.on'),
        formRequiredButton.customId({ ...args, isRequired: input.isRequired ? 0 : 1 }),
      ),
      button(t('buttons.panel-home.label'), formOpenButton.customId({ formId })),
    ),
  });
}

/** Changes one question of a form, as it was when its view was made. */
async function changeInput(call: Call, at: InputAt, patch: Partial<FormField>): Promise<void> {
  const { formId, version: ifVersion, no } = at;
  const form = await formOf(call, formId);
  inputAt(form, no);
  const fields = form.fields.map((field, i) => (i === no - 1 ? { ...field, ...patch } : field));
  await editForm(call.deps.ctx, call.guildId, { by: call.actor, formId, patch: { fields }, ifVersion });
  await showInput(call, formId, no);
}

/** Forms, which panels ask before a ticket opens (features.md 1.5-01 to 1.5-04). */
export const formCommand = defineCommand({
  name: 'form',
  level: 'admin',
  defer: 'ephemeral',
  run: (call) => showForms(call),
});
export const formPageButton = defineButton({
  name: 'form-page',
  args: { page: pageNo() },
  level: 'admin',
  defer: 'update',
  run: (call) => showForms(call, call.args.page),
});
export const formHomeButton = defineButton({
  name: 'form-home',
  args: {},
  level: 'admin',
  defer: 'update',
  run: (call) => showForms(call),
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

/** Back to a form. */
export const formOpenButton = defineButton({
  name: 'form-open',
  args: { formId: id() },
  level: 'admin',
  defer: 'update',
  run: (call) => showForm(call, call.args.formId),
});
/** One of its questions. */
export const formInputSelect = defineSelect({
  name: 'form-input-pick',
  args: versioned,
  level: 'admin',
  defer: 'update',
  run: (call) => showInput(call, call.args.formId, Number(call.values[0])),
});
/** Its answer has one line, or several. */
export const formKindButton = defineButton({
  name: 'form-kind',
  args: { ...oneInput, isLong: number(0, 1) },
  level: 'admin',
  defer: 'update',
  run: (call) => changeInput(call, call.args, { style: call.args.isLong === 1 ? 'paragraph' : 'short' }),
});
/** It must be answered, or may be left out. */
export const formRequiredButton = defineButton({
  name: 'form-required',
  args: { ...oneInput, isRequired: number(0, 1) },
  level: 'admin',
  defer: 'update',
  run: (call) => changeInput(call, call.args, { isRequired: call.args.isRequired === 1 }),
});
/** Its text, its hint and how long its answer may be. */
export const formInputButton = defineFormButton({
  name: 'form-input',
  args: oneInput,
  async form(call) {
    const { args, locale } = call;
    const input = inputAt(await formOf(call, args.formId), args.no);
    const line = (key: TextKey, max: number, value: string | number | null) =>
      textInput({
        id: key.split('.').at(-1) ?? key,
        label: translate(locale, key, { max: formBounds.answer }),
        style: TextInputStyle.Short,
        max,
        isRequired: key === 'modals.form-input.label',
        ...(value !== null && { value: String(value) }),
      });
    return {
      custom_id: formInputModal.customId(args),
      title: translate(locale, 'modals.form-input.title'),
      components: [
        line('modals.form-input.label', formBounds.label, input.label),
        line('modals.form-input.hint', formBounds.placeholder, input.placeholder),
        line('modals.form-input.min', 4, input.minLength),
        line('modals.form-input.max', 4, input.maxLength),
      ],
    };
  },
});

/** A length as it was typed; none where nothing was. Its bounds are the form's to check. */
function lengthIn(field: string, typed: string | undefined): number | null {
  const text = (typed ?? '').trim();
  if (text === '') return null;
  if (!/^\d{1,4}$/.test(text)) throw invalid(field, `a whole number up to ${formBounds.answer.toLocaleString('en')}`);
  return Number(text);
}
export const formInputModal = defineModal({
  name: 'form-input',
  args: oneInput,
  level: 'admin',
  defer: 'update',
  run: (call) =>
    changeInput(call, call.args, {
      label: (call.fields.label ?? '').trim(),
      placeholder: (call.fields.hint ?? '').trim() || null,
      minLength: lengthIn(`fields.${call.args.no}.minLength`, call.fields.min),
      maxLength: lengthIn(`fields.${call.args.no}.maxLength`, call.fields.max),
    }),
});
