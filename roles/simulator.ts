import { parseArgs } from 'node:util';
import { startSimulator } from '#simulator/server.ts';
import { ConfigError, readConfig } from '#runtime/config.ts';
import { announceReady } from '#runtime/embedded/ready.ts';
import { createLog } from '#runtime/log.ts';
import { printLine } from '#runtime/stdout.ts';
import { createStop } from '#runtime/stop.ts';
import { listening } from './parts.ts';
import { LOG_LEVEL } from './variables.ts';

function readArgs(args: readonly string[]): { port: number; guilds: number; dataDir: string | null } {
  const options = {
    port: { type: 'string', default: '0' },
    guilds: { type: 'string', default: '2' },
    data: { type: 'string' },
  } as const;
  try {
    const { values } = parseArgs({ args: [...args], options });
    const port = Number(values.port);
    const guilds = Number(values.guilds);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('--port is no port');
    if (!Number.isInteger(guilds) || guilds < 0) throw new Error('--guilds is no number of servers');
    return { port, guilds, dataDir: values.data ?? null };
  } catch (error) {
    const usage = 'Usage: npm run -s docket -- simulator --port N --guilds N [--data FOLDER]';
    throw new ConfigError([`${(error as Error).message}. ${usage}`]);
  }
}

/** A local Discord. Prints one line of JSON when it serves: where it is, the bot's token and keys, its servers. */
export async function run(args: readonly string[]): Promise<void> {
  const asked = readArgs(args);
  const log = createLog({ role: 'simulator', level: readConfig({ LOG_LEVEL }).LOG_LEVEL });
  const stop = createStop({ log, interrupted: 0 });
  const simulator = await listening('--port', asked.port, () => startSimulator({ ...asked, log }));
  stop.add('simulator', () => simulator.close());
  const { api, gateway, control, token, applicationId, publicKey, clientSecret, guilds } = simulator;
  const answer = { api, gateway, token, applicationId, publicKey, clientSecret, guilds, control };
  printLine(JSON.stringify(answer));
  announceReady(answer);
}
