import {
  API,
  type APIInteraction,
  Client,
  GatewayDispatchEvents,
  GatewayIntentBits,
  MessageFlags,
  type ToEventProps,
} from '@discordjs/core';
import { REST } from '@discordjs/rest';
import { WebSocketManager } from '@discordjs/ws';
import { expect, it } from 'vitest';
import { createLog } from '#runtime/log.ts';
import { createControl } from './client.ts';
import { startSimulator } from './server.ts';

it('serves @discordjs/core and @discordjs/ws with two shards', async () => {
  const log = createLog({ role: 'test', level: 'silent' });
  const simulator = await startSimulator({ port: 0, dataDir: null, guilds: 2, log, limits: { maxConcurrency: 2 } });
  const control = createControl(simulator.control);
  const rest = new REST({ version: '10', api: simulator.api }).setToken(simulator.token);
  const gateway = new WebSocketManager({
    token: simulator.token,
    intents: GatewayIntentBits.Guilds | GatewayIntentBits.GuildMessages,
    rest,
    shardCount: 2,
  });
  const client = new Client({ rest, gateway });
  const guildIds = new Set<string>();
  const arrived = new Promise<void>((resolve) => {
    client.on(GatewayDispatchEvents.GuildCreate, ({ data }) => {
      guildIds.add(data.id);
      if (guildIds.size === 2) resolve();
    });
  });
  async function pong({ data, api }: ToEventProps<APIInteraction>): Promise<void> {
    await api.interactions.defer(data.id, data.token, { flags: MessageFlags.Ephemeral });
    await api.interactions.editReply(data.application_id, data.token, { content: 'pong' });
  }
  // What it throws makes the test fail: it is an unhandled rejection.
  client.on(GatewayDispatchEvents.InteractionCreate, (event) => void pong(event));
  await gateway.connect();
  await arrived;
  const api = new API(rest);
  await api.applicationCommands.bulkOverwriteGlobalCommands(simulator.applicationId, [
    { name: 'ping', description: 'Pings' },
  ]);
  for (const guild of simulator.guilds) {
    const channel = (await control.channels(guild.id)).find((other) => other.name === 'general');
    const userId = guild.memberIds.at(-1) ?? '';
    const { id } = await control.runCommand({ channelId: channel?.id ?? '', userId, name: 'ping' });
    const answered = await control.interaction(id, { waitMs: 5_000, until: 'answer' });
    expect(answered).toMatchObject({ state: 'acknowledged', messages: [{ content: 'pong' }] });
  }
  expect((await control.counts()).violations).toEqual({});
  await gateway.destroy();
  await simulator.close();
});
