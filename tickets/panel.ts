import { invalid, mustBeColour, mustBeList, mustBePicture, mustBeText, mustBeWithin } from './bounds.ts';
import { isEmoji } from './emoji.ts';
import type { ErrorContext } from './errors.ts';
import type { Form } from './form.ts';
import type { TicketMode } from './ticket.ts';

/** One kind of ticket: what its button says, where its channels go, who works on them. */
export type Panel = {
  readonly id: number;
  readonly guildId: string;
  readonly name: string;
  readonly buttonLabel: string;
  readonly buttonEmoji: string | null;
  readonly buttonStyle: ButtonStyle;
  /** Under its name in a select menu. */
  readonly description: string | null;
  /** The category of its channels; null: the server's setting. */
  readonly categoryId: string | null;
  readonly form: Form | null;
  /** Replaces the server's welcome message. */
  readonly welcome: string | null;
  readonly welcomeTitle: string | null;
  /** 0xRRGGBB; null: the server's. */
  readonly welcomeColour: number | null;
  readonly welcomeImageUrl: string | null;
  readonly welcomeThumbnailUrl: string | null;
  readonly welcomeFooter: string | null;
  /** A template (placeholder.ts); null: the server's naming scheme. */
  readonly naming: string | null;
  /** null: as the server's setting says. */
  readonly claimButton: boolean | null;
  /** One of these is needed to open it; empty: everybody may. */
  readonly requiredRoleIds: readonly string[];
  /** Who is pinged when a ticket opens. */
  readonly mentions: readonly Mention[];
  /** null: as the server's settings say. */
  readonly mode: TicketMode | null;
  /** Where channels go when the category is full, in this order; empty: the server's. */
  readonly overflowCategoryIds: readonly string[];
  /** Its office hours; null: the server's. */
  readonly scheduleId: number | null;
  readonly outsideHours: OutsideHours | null;
  /** At most this many of its tickets at a time; null: no limit of its own. */
  readonly maxOpen: number | null;
  readonly teamIds: readonly number[];
  /** A deleted panel keeps its name, for the figures of its tickets. */
  readonly deletedAt: number | null;
  /** Raised by every change: the ETag. */
  readonly version: number;
};

/** Discord's colours of a button. */
export const buttonStyles = ['primary', 'secondary', 'success', 'danger'] as const;
export type ButtonStyle = (typeof buttonStyles)[number];
/** What happens to who opens a ticket outside office hours: nothing, a notice in the ticket, a refusal. */
export const outsideHours = ['open', 'notice', 'refuse'] as const;
export type OutsideHours = (typeof outsideHours)[number];
/** A user or a role. */
export type Mention = { readonly id: string; readonly kind: 'user' | 'role' };

/** A message in Discord that shows 1 to 25 panels. */
export type PanelMessage = {
  readonly id: number;
  readonly guildId: string;
  /** Plain text above the embed. */
  readonly text: string | null;
  readonly title: string;
  readonly content: string;
  /** 0xRRGGBB */
  readonly colour: number;
  readonly imageUrl: string | null;
  readonly thumbnailUrl: string | null;
  readonly footer: string | null;
  /** Buttons, or a select menu with `placeholder`. */
  readonly layout: PanelLayout;
  readonly placeholder: string | null;
  readonly channelId: string;
  readonly messageId: string | null;
  /** Since when the message is being sent (ms): when set and no message is known, look for one before sending another. */
  readonly creatingSince: number | null;
  /** Hash of what was last sent. */
  readonly appliedHash: string | null;
  /** Why it is not there as it should be: an error code, with what its text names. */
  readonly problem: string | null;
  readonly problemContext: ErrorContext;
  /** Something changed that Discord does not show yet. */
  readonly isPending: boolean;
  /** Messages that it left behind when it moved; without an id it must be looked for. */
  readonly strays: readonly Stray[];
  /** The message goes from Discord first, then the row. */
  readonly deletedAt: number | null;
  readonly panelIds: readonly number[];
  /** Raised by every change: the ETag. */
  readonly version: number;
};

export type Stray = { readonly channelId: string; readonly messageId: string | null };

export const panelLayouts = ['buttons', 'select'] as const;
export type PanelLayout = (typeof panelLayouts)[number];

/** What somebody decides about a panel. */
export type PanelValues = Omit<Panel, 'id' | 'guildId' | 'form' | 'deletedAt' | 'version'> & {
  readonly formId: number | null;
};
/** What somebody decides about a panel message. */
export type PanelMessageValues = Pick<
  PanelMessage,
  | 'text'
  | 'title'
  | 'content'
  | 'colour'
  | 'imageUrl'
  | 'thumbnailUrl'
  | 'footer'
  | 'layout'
  | 'placeholder'
  | 'channelId'
  | 'panelIds'
>;

// Discord's limits of embeds, buttons, selects and modals; `features.md` C3 and C4 for the first three.
// https://discord.com/developers/docs/resources/message#embed-object-embed-limits · https://discord.com/developers/docs/components/reference
/** Of a panel's texts and lists. */
export const panelBounds = {
  name: 45,
  buttonLabel: 80,
  description: 100,
  welcome: 4_096,
  welcomeTitle: 255,
  welcomeFooter: 2_048,
  naming: 100,
  url: 2_048,
  maxOpen: 1_000,
  teams: 25,
  requiredRoles: 25,
  mentions: 25,
  overflowCategories: 10,
} as const;
/** Of a panel message's. An embed holds `embed` characters altogether. */
export const messageBounds = {
  text: 2_000,
  title: 255,
  content: 4_096,
  footer: 2_048,
  placeholder: 150,
  url: 2_048,
  panels: 25,
  embed: 6_000,
} as const;
/** A panel's name where only the title of its message is known: as much of it as fits, without half a character. */
export const nameFrom = (title: string): string =>
  title
    .slice(0, panelBounds.name)
    .replace(/[\uD800-\uDBFF]$/u, '')
    .trim();
/** How many panels a server has that is not entitled to more (features.md C13). */
export const freePanels = 3;

/** Where a panel message is: `waiting` to be sent or edited; `failed` for any other reason that its problem names. */
export const publications = [
  'published',
  'waiting',
  'missing-message',
  'missing-permission',
  'channel-gone',
  'failed',
] as const;
export type Publication = (typeof publications)[number];

/** Where a panel message is. One whose emoji was refused is published all the same. */
export function publicationOf(message: Pick<PanelMessage, 'problem' | 'messageId' | 'isPending'>): Publication {
  switch (message.problem) {
    case null:
    case 'panel.emoji-refused':
      return message.isPending || message.messageId === null ? 'waiting' : 'published';
    case 'panel.message-missing':
      return 'missing-message';
    case 'discord.permission':
      return 'missing-permission';
    case 'discord.channel-gone':
      return 'channel-gone';
    default:
      return 'failed';
  }
}

type Check<T> = { readonly [K in keyof T]?: (value: NonNullable<T[K]>) => void };

const panelChecks: Check<PanelValues> = {
  name: (value) => mustBeText('name', value, panelBounds.name),
  buttonLabel: (value) => mustBeText('buttonLabel', value, panelBounds.buttonLabel),
  buttonEmoji(value) {
    if (!isEmoji(value)) throw invalid('buttonEmoji', 'one emoji');
  },
  description: (value) => mustBeText('description', value, panelBounds.description),
  welcome: (value) => mustBeText('welcome', value, panelBounds.welcome),
  welcomeTitle: (value) => mustBeText('welcomeTitle', value, panelBounds.welcomeTitle),
  welcomeColour: (value) => mustBeColour('welcomeColour', value),
  welcomeImageUrl: (value) => mustBePicture('welcomeImageUrl', value, panelBounds.url),
  welcomeThumbnailUrl: (value) => mustBePicture('welcomeThumbnailUrl', value, panelBounds.url),
  welcomeFooter: (value) => mustBeText('welcomeFooter', value, panelBounds.welcomeFooter),
  naming: (value) => mustBeText('naming', value, panelBounds.naming),
  maxOpen: (value) => mustBeWithin('maxOpen', value, 1, panelBounds.maxOpen),
  teamIds: (value) => mustBeList('teamIds', value, 1, panelBounds.teams),
  requiredRoleIds: (value) => mustBeList('requiredRoleIds', value, 0, panelBounds.requiredRoles),
  overflowCategoryIds: (value) => mustBeList('overflowCategoryIds', value, 0, panelBounds.overflowCategories),
  mentions: (value) =>
    mustBeList(
      'mentions',
      value.map(({ id }) => id),
      0,
      panelBounds.mentions,
    ),
};

const messageChecks: Check<PanelMessageValues> = {
  text: (value) => mustBeText('text', value, messageBounds.text),
  title: (value) => mustBeText('title', value, messageBounds.title),
  content: (value) => mustBeText('content', value, messageBounds.content),
  colour: (value) => mustBeColour('colour', value),
  imageUrl: (value) => mustBePicture('imageUrl', value, messageBounds.url),
  thumbnailUrl: (value) => mustBePicture('thumbnailUrl', value, messageBounds.url),
  footer: (value) => mustBeText('footer', value, messageBounds.footer),
  placeholder: (value) => mustBeText('placeholder', value, messageBounds.placeholder),
  panelIds: (value) => mustBeList('panelIds', value, 1, messageBounds.panels),
};

function check<T extends object>(checks: Check<T>, values: Partial<T>): void {
  for (const [field, of] of Object.entries(checks)) {
    const value = values[field as keyof T];
    if (value !== undefined && value !== null) (of as (value: unknown) => void)(value);
  }
}

/** Checks what is given of a panel. Throws AppError input.invalid {field, fix}. */
export const checkPanel = (values: Partial<PanelValues>): void => check(panelChecks, values);

/** Checks a whole panel message, whose texts must fit one embed; `footer` stands where it has none. Throws AppError input.invalid. */
export function checkPanelMessage(values: PanelMessageValues, footer: string | null): void {
  check(messageChecks, values);
  const total = values.title.length + values.content.length + (values.footer ?? footer ?? '').length;
  if (total > messageBounds.embed)
    throw invalid('content', `title, text and footer of at most 6,000 characters together (these are ${total})`);
}
