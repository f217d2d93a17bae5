/** What of a ticket has been made true in Discord so far; the reconciler compares the ticket with it (design.md 4). */
export type Applied = {
  /** Since when a channel is being created (ms): when set and no channel is known, look for one before creating another. */
  readonly creatingSince: number | null;
  readonly welcomeMessageId: string | null;
  /** Hash of the overwrites last written. */
  readonly overwritesHash: string | null;
  readonly name: string | null;
  /** The opener's reply that waits for its channel: edited once, while its token lives (15 min). */
  readonly answered: boolean;
  /** The interaction token of that reply; taken away when it is answered. */
  readonly replyToken: string | null;
  readonly openedLogId: string | null;
  /** The version of the last claim that the opener was pinged about. */
  readonly pingedClaim: number | null;
  /** The panel whose category the channel was moved to; null: it is where it was made. */
  readonly movedToPanelId: number | null;
  /** 'none' where a step was found not to apply or was finally refused; why stands in `problem`. */
  readonly transcriptMessageId: string | null;
  readonly dmMessageId: string | null;
  readonly feedbackMessageId: string | null;
  readonly channelDeletedAt: number | null;
  /** Thread tickets: when the thread was archived after the ticket was closed (ms). */
  readonly archivedAt: number | null;
  /** Thread tickets: the opener and the added people whom Docket has put into the thread. Staff who joined by the button are not among them. */
  readonly threadMemberIds: readonly string[];
  /** Thread tickets: who joined, or may have been called into it, as staff; and when Docket last looked whether they still are (ms). */
  readonly joinedIds: readonly string[];
  readonly staffSeenAt: number | null;
  /** Thread tickets: the message with the Join button, its channel, and what it shows; 'none' where it could not be sent. */
  readonly joinMessageId: string | null;
  readonly joinChannelId: string | null;
  readonly joinShows: 'open' | 'closed' | null;
  /** The message that a ticket was started from, until its channel has been told where the conversation went. */
  readonly movedFrom: MovedFrom | null;
  /** Of a channel: what the naming scheme made of it, and when it was last renamed (ms), for Discord's limit on that. */
  readonly schemeName: string | null;
  readonly renamedAt: readonly number[];
  /** The message that pings staff ('none' where nobody is pinged), and when it was deleted (ms). */
  readonly mentionMessageId: string | null;
  readonly mentionDeletedAt: number | null;
  /** The thread of staff in the ticket's channel ('none' where there is none), and whether they were called into it. */
  readonly staffThreadId: string | null;
  readonly staffThreadFilled: boolean;
  /** The place in the queue that the opener was told. */
  readonly queuePosition: number | null;
  /** The close request that stands in the channel (its time), and its message; 'none' where it could not be sent. */
  readonly closeRequestShown: number | null;
  readonly closeRequestMessageId: string | null;
  /** The warning that was given in the channel (its time). */
  readonly warnedShown: number | null;
  /** The reason that the summaries of the closing show; '' for none. */
  readonly reasonShown: string | null;
  /** What hinders the next step, for people: an error code with its context. */
  readonly problem: {
    readonly code: string;
    readonly context: Record<string, string | number | null>;
    readonly at: number;
  } | null;
};

/** A message that a ticket was started from. `isTold`: whether its channel hears of the ticket. */
export type MovedFrom = {
  readonly channelId: string;
  readonly messageId: string;
  readonly authorId: string;
  readonly isTold: boolean;
  /** Whether the message goes then: one of the dedicated channel that stands in the ticket. */
  readonly takesMessage?: boolean;
};

/** Nothing applied yet. */
export const nothingApplied: Applied = {
  creatingSince: null,
  welcomeMessageId: null,
  overwritesHash: null,
  name: null,
  answered: false,
  replyToken: null,
  openedLogId: null,
  pingedClaim: null,
  movedToPanelId: null,
  transcriptMessageId: null,
  dmMessageId: null,
  feedbackMessageId: null,
  channelDeletedAt: null,
  archivedAt: null,
  threadMemberIds: [],
  joinedIds: [],
  staffSeenAt: null,
  joinMessageId: null,
  joinChannelId: null,
  joinShows: null,
  movedFrom: null,
  schemeName: null,
  renamedAt: [],
  mentionMessageId: null,
  mentionDeletedAt: null,
  staffThreadId: null,
  staffThreadFilled: false,
  queuePosition: null,
  closeRequestShown: null,
  closeRequestMessageId: null,
  warnedShown: null,
  reasonShown: null,
  problem: null,
};
