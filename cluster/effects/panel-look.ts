// What a message looks like that shows panels: pure.
import {
  type APIActionRowComponent,
  type APIButtonComponentWithCustomId,
  type APIEmbed,
  type APIMessageComponentEmoji,
  type APIStringSelectComponent,
  ButtonStyle,
  ComponentType,
} from 'discord-api-types/v10';
import { ownIn } from '#tickets/emoji.ts';
import type { Panel, PanelMessage } from '#tickets/panel.ts';
import { openButton, openFormButton } from '../interactions/commands/open.ts';
import { buttons, selectRow } from '../interactions/components.ts';
import { chooserId } from '../interactions/custom-id.ts';
import { noMentions } from '../interactions/reply.ts';

/** A panel message as the API takes it. */
export type PanelBody = {
  readonly content: string;
  readonly embeds: readonly APIEmbed[];
  readonly components: readonly APIActionRowComponent<APIButtonComponentWithCustomId | APIStringSelectComponent>[];
  readonly allowed_mentions: { readonly parse: readonly never[] };
};

const styles = {
  primary: ButtonStyle.Primary,
  secondary: ButtonStyle.Secondary,
  success: ButtonStyle.Success,
  danger: ButtonStyle.Danger,
} as const;

function emojiOf(text: string | null): { emoji?: APIMessageComponentEmoji } {
  if (text === null) return {};
  const own = ownIn(text);
  return { emoji: own ? { id: own.id, name: own.name, animated: own.isAnimated } : { name: text } };
}

/** A panel with a form has an id that says so: whether a form or a promise is the first answer is known from memory (design.md 4). */
const idOf = (panel: Panel): string => (panel.form ? openFormButton : openButton).customId({ panelId: panel.id });

const rowsOf = (message: PanelMessage, panels: readonly Panel[]): PanelBody['components'] =>
  message.layout === 'select'
    ? [
        selectRow({
          type: ComponentType.StringSelect as const,
          custom_id: chooserId(message.id),
          ...(message.placeholder !== null && { placeholder: message.placeholder }),
          options: panels.map((panel) => ({
            label: panel.buttonLabel,
            value: idOf(panel),
            ...(panel.description !== null && { description: panel.description }),
            ...emojiOf(panel.buttonEmoji),
          })),
        }),
      ]
    : (buttons(
        ...panels.map((panel) => ({
          type: ComponentType.Button as const,
          style: styles[panel.buttonStyle],
          label: panel.buttonLabel,
          custom_id: idOf(panel),
          ...emojiOf(panel.buttonEmoji),
        })),
      ) as APIActionRowComponent<APIButtonComponentWithCustomId>[]);

/** A message that shows panels, as buttons or in a select menu; `footer` stands under it where it has none of its own. */
export function panelBody(message: PanelMessage, panels: readonly Panel[], footer: string | null): PanelBody {
  return {
    content: message.text ?? '',
    embeds: [
      {
        title: message.title,
        description: message.content,
        color: message.colour,
        footer: { text: message.footer ?? footer ?? 'Docket' },
        ...(message.imageUrl !== null && { image: { url: message.imageUrl } }),
        ...(message.thumbnailUrl !== null && { thumbnail: { url: message.thumbnailUrl } }),
      },
    ],
    components: rowsOf(message, panels),
    allowed_mentions: noMentions as unknown as PanelBody['allowed_mentions'],
  };
}

/** The same without the emojis of some panels (by their place among the message's panels). */
export function withoutEmojis(panels: readonly Panel[], places: ReadonlySet<number>): Panel[] {
  return panels.map((panel, i) => (places.has(i) ? { ...panel, buttonEmoji: null } : panel));
}

/** What in a message finds it again: the id of its first button, or of its menu. */
export function markOf(body: PanelBody): string {
  const first = body.components[0]?.components[0];
  return `"custom_id":"${first?.custom_id ?? ''}"`;
}
