import { ButtonStyle } from 'discord-api-types/v10';
import { escapeMarkdown } from '#discord/markdown.ts';
import { type TextKey, translate } from '#locales/index.ts';
import { deletePanelMessage } from '#tickets/actions/delete-panel-message.ts';
import { editPanelMessage } from '#tickets/actions/edit-panel-message.ts';
import { sendPanelMessage } from '#tickets/actions/send-panel-message.ts';
import { AppError } from '#tickets/errors.ts';
import { messageBounds, type PanelMessage, type PanelMessageValues, panelLayouts } from '#tickets/panel.ts';
import { listPanels } from '#tickets/store/panel.ts';
import { readPanelMessage } from '#tickets/store/panel-message.ts';
import { button, buttons, optionRow } from '../components.ts';
import { chooserId } from '../custom-id.ts';
import { type Call, defineButton, defineFormButton, defineModal, defineSelect, type FormCall } from '../define.ts';
import { id, number } from '../options.ts';
import {
  backButton,
  deleteRows,
  type MessageControl,
  messageControlRow,
  messageControls,
  messageEmbed,
} from '../panel-view.ts';
import { choicePage, pageButtons, pageNo } from '../pages.ts';
import { mustHoldPanels } from '../places.ts';
import { colourIn, colourText, panelForm, wantedUrl } from './panel-fields.ts';

const version = () => number(0, 999_999);
const versioned = { panelMessageId: id(), version: version() } as const;
const control = () => number(0, messageControls.length - 1);

async function messageOf(
  { deps, guildId }: Pick<FormCall, 'deps' | 'guildId'>,
  panelMessageId: number,
): Promise<PanelMessage> {
  const message = await readPanelMessage(deps.ctx.db, guildId, panelMessageId);
  if (!message || message.deletedAt !== null) throw new AppError('panel-message.unknown');
  return message;
}

/** Shows a panel message with what can be changed about it, and the menu that changes one of these things. */
export async function showMessage(call: Call, panelMessageId: number, shown?: MessageControl, page = 0): Promise<void> {
  const { deps, guildId, locale, reply } = call;
  const message = await messageOf(call, panelMessageId);
  const panels = await listPanels(deps.ctx.db, guildId);
  const t = (key: TextKey) => translate(locale, key);
  const at = { panelMessageId, version: message.version };
  const offered = choicePage(panels, message.panelIds, { page });
  const turned = shown === 'panels' ? offered : { older: null, newer: null };
  const control = shown ? messageControls.indexOf(shown) : 0;
  await reply.show({
    embeds: [messageEmbed(locale, message, panels)],
    components: [
      ...optionRow({
        id: chooserId('panel-message'),
        placeholder: t('panel.edit.what'),
        options: [
          { label: t('panel.edit.texts'), value: messageTextsSelect.customId(at) },
          { label: t('panel.edit.pictures'), value: messagePicturesSelect.customId(at) },
          ...messageControls.map((name, i) => ({
            label: translate(locale, `panel.control.${name}` satisfies TextKey),
            value: messageShowSelect.customId({ panelMessageId, control: i }),
          })),
        ],
      }),
      ...(shown
        ? messageControlRow(locale, message, shown, {
            id: messageSetSelect.customId({ panelMessageId, control: messageControls.indexOf(shown) }),
            panels: offered.rows,
          })
        : []),
      ...buttons(
        button(t('buttons.panel-send.label'), messageSendButton.customId({ panelMessageId }), ButtonStyle.Primary),
        button(t('buttons.panel-delete.label'), messageDeleteButton.customId({ panelMessageId }), ButtonStyle.Danger),
        backButton(locale),
        ...pageButtons(locale, turned, (to) => messageTurnButton.customId({ panelMessageId, control, page: to })),
      ),
    ],
  });
}

const change = (
  { deps, guildId, actor }: Call,
  panelMessageId: number,
  o: { patch: Partial<PanelMessageValues>; ifVersion?: number },
) => editPanelMessage(deps.ctx, guildId, { by: actor, panelMessageId, ...o });

/** One of the messages that show several panels. */
export const panelMessagePickSelect = defineSelect({
  name: 'panel-message-pick',
  args: {},
  level: 'admin',
  defer: 'update',
  run: (call) => showMessage(call, Number(call.values[0])),
});
/** The message of a panel. */
export const messageOpenButton = defineButton({
  name: 'panel-message-open',
  args: { panelMessageId: id() },
  level: 'admin',
  defer: 'update',
  run: (call) => showMessage(call, call.args.panelMessageId),
});

/** The menu that sets one thing. */
export const messageShowSelect = defineSelect({
  name: 'panel-message-show',
  args: { panelMessageId: id(), control: control() },
  level: 'admin',
  defer: 'update',
  run: (call) => showMessage(call, call.args.panelMessageId, messageControls[call.args.control]),
});

/** Another page of it. */
export const messageTurnButton = defineButton({
  name: 'panel-message-turn',
  args: { panelMessageId: id(), control: control(), page: pageNo() },
  level: 'admin',
  defer: 'update',
  run: (call) => showMessage(call, call.args.panelMessageId, messageControls[call.args.control], call.args.page),
});

/** Sets it. */
export const messageSetSelect = defineSelect({
  name: 'panel-message-set',
  args: { panelMessageId: id(), control: control() },
  level: 'admin',
  defer: 'update',
  async run(call) {
    const { panelMessageId } = call.args;
    const name = messageControls[call.args.control];
    const [first = ''] = call.values;
    if (!name || first === '') throw new AppError('interaction.stale');
    if (name === 'channel') {
      await mustHoldPanels(call.deps, { guildId: call.guildId, settings: call.guild.settings, channelId: first });
      await change(call, panelMessageId, { patch: { channelId: first } });
    }
    if (name === 'panels') await change(call, panelMessageId, { patch: { panelIds: call.values.map(Number) } });
    const layout = panelLayouts.find((one) => one === first);
    if (name === 'layout' && layout) await change(call, panelMessageId, { patch: { layout } });
    await showMessage(call, panelMessageId, name);
  },
});

/** Title, text, plain text above, footer, colour. */
export const messageTextsSelect = {
  ...defineFormButton({
    name: 'panel-message-texts',
    args: versioned,
    async form(call) {
      const message = await messageOf(call, call.args.panelMessageId);
      return panelForm(
        call.locale,
        messageTextsModal.customId({ panelMessageId: message.id, version: message.version }),
        [
          { id: 'title', max: messageBounds.title, value: message.title },
          { id: 'content', max: messageBounds.content, value: message.content, isLong: true },
          { id: 'text', max: messageBounds.text, value: message.text, isLong: true },
          { id: 'footer', max: messageBounds.footer, value: message.footer },
          { id: 'colour', max: 7, value: colourText(message.colour) },
        ],
      );
    },
  }),
  kind: 'select' as const,
};
/** Blank fields get their defaults (features.md 1.4-13). */
export const messageTextsModal = defineModal({
  name: 'panel-message-texts',
  args: versioned,
  level: 'admin',
  defer: 'update',
  async run(call) {
    const { fields, locale, guild } = call;
    const { panelMessageId, version: ifVersion } = call.args;
    const before = await messageOf(call, panelMessageId);
    const keeps = !fields.content && before.content.length > 4_000;
    const patch = {
      title: fields.title || translate(locale, 'panel.default.title'),
      ...(!keeps && { content: fields.content || translate(locale, 'panel.default.content') }),
      text: fields.text || null,
      footer: fields.footer || null,
      colour: colourIn(fields.colour || guild.settings.primaryColour),
    };
    await change(call, panelMessageId, { patch, ifVersion });
    await showMessage(call, panelMessageId);
  },
});

/** Pictures, and what stands in the menu before something is chosen. */
export const messagePicturesSelect = {
  ...defineFormButton({
    name: 'panel-message-pictures',
    args: versioned,
    async form(call) {
      const message = await messageOf(call, call.args.panelMessageId);
      return panelForm(
        call.locale,
        messagePicturesModal.customId({ panelMessageId: message.id, version: message.version }),
        [
          { id: 'image', max: messageBounds.url, value: message.imageUrl },
          { id: 'thumbnail', max: messageBounds.url, value: message.thumbnailUrl },
          { id: 'placeholder', max: messageBounds.placeholder, value: message.placeholder },
        ],
      );
    },
  }),
  kind: 'select' as const,
};
export const messagePicturesModal = defineModal({
  name: 'panel-message-pictures',
  args: versioned,
  level: 'admin',
  defer: 'update',
  async run(call) {
    const { panelMessageId, version: ifVersion } = call.args;
    const patch = {
      imageUrl: wantedUrl(call.fields.image),
      thumbnailUrl: wantedUrl(call.fields.thumbnail),
      placeholder: call.fields.placeholder || null,
    };
    await change(call, panelMessageId, { patch, ifVersion });
    await showMessage(call, panelMessageId);
  },
});

/** Publishes it again. */
export const messageSendButton = defineButton({
  name: 'panel-message-send',
  args: { panelMessageId: id() },
  level: 'admin',
  defer: 'update',
  async run(call) {
    const { panelMessageId } = call.args;
    await sendPanelMessage(call.deps.ctx, call.guildId, { by: call.actor, panelMessageId });
    await showMessage(call, panelMessageId);
  },
});

/** Asks once more. */
export const messageDeleteButton = defineButton({
  name: 'panel-message-delete',
  args: { panelMessageId: id() },
  level: 'admin',
  defer: 'update',
  async run(call) {
    const message = await messageOf(call, call.args.panelMessageId);
    const at = { panelMessageId: message.id, version: message.version };
    await call.reply.show({
      content: translate(call.locale, 'panel.delete.ask-message', { name: escapeMarkdown(message.title) }),
      components: deleteRows(call.locale, messageDeleteYesButton.customId(at), messageOpenButton.customId(call.args)),
    });
  },
});
export const messageDeleteYesButton = defineButton({
  name: 'panel-message-delete-yes',
  args: versioned,
  level: 'admin',
  defer: 'update',
  async run({ deps, guildId, actor, args, reply, locale }) {
    const { panelMessageId, version: ifVersion } = args;
    await deletePanelMessage(deps.ctx, guildId, { by: actor, panelMessageId, ifVersion });
    await reply.show({ content: translate(locale, 'panel.delete.done'), components: buttons(backButton(locale)) });
  },
});
