import { ButtonStyle } from 'discord-api-types/v10';
import { escapeMarkdown } from '#discord/markdown.ts';
import { type TextKey, translate } from '#locales/index.ts';
import { deletePanel } from '#tickets/actions/delete-panel.ts';
import { editPanel, panelValuesOf } from '#tickets/actions/edit-panel.ts';
import { sendPanelMessage } from '#tickets/actions/send-panel-message.ts';
import { AppError } from '#tickets/errors.ts';
import { buttonStyles, outsideHours, type Panel, panelBounds, type PanelValues } from '#tickets/panel.ts';
import { checkPanelPlaces } from '#tickets/panel-places.ts';
import { listForms } from '#tickets/store/form.ts';
import { readPanel } from '#tickets/store/panel.ts';
import { listPanelMessages } from '#tickets/store/panel-message.ts';
import { listSchedules } from '#tickets/store/schedule.ts';
import { listManagedTeams } from '#tickets/store/team.ts';
import { button, buttons, optionRow } from '../components.ts';
import { chooserId } from '../custom-id.ts';
import { type Call, defineButton, defineFormButton, defineModal, defineSelect, type FormCall } from '../define.ts';
import { id, number } from '../options.ts';
import {
  backButton,
  deleteRows,
  type PanelControl,
  panelControlRow,
  panelControls,
  panelEmbed,
} from '../panel-view.ts';
import { choicePage, menuMax, pageButtons, pageNo } from '../pages.ts';
import { placesOf } from '../places.ts';
import { colourIn, colourText, panelForm, wantedUrl } from './panel-fields.ts';
import { messageOpenButton, messageTextsSelect } from './panel-message.ts';

const version = () => number(0, 999_999);
const control = () => number(0, panelControls.length - 1);

async function panelOf({ deps, guildId }: Pick<FormCall, 'deps' | 'guildId'>, panelId: number): Promise<Panel> {
  const panel = await readPanel(deps.ctx.db, guildId, panelId);
  if (!panel || panel.deletedAt !== null) throw new AppError('panel.unknown');
  return panel;
}

/** Shows a panel with what can be changed about it, and the menu that changes one of these things. */
async function showPanel(call: Call, panelId: number, shown?: PanelControl, page = 0): Promise<void> {
  const { deps, guildId, locale, reply } = call;
  const { db } = deps.ctx;
  const panel = await panelOf(call, panelId);
  const [teams, forms, schedules, all] = await Promise.all([
    listManagedTeams(db, guildId),
    listForms(db, guildId),
    listSchedules(db, guildId),
    listPanelMessages(db, guildId),
  ]);
  const messages = all.filter((message) => message.panelIds.includes(panelId));
  const own = messages.findLast((message) => message.panelIds.length === 1);
  const t = (key: TextKey) => translate(locale, key);
  const at = { panelId, version: panel.version };
  const choices = {
    teams: choicePage(teams, panel.teamIds, { page }),
    // One option says "none".
    forms: choicePage(forms, panel.form ? [panel.form.id] : [], { page, size: menuMax - 1 }),
  };
  const turned = shown === 'teams' ? choices.teams : shown === 'form' ? choices.forms : { older: null, newer: null };
  const control = shown ? panelControls.indexOf(shown) : 0;
  await reply.show({
    embeds: [panelEmbed(locale, panel, { teams, schedules, messages })],
    components: [
      ...optionRow({
        id: chooserId('panel'),
        placeholder: t('panel.edit.what'),
        options: [
          { label: t('panel.edit.texts'), value: panelTextsSelect.customId(at) },
          { label: t('panel.edit.welcome'), value: panelWelcomeSelect.customId(at) },
          { label: t('panel.edit.look'), value: panelLookSelect.customId(at) },
          ...(own
            ? [
                {
                  label: t('panel.edit.message'),
                  value: messageTextsSelect.customId({ panelMessageId: own.id, version: own.version }),
                },
              ]
            : []),
          ...panelControls.map((name, i) => ({
            label: translate(locale, `panel.control.${name}` satisfies TextKey),
            value: panelShowSelect.customId({ panelId, control: i }),
          })),
        ],
      }),
      ...(shown
        ? panelControlRow(locale, panel, shown, {
            id: panelSetSelect.customId({ panelId, control: panelControls.indexOf(shown) }),
            teams: choices.teams.rows,
            forms: choices.forms.rows,
            schedules,
          })
        : []),
      ...buttons(
        ...(own
          ? [button(t('buttons.panel-message.label'), messageOpenButton.customId({ panelMessageId: own.id }))]
          : []),
        button(t('buttons.panel-send.label'), panelSendButton.customId({ panelId }), ButtonStyle.Primary),
        button(t('buttons.panel-delete.label'), panelDeleteButton.customId({ panelId }), ButtonStyle.Danger),
        backButton(locale),
        ...pageButtons(locale, turned, (to) => panelTurnButton.customId({ panelId, control, page: to })),
      ),
    ],
  });
}

/** Changes a panel, once what the change names is known to be in this server. */
async function change(call: Call, panelId: number, wanted: Partial<PanelValues>, ifVersion?: number): Promise<void> {
  const { deps, guildId, actor } = call;
  const before = panelValuesOf(await panelOf(call, panelId));
  const patch = await checkPanelPlaces(guildId, wanted, before, placesOf(deps, guildId));
  await editPanel(deps.ctx, guildId, { by: actor, panelId, patch, ...(ifVersion !== undefined && { ifVersion }) });
}

/** One of the server's panels. */
export const panelPickSelect = defineSelect({
  name: 'panel-pick',
  args: {},
  level: 'admin',
  defer: 'update',
  run: (call) => showPanel(call, Number(call.values[0])),
});

/** The menu that sets one thing. */
export const panelShowSelect = defineSelect({
  name: 'panel-show',
  args: { panelId: id(), control: control() },
  level: 'admin',
  defer: 'update',
  run: (call) => showPanel(call, call.args.panelId, panelControls[call.args.control]),
});

/** Another page of it. */
export const panelTurnButton = defineButton({
  name: 'panel-turn',
  args: { panelId: id(), control: control(), page: pageNo() },
  level: 'admin',
  defer: 'update',
  run: (call) => showPanel(call, call.args.panelId, panelControls[call.args.control], call.args.page),
});

/** What was chosen in such a menu, as a change. '0' is nothing, or as the server's settings say. */
async function patchOf(call: Call, name: PanelControl, values: readonly string[]): Promise<Partial<PanelValues>> {
  const [first = '0'] = values;
  switch (name) {
    case 'category':
      return { categoryId: values[0] ?? null };
    case 'teams':
      return { teamIds: values.map(Number) };
    case 'form':
      return { formId: first === '0' ? null : Number(first) };
    case 'roles':
      return { requiredRoleIds: values };
    case 'mentions': {
      const roles = new Set((await placesOf(call.deps, call.guildId).roles()).map((role) => role.id));
      return { mentions: values.map((one) => ({ id: one, kind: roles.has(one) ? 'role' : 'user' })) };
    }
    case 'mode':
      return { mode: first === 'channel' || first === 'thread' ? first : null };
    case 'style': {
      const style = buttonStyles.find((one) => one === first);
      return style ? { buttonStyle: style } : {};
    }
    case 'overflow':
      return { overflowCategoryIds: values };
    case 'schedule':
      return { scheduleId: first === '0' ? null : Number(first) };
    case 'outside':
      return { outsideHours: outsideHours.find((one) => one === first) ?? null };
    case 'claim':
      return { claimButton: first === '0' ? null : first === 'true' };
  }
}

/** Sets it. */
export const panelSetSelect = defineSelect({
  name: 'panel-set',
  args: { panelId: id(), control: control() },
  level: 'admin',
  defer: 'update',
  async run(call) {
    const { panelId } = call.args;
    const name = panelControls[call.args.control];
    if (!name) throw new AppError('interaction.stale');
    await change(call, panelId, await patchOf(call, name, call.values));
    await showPanel(call, panelId, name);
  },
});

const versioned = { panelId: id(), version: version() } as const;

/** Name, button and names of tickets. */
export const panelTextsSelect = {
  ...defineFormButton({
    name: 'panel-texts',
    args: versioned,
    async form(call) {
      const panel = await panelOf(call, call.args.panelId);
      return panelForm(call.locale, panelTextsModal.customId({ ...call.args, version: panel.version }), [
        { id: 'name', max: panelBounds.name, value: panel.name },
        { id: 'label', max: panelBounds.buttonLabel, value: panel.buttonLabel },
        { id: 'emoji', max: 100, value: panel.buttonEmoji },
        { id: 'description', max: panelBounds.description, value: panel.description },
        { id: 'naming', max: panelBounds.naming, value: panel.naming },
      ]);
    },
  }),
  kind: 'select' as const,
};

/** Blank fields get their defaults (features.md 1.4-13). */
export const panelTextsModal = defineModal({
  name: 'panel-texts',
  args: versioned,
  level: 'admin',
  defer: 'update',
  async run(call) {
    const { fields, locale, args } = call;
    const patch = {
      name: fields.name || translate(locale, 'panel.default.title'),
      buttonLabel: fields.label || translate(locale, 'panel.default.label'),
      buttonEmoji: fields.emoji || null,
      description: fields.description || null,
      naming: fields.naming || null,
    };
    await change(call, args.panelId, patch, args.version);
    await showPanel(call, args.panelId);
  },
});

/** The welcome message of its tickets. */
export const panelWelcomeSelect = {
  ...defineFormButton({
    name: 'panel-welcome',
    args: versioned,
    async form(call) {
      const panel = await panelOf(call, call.args.panelId);
      return panelForm(call.locale, panelWelcomeModal.customId({ ...call.args, version: panel.version }), [
        { id: 'welcome-title', max: panelBounds.welcomeTitle, value: panel.welcomeTitle },
        { id: 'welcome', max: panelBounds.welcome, value: panel.welcome, isLong: true },
        { id: 'footer', max: panelBounds.welcomeFooter, value: panel.welcomeFooter },
      ]);
    },
  }),
  kind: 'select' as const,
};
export const panelWelcomeModal = defineModal({
  name: 'panel-welcome',
  args: versioned,
  level: 'admin',
  defer: 'update',
  async run(call) {
    const { fields, args } = call;
    const { welcome } = await panelOf(call, args.panelId);
    const keeps = !fields.welcome && (welcome ?? '').length > 4_000;
    const patch = {
      welcomeTitle: fields['welcome-title'] || null,
      welcomeFooter: fields.footer || null,
      ...(!keeps && { welcome: fields.welcome || null }),
    };
    await change(call, args.panelId, patch, args.version);
    await showPanel(call, args.panelId);
  },
});

/** Colour and pictures of the welcome message, and how many tickets may be open. */
export const panelLookSelect = {
  ...defineFormButton({
    name: 'panel-look',
    args: versioned,
    async form(call) {
      const panel = await panelOf(call, call.args.panelId);
      return panelForm(call.locale, panelLookModal.customId({ ...call.args, version: panel.version }), [
        { id: 'colour', max: 7, value: panel.welcomeColour === null ? null : colourText(panel.welcomeColour) },
        { id: 'image', max: panelBounds.url, value: panel.welcomeImageUrl },
        { id: 'thumbnail', max: panelBounds.url, value: panel.welcomeThumbnailUrl },
        { id: 'limit', max: 4, value: panel.maxOpen === null ? null : String(panel.maxOpen) },
      ]);
    },
  }),
  kind: 'select' as const,
};
export const panelLookModal = defineModal({
  name: 'panel-look',
  args: versioned,
  level: 'admin',
  defer: 'update',
  async run(call) {
    const { fields, args } = call;
    const patch = {
      welcomeColour: fields.colour ? colourIn(fields.colour) : null,
      welcomeImageUrl: wantedUrl(fields.image),
      welcomeThumbnailUrl: wantedUrl(fields.thumbnail),
      maxOpen: fields.limit ? Number(fields.limit) : null,
    };
    await change(call, args.panelId, patch, args.version);
    await showPanel(call, args.panelId);
  },
});

/** Publishes its messages again (features.md 1.4-14). */
export const panelSendButton = defineButton({
  name: 'panel-send',
  args: { panelId: id() },
  level: 'admin',
  defer: 'update',
  async run(call) {
    const { deps, guildId, actor, args } = call;
    await panelOf(call, args.panelId);
    for (const { id: panelMessageId, panelIds } of await listPanelMessages(deps.ctx.db, guildId))
      if (panelIds.includes(args.panelId)) await sendPanelMessage(deps.ctx, guildId, { by: actor, panelMessageId });
    await showPanel(call, args.panelId);
  },
});

/** Asks once more. */
export const panelDeleteButton = defineButton({
  name: 'panel-delete',
  args: { panelId: id() },
  level: 'admin',
  defer: 'update',
  async run(call) {
    const { locale, args, reply } = call;
    const panel = await panelOf(call, args.panelId);
    await reply.show({
      content: translate(locale, 'panel.delete.ask', { name: escapeMarkdown(panel.name) }),
      components: deleteRows(
        locale,
        panelDeleteYesButton.customId({ panelId: panel.id, version: panel.version }),
        panelKeepButton.customId(args),
      ),
    });
  },
});
export const panelKeepButton = defineButton({
  name: 'panel-keep',
  args: { panelId: id() },
  level: 'admin',
  defer: 'update',
  run: (call) => showPanel(call, call.args.panelId),
});
export const panelDeleteYesButton = defineButton({
  name: 'panel-delete-yes',
  args: versioned,
  level: 'admin',
  defer: 'update',
  async run({ deps, guildId, actor, args, reply, locale }) {
    const { panelId, version: ifVersion } = args;
    await deletePanel(deps.ctx, guildId, { by: actor, panelId, ifVersion });
    await reply.show({ content: translate(locale, 'panel.delete.done'), components: buttons(backButton(locale)) });
  },
});
