/** A person as the API names them. */
export type Person = { id: string; name: string };
export type Face = Person & { avatarUrl: string | null };

/** `people` is there on a machine with a local Discord: whom one may sign in as. */
export type Session = {
  user: Face | null;
  csrf: string | null;
  signIn: 'on' | 'off';
  people?: { id: string; name: string; guildName: string; role: string }[];
};

export type Level = 'admin' | 'support' | 'member';
export type GuildSummary = { id: string; name: string; iconUrl: string | null; memberCount: number; level: Level };
export type Guild = GuildSummary & { staffCount: number; panelCount: number; ticketCount: number };

export type TicketState = 'reserved' | 'channel' | 'open' | 'closed' | 'abandoned';
export type TicketRow = {
  id: number;
  displayNo: number;
  lifetimeNo: number | null;
  state: TicketState;
  panelId: number | null;
  panelName: string | null;
  opener: Person;
  claimedBy: Person | null;
  openedAt: string;
  closedAt: string | null;
  closeReason: string | null;
  rating: number | null;
  waiting: 'staff' | 'member' | null;
  problem: string | null;
};
export type TicketPage = { tickets: TicketRow[]; next: string | null };

export type AuthorKind = 'opener' | 'staff' | 'participant' | 'observer' | 'bot' | 'system';
export type Change = {
  version: number;
  name: string;
  at: string;
  actor: Person | null;
  actorKind: AuthorKind;
  reason: string | null;
  user: Person | null;
  rating: number | null;
};
export type Ticket = TicketRow & {
  subject: string | null;
  answers: { label: string; value: string }[];
  comment: string | null;
  members: Person[];
  history: Change[];
};

export type Attachment = { id: string; name: string; sizeBytes: number; contentType: string | null; url: string };
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
