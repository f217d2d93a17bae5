import type { Static } from 'typebox';
import type { attachment } from '#api/schemas/attachment.ts';
import type { face, levelSchema, person } from '#api/schemas/basic.ts';
import type { ticketRow } from '#api/schemas/ticket.ts';

// Types of answers come from the API's own schemas where it exports them.
export type Person = Static<typeof person>;
export type Face = Static<typeof face>;
export type Level = Static<typeof levelSchema>;
export type TicketRow = Static<typeof ticketRow>;

/** `people` is there on a machine with a local Discord: whom one may sign in as. */
export type Session = {
  user: Face | null;
  csrf: string | null;
  signIn: 'on' | 'off';
  people?: { id: string; name: string; guildName: string; role: string }[];
};

export type GuildSummary = { id: string; name: string; iconUrl: string | null; memberCount: number; level: Level };
export type Guild = GuildSummary & {
  staffCount: number;
  panelCount: number;
  ticketCount: number;
  openTicketCount: number;
};

export type TicketPage = { tickets: TicketRow[]; next: string | null };

export type AuthorKind = 'opener' | 'staff' | 'participant' | 'observer' | 'bot' | 'system';
export type Priority = 'low' | 'normal' | 'high' | 'urgent';
export type Change = {
  version: number;
  name: string;
  at: string;
  actor: Person | null;
  actorKind: AuthorKind;
  reason: string | null;
  user: Person | null;
  rating: number | null;
  /** What was written or chosen: a name, a topic, a priority, names of labels or a panel; before it what stood there. */
  before: string | null;
  after: string | null;
};
export type Ticket = TicketRow & {
  subject: string | null;
  name: string | null;
  topic: string | null;
  priority: Priority;
  labels: { id: number; name: string }[];
  answers: { label: string; value: string }[];
  comment: string | null;
  members: Person[];
  history: Change[];
};

export type Attachment = Static<typeof attachment>;
export type Message = {
  id: string;
  author: Face & { kind: AuthorKind };
  at: string;
  content: string | null;
  attachments: Attachment[];
  editedAt: string | null;
  deleted: boolean;
};
export type Transcript = {
  ticket: TicketRow;
  messages: Message[];
  contentMissing: boolean;
  erased: boolean;
  gaps: { from: string; to: string }[];
};
