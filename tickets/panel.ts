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

/** What is asked before a ticket opens. */
export type Form = { readonly id: number; readonly name: string; readonly fields: readonly FormField[] };

/** One text input of a form; at most five (Discord's modals). */
export type FormField = {
  readonly label: string;
  readonly style: 'short' | 'paragraph';
  readonly isRequired: boolean;
  readonly placeholder: string | null;
  readonly minLength: number | null;
  readonly maxLength: number | null;
};

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
  /** Why it could not be sent: an error code. */
  readonly problem: string | null;
  readonly panelIds: readonly number[];
  /** Raised by every change: the ETag. */
  readonly version: number;
};

export const panelLayouts = ['buttons', 'select'] as const;
export type PanelLayout = (typeof panelLayouts)[number];
