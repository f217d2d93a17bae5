import type { APIMessage } from 'discord-api-types/v10';
import type { SimulatedOverwrite } from '../client.ts';

/** A person or a bot. `avatar` is a hash, as Discord's. */
export type User = {
  id: string;
  username: string;
  globalName: string | null;
  avatar: string | null;
  isBot: boolean;
  areDmsClosed: boolean;
  locale: string;
};

export type Role = {
  id: string;
  guildId: string;
  name: string;
  permissions: bigint;
  color: number;
  hoist: boolean;
  mentionable: boolean;
  position: number;
  botId: string | null;
};

export type Overwrite = SimulatedOverwrite;

export type Thread = {
  ownerId: string;
  isArchived: boolean;
  isLocked: boolean;
  isInvitable: boolean;
  autoArchiveMinutes: number;
  archiveAt: number;
  messageCount: number;
  /** User ids, with the time (epoch ms) at which each joined. */
  members: Record<string, number>;
  tagIds: string[];
};

/** `guildId` is null for direct messages, which have `recipientId` instead; `thread` is null for the rest. */
export type Channel = {
  id: string;
  type: number;
  guildId: string | null;
  recipientId: string | null;
  name: string;
  topic: string | null;
  parentId: string | null;
  position: number;
  overwrites: Overwrite[];
  isNsfw: boolean;
  slowModeS: number;
  lastMessageId: string | null;
  autoArchiveMinutes: number | null;
  flags: number;
  thread: Thread | null;
};

export type Member = {
  userId: string;
  roleIds: string[];
  nick: string | null;
  joinedAt: number;
  timeoutUntil: number | null;
};

/** One of a server's own emojis. */
export type OwnEmoji = { id: string; name: string; animated: boolean };

export type Guild = {
  id: string;
  name: string;
  icon: string | null;
  ownerId: string;
  locale: string;
  joinedAt: number;
  isUnavailable: boolean;
  roles: Map<string, Role>;
  members: Map<string, Member>;
  /** Channels and threads alike. */
  channels: Map<string, Channel>;
  /** Its own emojis; absent: none. */
  emojis?: OwnEmoji[];
  /** Raised by whatever may change somebody's permissions; caches compare it. */
  version: number;
};

/** A message as Discord would answer it; `ephemeralFor` is who alone sees it. */
export type Message = { body: APIMessage; guildId: string | null; ephemeralFor: string | null };

/** An attachment; its bytes are in the store. */
export type FileNote = { id: string; channelId: string; name: string; contentType: string };

/** The application, its bot and its secrets. */
export type Application = {
  id: string;
  name: string;
  ownerId: string;
  flags: number;
  token: string;
  clientSecret: string;
  publicKey: string;
  privateKeyPem: string;
  /** Where interactions are posted to; null or absent: they go by the gateway. */
  interactionsUrl?: string | null;
  isPublic: boolean;
};

/** A registered command; `body` is Discord's object. */
export type Command = { id: string; guildId: string | null; body: Record<string, unknown> };

export type Interaction = {
  id: string;
  token: string;
  type: number;
  guildId: string | null;
  channelId: string;
  userId: string;
  createdAt: number;
  /** What the bot got; kept for `interaction_metadata`. */
  metadata: Record<string, unknown>;
  state: 'pending' | 'acknowledged' | 'expired';
  acknowledgedAfterMs: number | null;
  callbackType: number | null;
  modal: Record<string, unknown> | null;
  choices: { name: string; value: string | number }[] | null;
  /** The message that was pressed, for components and modals that came from one. */
  sourceMessageId: string | null;
  originalId: string | null;
  followupIds: string[];
  isAnswered: boolean;
};

/** Somebody's sign-in: an authorisation code, then tokens. */
export type Grant = {
  id: string;
  kind: 'code' | 'access' | 'refresh';
  userId: string;
  scopes: string[];
  expiresAt: number;
  redirectUri: string;
  challenge: string | null;
};
