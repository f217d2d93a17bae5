import type { Duplex } from 'node:stream';
import { GatewayIntentBits } from 'discord-api-types/v10';
import type { WebSocket } from 'ws';
import type { Faults } from '../faults.ts';
import { guildCreatePayload, selfPayload, userOf } from '../state/payloads.ts';
import { applicationOf } from '../state/world.ts';
import { asArray, asObject, type Json } from '../validate/fields.ts';
import type { Hub, Session } from './hub.ts';
import type { IdentifyGate } from './identify-gate.ts';
import { deniedIntents, knownIntents } from './intents.ts';
import { createLink } from './link.ts';
import { sendMemberChunks } from './request-members.ts';

const opcodes = { heartbeat: 1, identify: 2, presence: 3, voice: 4, resume: 6, members: 8 } as const;
// What a client may ask for that changes nothing here: presence, voice, soundboard, channel info.
const ignored: readonly number[] = [3, 4, 31, 43];
const guildsPerTurn = 50;
const pauseAboveBytes = 8 * 1024 * 1024;

/** Serves one gateway connection, from HELLO to its end. */
export function serveConnection(
  hub: Hub,
  o: { ws: WebSocket; socket: Duplex; query: URLSearchParams; gate: IdentifyGate; faults: Faults; gatewayUrl: string },
): void {
  const { world } = hub;
  const { ws, gate, faults } = o;
  const link = createLink(ws, o.socket, o.query.get('compress'));
  let session: Session | null = null;
  let hasAnswered = false;
  let isClosedByUs = false;
  let heartbeatAt = Date.now();
  let commands = { from: Date.now(), count: 0 };

  if (!['9', '10'].includes(o.query.get('v') ?? '10')) return end(4012, 'Invalid API version');
  if (o.query.get('encoding') === 'etf') return end(4002, 'This gateway speaks JSON only');

  const { heartbeatIntervalMs, sessionTimesOutAfterMs } = world.limits;
  const zombie = setInterval(() => {
    // A client that is silent for so long is gone, whatever the socket says.
    if (Date.now() - heartbeatAt > sessionTimesOutAfterMs) end(4009, 'Session timed out.');
  }, heartbeatIntervalMs);
  send({ op: 10, d: { heartbeat_interval: heartbeatIntervalMs, _trace: ['["simulator"]'] }, s: null, t: null });

  ws.on('message', (raw) => {
    const text = (raw as Buffer).toString();
    if (text.length > 4_096) return end(4002, 'Payload too large.');
    let message: Json;
    try {
      message = asObject(JSON.parse(text));
    } catch {
      return end(4002, 'Error while decoding payload.');
    }
    if (!isWithinPace()) return end(4008, 'You are being rate limited.');
    receive(Number(message.op), message.d);
  });
  ws.on('error', (err) => world.log.debug({ err }, 'gateway connection failed'));
  ws.on('close', (code) => {
    clearInterval(zombie);
    const left = session;
    session = null;
    if (!left || left.link !== link) return;
    hub.leave(left);
    // A client that says goodbye gives its session up; every other end may be followed by a RESUME.
    if (!isClosedByUs && (code === 1000 || code === 1001)) hub.forget(left);
    world.happen('session_closed', { sessionId: left.id, shardId: left.shardId, code });
  });

  function send(payload: object) {
    link.send(JSON.stringify(payload));
  }

  function end(code: number, reason: string) {
    isClosedByUs = true;
    if (session && [4004, 4007, 4009].includes(code)) hub.forget(session);
    world.happen('gateway_refused', { code, reason });
    ws.close(code, reason);
  }

  function isWithinPace(): boolean {
    const now = Date.now();
    if (now - commands.from > 60_000) commands = { from: now, count: 0 };
    return ++commands.count <= world.limits.gatewayCommandsPerMinute;
  }

  function receive(op: number, data: unknown) {
    if (op === opcodes.heartbeat) {
      heartbeatAt = Date.now();
      if (!faults.swallowsHeartbeat()) send({ op: 11, d: null, s: null, t: null });
    } else if (op === opcodes.identify) identify(asObject(data));
    else if (op === opcodes.resume) resume(asObject(data));
    else if (ignored.includes(op) || op === opcodes.members) {
      if (!session) return end(4003, 'Not authenticated.');
      if (op === opcodes.members) sendMemberChunks(hub, session, asObject(data), (reason) => end(4002, reason));
    } else end(4001, 'Unknown opcode.');
  }

  function hasToken(data: Json): boolean {
    return String(data.token).replace(/^Bot /, '') === applicationOf(world).token;
  }

  function identify(data: Json) {
    if (hasAnswered) return end(4005, 'Already authenticated.');
    world.counts.identifies++;
    if (!hasToken(data)) return end(4004, 'Authentication failed.');
    const [shardId = 0, shardCount = 1] = asArray(data.shard).map(Number);
    if (!(Number.isInteger(shardId) && Number.isInteger(shardCount) && shardId >= 0 && shardId < shardCount)) {
      return end(4010, 'Invalid shard.');
    }
    const intents = Number(data.intents);
    if (!Number.isInteger(intents) || intents < 0 || (intents & ~knownIntents) !== 0)
      return end(4013, 'Invalid intent(s).');
    if (deniedIntents(intents, applicationOf(world).flags) !== 0) return end(4014, 'Disallowed intent(s).');
    const guilds = [...world.guilds.values()].filter((guild) => hub.shard(guild.id, shardCount) === shardId);
    if (guilds.length > world.limits.guildsPerShard) return end(4011, 'Sharding required.');
    if (!hub.takeStart()) {
      world.violate('session_start_limit');
      return end(4004, 'Session start limit reached.');
    }
    if (!gate.mayIdentify(shardId)) {
      world.violate('identify_too_early');
      return send({ op: 9, d: false, s: null, t: null });
    }
    hasAnswered = true;
    session = hub.create({ shardId, shardCount, intents, link });
    world.happen('session_identified', { sessionId: session.id, shardId, shardCount, intents });
    const hearsGuilds = (intents & GatewayIntentBits.Guilds) !== 0;
    hub.dispatch(
      session,
      'READY',
      ready(
        session,
        guilds.map((guild) => guild.id),
      ),
    );
    if (hearsGuilds)
      void announce(
        session,
        guilds.map((guild) => guild.id),
      );
  }

  function ready(of: Session, guildIds: string[]) {
    const application = applicationOf(world);
    return {
      v: 10,
      user: selfPayload(userOf(world, application.id)),
      guilds: guildIds.map((id) => ({ id, unavailable: true })),
      session_id: of.id,
      session_type: 'normal',
      resume_gateway_url: o.gatewayUrl,
      shard: [of.shardId, of.shardCount],
      application: { id: application.id, flags: application.flags },
      private_channels: [],
      presences: [],
      relationships: [],
      geo_ordered_rtc_regions: [],
      guild_join_requests: [],
      user_settings: {},
      _trace: ['["simulator"]'],
    };
  }

  // Thousands of servers are sent in turns, waiting for a slow reader, so that others are served meanwhile.
  async function announce(to: Session, guildIds: string[]): Promise<void> {
    const withMembers = (to.intents & GatewayIntentBits.GuildPresences) !== 0;
    let sent = 0;
    for (const id of guildIds) {
      const guild = world.guilds.get(id);
      if (!guild || session !== to) continue;
      if (guild.isUnavailable) continue;
      hub.dispatch(to, 'GUILD_CREATE', guildCreatePayload(world, guild, withMembers));
      if (++sent % guildsPerTurn !== 0) continue;
      do await new Promise((resolve) => setImmediate(resolve));
      while (link.buffered() > pauseAboveBytes && ws.readyState === ws.OPEN);
    }
  }

  function resume(data: Json) {
    if (hasAnswered) return end(4005, 'Already authenticated.');
    if (!hasToken(data)) return end(4004, 'Authentication failed.');
    const found = hub.sessions.get(String(data.session_id));
    const seq = Number(data.seq);
    const missed = found && seq <= found.seq ? found.replay.after(seq, found.seq) : null;
    if (!found || !missed) {
      world.counts.failedResumes++;
      world.happen('session_resume_failed', { sessionId: data.session_id, seq, isKnown: found !== undefined });
      return send({ op: 9, d: false, s: null, t: null });
    }
    hasAnswered = true;
    world.counts.resumes++;
    found.link?.close(4000, 'Taken over by a RESUME.');
    found.link = link;
    session = found;
    for (const frame of missed) link.send(frame);
    hub.dispatch(found, 'RESUMED', { _trace: ['["simulator"]'] });
    world.happen('session_resumed', { sessionId: found.id, shardId: found.shardId, replayed: missed.length });
  }
}
