import type { APIMessage, APIModalInteractionResponseCallbackData } from 'discord-api-types/v10';

/** A person, bot or human, as the control API shows one. */
export type SimulatedMember = { id: string; name: string; roleIds: string[]; bot: boolean };
export type SimulatedRole = { id: string; name: string; permissions: string };
/** `type` is Discord's number: 0 text, 4 category, 11 public thread, 12 private thread, … */
export type SimulatedChannel = {
  id: string;
  name: string;
  type: number;
  parentId: string | null;
  topic: string | null;
  overwrites: SimulatedOverwrite[];
  /** null for what is no thread. */
  thread: { ownerId: string; isArchived: boolean; isLocked: boolean; memberIds: string[] } | null;
};
/** `type`: 0 role, 1 member. Permissions are decimal strings as Discord writes them. */
export type SimulatedOverwrite = { id: string; type: 0 | 1; allow: string; deny: string };
export type SimulatedGuild = {
  id: string;
  name: string;
  ownerId: string;
  members: SimulatedMember[];
  roles: SimulatedRole[];
  channels: SimulatedChannel[];
};

/** Discord's `data.options`; `type` may be left out (it is then read from the registered command). */
export type CommandOption = {
  name: string;
  type?: number;
  value?: string | number | boolean;
  focused?: boolean;
  options?: CommandOption[];
};

export type InteractionState = 'pending' | 'acknowledged' | 'expired';
export type SimulatedInteraction = {
  id: string;
  /** Discord's interaction type: 2 command, 3 component, 4 autocomplete, 5 modal. */
  type: number;
  state: InteractionState;
  /** There is more than "thinking…": a message, a modal, choices or an updated message. */
  isAnswered: boolean;
  acknowledgedAfterMs: number | null;
  callbackType: number | null;
  modal: APIModalInteractionResponseCallbackData | null;
  choices: { name: string; value: string | number }[] | null;
  /** The original answer (when there is one) first, then the followups, in order. Ephemeral ones included. */
  messages: APIMessage[];
};

export type Counts = {
  messages: number;
  interactions: number;
  acknowledged: number;
  /** Nobody acknowledged these in time, by whichever way: people read "did not answer". */
  expired: number;
  /** Interactions that were posted to the application's address, and those of them that failed: no connection, or no right answer. */
  posts: number;
  failedPosts: number;
  identifies: number;
  resumes: number;
  failedResumes: number;
  /** Sessions that the gateway knows, connected or waiting for a RESUME. */
  sessions: number;
  connections: number;
  dispatches: number;
  requests: number;
  rateLimited: number;
  invalidRequests: number;
  /** What a well-behaved client never does: IDENTIFY too early, a late acknowledgement, … by name. */
  violations: Record<string, number>;
  guilds: number;
  channels: number;
};

/** A request matches when every given part matches; `path` is a prefix of the path after `/api/v10`, or of `/cdn/…`. */
export type RequestMatch = { method?: string; path?: string; count?: number };
export type Fault =
  /** Cuts every gateway connection (or those of one shard) without a close frame. */
  | { kind: 'drop'; shardId?: number }
  /** Forgets sessions: the next RESUME gets op 9. */
  | { kind: 'expire'; shardId?: number }
  /** Sends op 7. */
  | { kind: 'reconnect'; shardId?: number }
  /** Sends op 9; `resumable` is its `d`. */
  | { kind: 'invalid-session'; shardId?: number; resumable?: boolean }
  /** Closes connections with this close code. */
  | { kind: 'close'; code: number; shardId?: number }
  /** Stops answering heartbeats for the next `count`. */
  | { kind: 'mute'; count?: number }
  /** Answers the next `count` (1) matching requests with `status`; 429 with `retryAfterS` (1). */
  | ({ kind: 'status'; status: number; retryAfterS?: number; code?: number; message?: string } & RequestMatch)
  /** Carries out the next `count` matching requests, then cuts the connection instead of answering. */
  | ({ kind: 'lose-answer' } & RequestMatch)
  /** Answers the next `count` matching requests `delayMs` later. */
  | ({ kind: 'delay'; delayMs: number } & RequestMatch);

/** Discord's limits; a test lowers them. */
export type Limits = {
  channelsPerGuild: number;
  channelsPerCategory: number;
  overwritesPerChannel: number;
  activeThreadsPerGuild: number;
  rolesPerGuild: number;
  requestsPerSecond: number;
  renamesPer10Min: number;
  /** Per-route buckets on or off. */
  routeBuckets: boolean;
  /** After this an interaction that nobody acknowledged is unknown. */
  acknowledgeWithinMs: number;
  /** How long an interaction's token works. */
  tokenLifeMs: number;
  /** IDENTIFYs allowed per bucket in `identifyWindowMs`. */
  maxConcurrency: number;
  identifyWindowMs: number;
  sessionStarts: number;
  /** More guilds than this on one shard: 4011. */
  guildsPerShard: number;
  /** What `/gateway/bot` recommends; 0: one per 1,000 guilds. */
  recommendedShards: number;
  heartbeatIntervalMs: number;
  /** After so long without a heartbeat a session ends with 4009. */
  sessionTimesOutAfterMs: number;
  resumeWithinMs: number;
  gatewayCommandsPerMinute: number;
};

/** One line of `GET /control/stream`. `type` is a gateway event name or one of the simulator's own, in lower case. */
export type Happening = { type: string; at: number; data: Record<string, unknown> };

export type NewMessage = {
  channelId: string;
  userId: string;
  content: string;
  attachments?: { name: string; contentBase64: string; contentType?: string }[];
  replyTo?: string;
};

/** What the control API refused, with Discord's code where there is one. */
export class ControlError extends Error {
  readonly status: number;
  readonly code: number;
  constructor(status: number, code: number, message: string) {
    super(message);
    this.name = 'ControlError';
    this.status = status;
    this.code = code;
  }
}

export type Control = ReturnType<typeof createControl>;

/**
 * A client of the simulator's control API: acting as people.
 * @param url the `control` address that the simulator prints when it is ready
 */
export function createControl(url: string) {
  async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
    });
    const text = await response.text();
    const answer = text === '' ? null : JSON.parse(text);
    if (!response.ok) throw new ControlError(response.status, answer?.code ?? 0, answer?.message ?? text);
    return answer as T;
  }

  return {
    url,
    state: () => call<{ guilds: SimulatedGuild[] }>('GET', '/state'),
    guild: (guildId: string) => call<SimulatedGuild>('GET', `/guilds/${guildId}`),
    createGuild: (input: { name: string; members?: number }) => call<SimulatedGuild>('POST', '/guilds', input),
    /** `emojis` are all of its own, instead of those it had. */
    updateGuild: (
      guildId: string,
      input: {
        name?: string;
        ownerId?: string;
        isUnavailable?: boolean;
        emojis?: { id: string; name: string; animated: boolean }[];
      },
    ) => call<SimulatedGuild>('PATCH', `/guilds/${guildId}`, input),
    /** The bot is removed from the server. */
    deleteGuild: (guildId: string) => call<null>('DELETE', `/guilds/${guildId}`),
    /** With `userId`, somebody who is already in another server joins this one too. */
    addMember: (guildId: string, input: { name?: string; userId?: string; roleIds?: string[]; locale?: string }) =>
      call<SimulatedMember>('POST', `/guilds/${guildId}/members`, input),
    updateMember: (guildId: string, userId: string, input: { roleIds?: string[]; nick?: string | null }) =>
      call<SimulatedMember>('PATCH', `/guilds/${guildId}/members/${userId}`, input),
    removeMember: (guildId: string, userId: string) => call<null>('DELETE', `/guilds/${guildId}/members/${userId}`),
    /** Whether direct messages from bots are refused (50007). */
    setDmsClosed: (userId: string, areClosed: boolean) => call<null>('PATCH', `/users/${userId}`, { areClosed }),
    createRole: (guildId: string, input: { name: string; permissions?: string }) =>
      call<SimulatedRole>('POST', `/guilds/${guildId}/roles`, input),
    updateRole: (guildId: string, roleId: string, input: { name?: string; permissions?: string }) =>
      call<SimulatedRole>('PATCH', `/guilds/${guildId}/roles/${roleId}`, input),
    deleteRole: (guildId: string, roleId: string) => call<null>('DELETE', `/guilds/${guildId}/roles/${roleId}`),
    channels: (guildId: string) => call<SimulatedChannel[]>('GET', `/guilds/${guildId}/channels`),
    createChannel: (
      guildId: string,
      input: { name: string; type?: number; parentId?: string | null; overwrites?: SimulatedOverwrite[] },
    ) => call<SimulatedChannel>('POST', `/guilds/${guildId}/channels`, input),
    updateChannel: (
      channelId: string,
      input: { name?: string; topic?: string | null; parentId?: string | null; overwrites?: SimulatedOverwrite[] },
    ) => call<SimulatedChannel>('PATCH', `/channels/${channelId}`, input),
    /** Somebody archives, locks or opens a thread again; Discord itself archives what is silent for long enough. */
    updateThread: (threadId: string, input: { isArchived?: boolean; isLocked?: boolean }) =>
      call<SimulatedChannel>('PATCH', `/threads/${threadId}`, input),
    deleteChannel: (channelId: string) => call<null>('DELETE', `/channels/${channelId}`),
    /** The newest messages of a channel, oldest first. */
    messages: (channelId: string, limit = 100) =>
      call<APIMessage[]>('GET', `/channels/${channelId}/messages?limit=${limit}`),
    /** Of them those that everybody there sees: without what the bot answered to one person alone. */
    shownMessages: (channelId: string, limit = 100) =>
      call<APIMessage[]>('GET', `/channels/${channelId}/messages?limit=${limit}&shown`),
    directMessages: (userId: string) => call<APIMessage[]>('GET', `/dms/${userId}`),
    sendMessage: (input: NewMessage) => call<APIMessage>('POST', '/messages', input),
    /** Many at once, in order; for load. Answers only their ids. */
    sendMessages: (messages: NewMessage[]) => call<{ ids: string[] }>('POST', '/messages/many', { messages }),
    editMessage: (channelId: string, messageId: string, input: { content: string }) =>
      call<APIMessage>('PATCH', `/messages/${channelId}/${messageId}`, input),
    deleteMessage: (channelId: string, messageId: string) =>
      call<null>('DELETE', `/messages/${channelId}/${messageId}`),
    /**
     * Messages that are only dispatched, never stored: load for a gateway client. `channelIds` get `share` (0..1) of
     * them, random channels the rest; ends when all are handed to the sockets.
     */
    flood: (input: {
      count: number;
      perSecond?: number;
      channelIds?: string[];
      share?: number;
      contentLength?: number;
    }) => call<{ sent: number; tookMs: number }>('POST', '/flood', input),
    /** Somebody types a slash command (or picks it: autocomplete when an option is `focused`). */
    runCommand: (input: {
      guildId?: string;
      channelId: string;
      userId: string;
      name: string;
      options?: CommandOption[];
      targetId?: string;
      locale?: string;
    }) => call<{ id: string }>('POST', '/commands', input),
    /** Somebody presses a button, or chooses `values` in a select. */
    useComponent: (input: {
      channelId: string;
      messageId: string;
      userId: string;
      customId: string;
      values?: string[];
    }) => call<{ id: string }>('POST', '/components', input),
    /** Somebody sends the form that interaction `interactionId` was answered with. */
    submitModal: (input: { interactionId: string; userId: string; values: Record<string, string | string[]> }) =>
      call<{ id: string }>('POST', '/modals', input),
    /** Waits at most `waitMs` for the acknowledgement, or with `until: 'answer'` for more than "thinking…". */
    interaction: (id: string, { waitMs = 0, until = 'acknowledgement' as 'acknowledgement' | 'answer' } = {}) =>
      call<SimulatedInteraction>('GET', `/interactions/${id}?wait=${waitMs}&until=${until}`),
    counts: () => call<Counts>('GET', '/counts'),
    fault: (fault: Fault) => call<null>('POST', '/faults', fault),
    clearFaults: () => call<null>('DELETE', '/faults'),
    limits: (limits: Partial<Limits>) => call<Limits>('PATCH', '/limits', limits),
    /**
     * Application flags, e.g. to withdraw a privileged intent; `interactionsUrl` is where interactions are posted to (asked as the REST
     * API asks), null sends them by the gateway.
     */
    updateApplication: (input: { flags?: number; interactionsUrl?: string | null }) =>
      call<{ flags: number; interactionsUrl: string | null }>('PATCH', '/application', input),
    /** What happens, from now on, until the signal is aborted or the simulator ends. */
    async *stream(signal?: AbortSignal): AsyncGenerator<Happening> {
      const response = await fetch(`${url}/stream`, { signal: signal ?? null });
      const decoder = new TextDecoder();
      let rest = '';
      for await (const chunk of response.body ?? []) {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line !== '') yield JSON.parse(line) as Happening;
      }
    },
  };
}
