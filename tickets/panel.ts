/** One kind of ticket: what its button says, where its channels go, who works on them. */
export type Panel = {
  readonly id: number;
  readonly guildId: string;
  readonly name: string;
  readonly buttonLabel: string;
  readonly buttonEmoji: string | null;
  /** The category of its channels; null: the server's setting. */
  readonly categoryId: string | null;
  readonly form: Form | null;
  /** Replaces the server's welcome message. */
  readonly welcome: string | null;
  /** At most this many of its tickets at a time; null: no limit of its own. */
  readonly maxOpen: number | null;
  readonly teamIds: readonly number[];
  /** A deleted panel keeps its name, for the figures of its tickets. */
  readonly deletedAt: number | null;
};

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
  readonly title: string;
  readonly content: string;
  /** 0xRRGGBB */
  readonly colour: number;
  readonly channelId: string;
  readonly messageId: string | null;
  /** Since when the message is being sent (ms): when set and no message is known, look for one before sending another. */
  readonly creatingSince: number | null;
  /** Hash of what was last sent. */
  readonly appliedHash: string | null;
  /** Why it could not be sent: an error code. */
  readonly problem: string | null;
  readonly panelIds: readonly number[];
};
