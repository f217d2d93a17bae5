/** A process of the gateway bench: a Discord of many small servers. Sends one message when it serves. */
import { createLog } from '#runtime/log.ts';
import { createControl } from '#simulator/client.ts';
import { startSimulator } from '#simulator/server.ts';
import { formatTopic } from '#discord/topic.ts';

/** What a client needs to know of it. */
export type GatewayWorld = { api: string; control: string; token: string; ticketChannelIds: string[] };

const guilds = Number(process.argv[2]);
// 0: no tickets at all.
const serversPerTicket = Number(process.argv[4] ?? 20);

const simulator = await startSimulator({
  port: 0,
  dataDir: null,
  guilds,
  membersPerGuild: 3,
  log: createLog({ role: 'simulator', level: 'warn' }),
  // The pace of IDENTIFYs is Discord's: what is measured here comes after it. Ids made within a second fall unevenly on shards.
  limits: { maxConcurrency: 16, recommendedShards: Number(process.argv[3]), guildsPerShard: guilds },
});
const control = createControl(simulator.control);
const ticketChannelIds: string[] = [];
for (const [n, { id }] of simulator.guilds.entries()) {
  if (serversPerTicket === 0 || n % serversPerTicket !== 0) continue;
  const channel = await control.createChannel(id, { name: `ticket-${n}` });
  await control.updateChannel(channel.id, { topic: formatTopic(1_000 + n) });
  ticketChannelIds.push(channel.id);
}
const world: GatewayWorld = {
  api: simulator.api,
  control: simulator.control,
  token: simulator.token,
  ticketChannelIds,
};
process.send?.(world);
process.once('disconnect', () => process.exit(0));
