import {
  Encoding,
  type FetchingStrategyOptions,
  type IContextFetchingStrategy,
  type SessionInfo,
  WebSocketShard,
  WebSocketShardDestroyRecovery,
  WebSocketShardEvents,
} from '@discordjs/ws';
import type { WebSocket } from 'ws';
import { type APIGatewayBotInfo, GatewayCloseCodes, type GatewayDispatchPayload } from 'discord-api-types/v10';
import type { Log } from '#runtime/log.ts';
import { waitMs } from '#runtime/retry.ts';
import { metrics } from '#runtime/telemetry.ts';
import { createSequence, type Sequence } from './sequence.ts';

/** A gateway session as it is stored: where to resume it and from which number. */
export type Session = { sessionId: string; resumeUrl: string; sequence: number };

/** One shard's connection, reconnecting and resuming by itself until it is closed. */
export type Connection = {
  /** READY or RESUMED has arrived and the connection is up. */
  readonly isReady: boolean;
  /** What to store: the session with its low-water mark; null when there is none. */
  session(): Session | null;
  /** How many of its dispatches are not finished. */
  readonly unfinished: number;
  /** Resolves when every dispatch that has arrived is finished. */
  finished(): Promise<void>;
  /** Closes with 4200, so that Discord keeps the session for whoever resumes it. Final: this object never connects again. */
  close(): Promise<void>;
  /** Closes like `close`, but connects again (RESUME) as soon as `beforeConnect` lets it. */
  pause(): void;
};

export type ConnectionOptions = {
  shardId: number;
  shardCount: number;
  token: string;
  intents: number;
  gateway: APIGatewayBotInfo;
  /** The session to resume; null to IDENTIFY. */
  session: Session | null;
  /** Resolves when IDENTIFY may be sent; must throw nothing but the signal's abort, else the library identifies anyway. */
  waitForIdentify: (shardId: number, signal: AbortSignal) => Promise<void>;
  /** Awaited before each connection: holds it back while too much is waiting to be stored. */
  beforeConnect: () => Promise<void>;
  onDispatch: (payload: GatewayDispatchPayload, sequence: Sequence) => void;
  /** The session began, was resumed or is gone: worth storing at once. */
  onSession: (how: 'identified' | 'resumed' | 'lost') => void;
  /** Discord will never let this connection in: wrong token, intents or shard numbers. */
  onFatal: (error: Error) => void;
  log: Log;
};

/** Close code that keeps the session: anything but 1000 and 1001 does. */
const keepSession = 4_200;
const resumeAfterwards = WebSocketShardDestroyRecovery.Resume;
const closeWithinMs = 3_000;
const maxBackoffMs = 30_000;
// After so many connections in a row that failed before HELLO, the resume address is taken for dead; the general one serves as well.
const triesAtResumeUrl = 3;
// Everything else keeps the session: should Discord have dropped it, RESUME is answered with op 9 and nothing is lost by asking. So does
// 4005: the library answers an op 9 that lets it resume on the connection that is authenticated already.
const endsSession = new Set<number>([1_000, GatewayCloseCodes.NotAuthenticated, GatewayCloseCodes.InvalidSeq]);

const never = new Promise<never>(() => undefined);

/**
 * Opens one shard's connection. @discordjs/ws's WebSocketShard is used without its manager: a shard here has an owner, a lease and a
 * session of its own, and the manager refuses to start when no IDENTIFY is left, even if all that is needed is a RESUME.
 */
export function openConnection(o: ConnectionOptions): Connection {
  const log = o.log.child({ shardId: o.shardId });
  // The library reads this at every dispatch and heartbeat: `sequence` is what was durable when last asked, never more.
  let info: SessionInfo | null = null;
  let sequence = createSequence(0);
  let isClosed = false;
  let isReady = false;
  let hasHello = false;
  let closeCode: number | null = null;
  let isPausing = false;
  let failures = 0;

  const begin = (session: Session): void => {
    sequence = createSequence(session.sequence);
    info = {
      shardId: o.shardId,
      shardCount: o.shardCount,
      sessionId: session.sessionId,
      sequence: session.sequence,
      // An address that cannot be dialled would throw where nobody can catch it.
      resumeURL:
        /^wss?:\/\//.test(session.resumeUrl) && URL.canParse(session.resumeUrl) ? session.resumeUrl : o.gateway.url,
    };
  };
  const refresh = (): SessionInfo | null => {
    if (info) info.sequence = sequence.durable;
    return info;
  };
  if (o.session) begin(o.session);

  const sessionToConnect = async (): Promise<SessionInfo | null> => {
    if (failures > 0) await waitMs(Math.min(maxBackoffMs, 250 * 2 ** failures) * (0.5 + Math.random() / 2));
    failures += 1; // HELLO sets it back
    await o.beforeConnect();
    if (isClosed) return never;
    const session = refresh();
    // Kept for the next time too: it proves itself by the HELLO that follows, or another try comes.
    if (session && failures > triesAtResumeUrl) session.resumeURL = o.gateway.url;
    return session;
  };

  const options: FetchingStrategyOptions = {
    token: o.token,
    intents: o.intents,
    shardCount: o.shardCount,
    gatewayInformation: o.gateway,
    version: '10',
    encoding: Encoding.JSON,
    compression: null,
    useIdentifyCompression: false,
    identifyProperties: { browser: 'docket', device: 'docket', os: process.platform },
    initialPresence: null,
    // Nobody's presence is used: offline members of large servers need not be sent.
    largeThreshold: 50,
    handshakeTimeout: 10_000,
    helloTimeout: 20_000,
    readyTimeout: 15_000,
  };
  const strategy: IContextFetchingStrategy = {
    options,
    // A connection that was closed for good never gets an answer here, so it cannot come back from the library's own reconnecting.
    retrieveSessionInfo: (): SessionInfo | null | Promise<SessionInfo | null> => {
      if (isClosed) return never;
      return hasHello ? info : sessionToConnect();
    },
    updateSessionInfo(_shardId, fresh) {
      if (isClosed) return;
      if (fresh) {
        // The library counts what it has received in its own number; ours is what is finished. Only a new session is news.
        if (fresh.sessionId === info?.sessionId) return;
        begin({ sessionId: fresh.sessionId, resumeUrl: fresh.resumeURL, sequence: fresh.sequence });
        return;
      }
      // TRICKY: the library forgets the session whenever a connection fails to open. It is gone only if Discord said so: by a close
      // code, or by op 9, which is the only reason to forget it while the connection is open.
      const isGone = hasHello || (closeCode !== null && endsSession.has(closeCode));
      if (!isGone || !info) return;
      info = null;
      log.warn({ closeCode }, 'gateway session lost');
      metrics.gatewaySessions.inc({ how: 'lost' });
      o.onSession('lost');
    },
    waitForIdentify: (shardId, signal) => (isClosed ? never : o.waitForIdentify(shardId, signal)),
  };

  const shard = new WebSocketShard(strategy, o.shardId);
  const arrived = (how: 'identified' | 'resumed') => {
    isReady = true;
    log.info({ how, sequence: info?.sequence }, 'shard is ready');
    metrics.gatewaySessions.inc({ how });
    o.onSession(how);
  };
  shard.on(WebSocketShardEvents.Hello, () => {
    hasHello = true;
    closeCode = null;
    failures = 0;
    isPausing = false;
  });
  shard.on(WebSocketShardEvents.Ready, () => arrived('identified'));
  shard.on(WebSocketShardEvents.Resumed, () => arrived('resumed'));
  shard.on(WebSocketShardEvents.Dispatch, (payload) => {
    if (!isClosed) o.onDispatch(payload, sequence);
  });
  shard.on(WebSocketShardEvents.Closed, (code) => {
    hasHello = false;
    isReady = false;
    closeCode = code;
    if (!isClosed) log.info({ code }, 'gateway connection closed');
  });
  shard.on(WebSocketShardEvents.HeartbeatComplete, ({ latency }) => metrics.gatewayHeartbeat.observe(latency / 1_000));
  shard.on(WebSocketShardEvents.SocketError, (err) => log.warn({ err }, 'gateway connection broke'));
  shard.on(WebSocketShardEvents.Debug, (text) => log.trace({ text }, 'gateway'));
  shard.on(WebSocketShardEvents.Error, (error) => {
    if (!isClosed) o.onFatal(error);
  });
  // It rejects with the error that onFatal gets.
  shard.connect().catch(() => undefined);

  return {
    get isReady() {
      return isReady;
    },
    session() {
      const now = refresh();
      return now ? { sessionId: now.sessionId, resumeUrl: now.resumeURL, sequence: now.sequence } : null;
    },
    get unfinished() {
      return sequence.open;
    },
    finished: () => sequence.finished(),
    async close() {
      if (isClosed) return;
      isClosed = true;
      isReady = false;
      // TRICKY: closed before its handshake, the library forgets the socket with its listeners, and the error that ends the handshake
      // then would end the process.
      const { connection } = shard as unknown as { connection: WebSocket | null };
      connection?.addEventListener('error', () => undefined);
      // Discord may never answer the close frame; ws itself would wait for 30 s.
      await Promise.race([shard.destroy({ code: keepSession, reason: 'handed over' }), waitMs(closeWithinMs)]);
    },
    pause() {
      if (!isReady || isPausing) return;
      isPausing = true; // until HELLO: a second destroy would connect a second time
      void shard.destroy({ code: keepSession, reason: 'too much to store', recover: resumeAfterwards }); // reconnects by itself
    },
  };
}
