import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createInflate, constants } from 'node:zlib';
import { GatewayIntentBits as I } from 'discord-api-types/v10';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createLog } from '#runtime/log.ts';
import { type Control, createControl } from './client.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from './server.ts';

const log = createLog({ role: 'test', level: 'silent' });
type Frame = { op: number; t: string | null; s: number | null; d: Record<string, unknown> };

/** A bare gateway client: what arrives is kept, and can be waited for. */
function open(url: string) {
  const ws = new WebSocket(url);
  const frames: Frame[] = [];
  const waiters = new Set<() => void>();
  const closed = new Promise<number>((resolve) => ws.once('close', resolve));
  ws.on('error', () => undefined);
  ws.on('message', (raw) => {
    frames.push(JSON.parse((raw as Buffer).toString()));
    for (const wake of waiters) wake();
  });
  async function until(isIt: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const found = frames.find(isIt);
      if (found) return found;
      await new Promise<void>((resolve) => waiters.add(resolve));
    }
  }
  const send = async (op: number, d: unknown) => {
    await until((frame) => frame.op === 10);
    ws.send(JSON.stringify({ op, d }));
  };
  return { ws, frames, closed, until, send, dispatch: (name: string) => until((frame) => frame.t === name) };
}

describe('the gateway', () => {
  let simulator: Simulator;
  let control: Control;
  const opened: WebSocket[] = [];
  const dataDir = mkdtempSync(join(tmpdir(), 'simulator-'));

  async function start(o: Partial<SimulatorOptions> = {}) {
    simulator = await startSimulator({
      port: 0,
      dataDir: null,
      guilds: 2,
      log,
      ...o,
      limits: { identifyWindowMs: 0, ...o.limits },
    });
    control = createControl(simulator.control);
  }

  beforeEach(async () => await start());
  afterEach(async () => {
    for (const ws of opened.splice(0)) ws.terminate();
    await simulator.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  function connect(query = '?v=10&encoding=json') {
    const client = open(`${simulator.gateway}${query}`);
    opened.push(client.ws);
    return client;
  }

  async function identified(intents: number, shard?: [number, number], token = simulator.token) {
    const client = connect();
    await client.send(2, { token, intents, properties: {}, ...(shard ? { shard } : {}) });
    return client;
  }

  async function general(guild = 0) {
    const guildId = simulator.guilds[guild]?.id ?? '';
    const channelId = (await control.channels(guildId)).find((channel) => channel.name === 'general')?.id ?? '';
    return { guildId, channelId, userId: simulator.guilds[guild]?.memberIds.at(-1) ?? '' };
  }

  it.each([
    ['a wrong token', { token: 'wrong', intents: 1 }, 4004],
    ['an impossible shard', { intents: 1, shard: [2, 2] }, 4010],
    ['intents that do not exist', { intents: 2 ** 30 }, 4013],
  ])('refuses %s', async (_what, data, code) => {
    const client = connect();
    await client.send(2, { token: simulator.token, properties: {}, ...data });
    expect(await client.closed).toBe(code);
  });

  it('refuses privileged intents that the application does not have', async () => {
    await control.updateApplication({ flags: 0 });
    expect(await (await identified(I.MessageContent)).closed).toBe(4014);
  });

  it('refuses one shard for too many servers', async () => {
    await control.limits({ guildsPerShard: 1 });
    expect(await (await identified(I.Guilds)).closed).toBe(4011);
  });

  it.each([
    ['an unknown opcode', 4001, JSON.stringify({ op: 99 })],
    ['what is no JSON', 4002, '{'],
    ['commands before IDENTIFY', 4003, JSON.stringify({ op: 3, d: {} })],
  ])('closes on %s', async (_what, code, text) => {
    const client = connect();
    await client.until((frame) => frame.op === 10);
    client.ws.send(text);
    expect(await client.closed).toBe(code);
  });

  it('closes on a second IDENTIFY, an old version, and too many commands', async () => {
    const twice = await identified(I.Guilds);
    await twice.dispatch('READY');
    await twice.send(2, { token: simulator.token, intents: 1 });
    expect(await twice.closed).toBe(4005);
    expect(await connect('?v=6').closed).toBe(4012);
    await control.limits({ gatewayCommandsPerMinute: 2 });
    const hasty = connect();
    for (let count = 0; count < 3; count++) await hasty.send(1, null);
    expect(await hasty.closed).toBe(4008);
  });

  it('counts an IDENTIFY within five seconds as a violation and answers op 9', async () => {
    await control.limits({ identifyWindowMs: 60_000 });
    await (await identified(I.Guilds)).dispatch('READY');
    const second = await identified(I.Guilds);
    expect((await second.until((frame) => frame.op === 9)).d).toBe(false);
    expect((await control.counts()).violations).toEqual({ identify_too_early: 1 });
  });

  it('takes one start from the budget for each session', async () => {
    await (await identified(I.Guilds)).dispatch('READY');
    const response = await fetch(`${simulator.api}/v10/gateway/bot`, {
      headers: { authorization: `Bot ${simulator.token}` },
    });
    expect(await response.json()).toMatchObject({
      session_start_limit: { total: 1_000, remaining: 999, max_concurrency: 1 },
    });
  });

  it('gives each server to one shard', async () => {
    const shards = await Promise.all([identified(I.Guilds, [0, 2]), identified(I.Guilds, [1, 2])]);
    const readies = await Promise.all(shards.map((shard) => shard.dispatch('READY')));
    const ids = readies.map((ready) => (ready.d.guilds as { id: string }[]).map((guild) => guild.id));
    expect(ids.flat().sort()).toEqual(simulator.guilds.map((guild) => guild.id).sort());
    ids.forEach((mine, shardId) => {
      for (const id of mine) expect(Number((BigInt(id) >> 22n) % 2n)).toBe(shardId);
    });
  });

  it('hides content without MESSAGE_CONTENT, and messages without their intent', async () => {
    const { channelId, userId } = await general();
    const blank = await identified(I.Guilds | I.GuildMessages);
    const deaf = await identified(I.Guilds | I.GuildMembers);
    await Promise.all([blank.dispatch('GUILD_CREATE'), deaf.dispatch('GUILD_CREATE')]);
    await control.sendMessage({ channelId, userId, content: 'secret' });
    await control.sendMessage({ channelId, userId, content: `hey <@${simulator.applicationId}>` });
    const mentioned = await blank.until((frame) => String(frame.d?.content).startsWith('hey'));
    expect(mentioned.t).toBe('MESSAGE_CREATE');
    expect(blank.frames.find((frame) => frame.t === 'MESSAGE_CREATE')?.d.content).toBe('');
    await control.addMember(simulator.guilds[0]?.id ?? '', { name: 'New One' });
    await deaf.dispatch('GUILD_MEMBER_ADD');
    expect(deaf.frames.some((frame) => frame.t === 'MESSAGE_CREATE')).toBe(false);
  });

  it('sends no messages of channels that the bot cannot see', async () => {
    const { guildId, channelId, userId } = await general();
    const client = await identified(I.Guilds | I.GuildMessages | I.MessageContent);
    await client.dispatch('GUILD_CREATE');
    const deny = [{ id: simulator.applicationId, type: 1 as const, allow: '0', deny: '1024' }];
    const hidden = await control.createChannel(guildId, { name: 'hidden', overwrites: deny });
    await control.sendMessage({ channelId: hidden.id, userId, content: 'unseen' });
    await control.sendMessage({ channelId, userId, content: 'seen' });
    const heard = await client.dispatch('MESSAGE_CREATE');
    expect(heard.d.content).toBe('seen');
  });

  it('answers requests for members in chunks', async () => {
    const { guildId, userId } = await general();
    const client = await identified(I.Guilds | I.GuildMembers);
    await client.dispatch('GUILD_CREATE');
    await client.send(8, { guild_id: guildId, query: '', limit: 0, nonce: 'all' });
    const chunk = await client.dispatch('GUILD_MEMBERS_CHUNK');
    expect(chunk.d).toMatchObject({ nonce: 'all', chunk_index: 0, chunk_count: 1 });
    expect(chunk.d.members).toHaveLength(13);
    await client.send(8, { guild_id: guildId, user_ids: [userId, '1'], nonce: 'two' });
    const two = await client.until((frame) => frame.d?.nonce === 'two');
    expect(two.d.not_found).toEqual(['1']);
  });

  it('compresses with zlib-stream', async () => {
    const ws = new WebSocket(`${simulator.gateway}?v=10&encoding=json&compress=zlib-stream`);
    opened.push(ws);
    const inflate = createInflate({ flush: constants.Z_SYNC_FLUSH });
    let text = '';
    const hasHello = new Promise<void>((resolve) => {
      inflate.on('data', (part: Buffer) => {
        text += part.toString();
        if (text.includes('"heartbeat_interval"')) resolve();
      });
    });
    ws.on('message', (raw: Buffer) => inflate.write(raw));
    await hasHello;
    expect(JSON.parse(text)).toMatchObject({ op: 10 });
  });

  async function resumed(ready: Frame, seq: number) {
    const client = connect();
    await client.send(6, { token: simulator.token, session_id: ready.d.session_id, seq });
    return client;
  }

  it('refuses a RESUME of a forgotten session, and one from the future', async () => {
    const first = await identified(I.Guilds);
    const ready = await first.dispatch('READY');
    expect((await (await resumed(ready, 1_000)).until((frame) => frame.op === 9)).d).toBe(false);
    await control.fault({ kind: 'expire' });
    expect((await (await resumed(ready, 1)).until((frame) => frame.op === 9)).d).toBe(false);
    expect((await control.counts()).failedResumes).toBe(2);
  });

  it('forgets a session whose client says goodbye with 1000, and keeps it after 4200', async () => {
    const polite = await identified(I.Guilds);
    const ready = await polite.dispatch('READY');
    polite.ws.close(1000);
    await polite.closed;
    await (await resumed(ready, 1)).until((frame) => frame.op === 9);
    const leaving = await identified(I.Guilds);
    const second = await leaving.dispatch('READY');
    leaving.ws.close(4200);
    await leaving.closed;
    await (await resumed(second, 1)).dispatch('RESUMED');
  });

  it('replays exactly what was missed', async () => {
    const { channelId, userId } = await general();
    const client = await identified(I.Guilds | I.GuildMessages | I.MessageContent);
    const ready = await client.dispatch('READY');
    await control.sendMessage({ channelId, userId, content: 'a' });
    const heard = await client.dispatch('MESSAGE_CREATE');
    client.ws.terminate();
    await control.sendMessage({ channelId, userId, content: 'b' });
    await control.sendMessage({ channelId, userId, content: 'c' });
    const again = await resumed(ready, heard.s ?? 0);
    await again.dispatch('RESUMED');
    expect(again.frames.filter((frame) => frame.t === 'MESSAGE_CREATE').map((frame) => frame.d.content)).toEqual([
      'b',
      'c',
    ]);
  });

  it('replays across its own restart, and keeps what there was', async () => {
    await simulator.close();
    await start({ dataDir });
    const { channelId, userId } = await general();
    const { token } = simulator;
    const client = await identified(I.Guilds | I.GuildMessages | I.MessageContent);
    const ready = await client.dispatch('READY');
    await client.until((frame) => frame.s === 3);
    client.ws.terminate();
    await client.closed;
    await control.sendMessage({ channelId, userId, content: 'before' });
    await simulator.close();
    await start({ dataDir });
    expect(simulator.token).toBe(token);
    expect((await control.messages(channelId)).map((message) => message.content)).toEqual(['before']);
    await control.sendMessage({ channelId, userId, content: 'after' });
    const again = await resumed(ready, 3);
    await again.dispatch('RESUMED');
    expect(again.frames.filter((frame) => frame.t === 'MESSAGE_CREATE').map((frame) => frame.d.content)).toEqual([
      'before',
      'after',
    ]);
  });

  it('replays what was on disk when it was killed', async () => {
    await simulator.close();
    const code = `
      import { createLog } from '${new URL('../runtime/log.ts', import.meta.url)}';
      import { startSimulator } from '${new URL('server.ts', import.meta.url)}';
      const log = createLog({ role: 'test', level: 'silent' });
      const simulator = await startSimulator({ port: 0, dataDir: ${JSON.stringify(dataDir)}, guilds: 1, log });
      process.stdout.write(JSON.stringify(simulator) + '\\n');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    simulator = JSON.parse(String(await new Promise((resolve) => child.stdout.once('data', resolve))));
    control = createControl(simulator.control);
    const { channelId, userId } = await general();
    const client = await identified(I.Guilds | I.GuildMessages | I.MessageContent);
    const ready = await client.dispatch('READY');
    await control.sendMessage({ channelId, userId, content: 'kept' });
    const heard = await client.dispatch('MESSAGE_CREATE');
    const disk = new DatabaseSync(join(dataDir, 'simulator.db'), { readOnly: true });
    const stored = disk.prepare('select count(*) as n from frame where last_seq >= ?');
    await expect.poll(() => stored.get(heard.s)?.n).toBe(1);
    disk.close();
    child.kill('SIGKILL');
    await exited;
    await start({ dataDir });
    const again = await resumed(ready, (heard.s ?? 0) - 1);
    await again.dispatch('RESUMED');
    expect(again.frames.find((frame) => frame.t === 'MESSAGE_CREATE')?.d.content).toBe('kept');
  });

  it('carries out gateway faults', async () => {
    const client = await identified(I.Guilds);
    await client.dispatch('READY');
    await control.fault({ kind: 'reconnect' });
    await client.until((frame) => frame.op === 7);
    await control.fault({ kind: 'mute' });
    await client.send(1, null);
    await client.send(1, null);
    await client.until((frame) => frame.op === 11);
    await control.fault({ kind: 'invalid-session', resumable: true });
    expect((await client.until((frame) => frame.op === 9)).d).toBe(true);
    expect(client.frames.filter((frame) => frame.op === 11)).toHaveLength(1);
    await control.fault({ kind: 'close', code: 4000 });
    expect(await client.closed).toBe(4000);
  });

  it('closes a connection without heartbeats', async () => {
    await control.limits({ heartbeatIntervalMs: 20, sessionTimesOutAfterMs: 40 });
    const client = await identified(I.Guilds);
    expect(await client.closed).toBe(4009);
  });
});
