import { registerCommands } from '#cluster/interactions/register.ts';
import { readConfig } from '#runtime/config.ts';
import { createLog } from '#runtime/log.ts';
import { printLine } from '#runtime/stdout.ts';
import { createStop } from '#runtime/stop.ts';
import { addressesOf } from '#discord/addresses.ts';
import { createPlainRest } from '#discord/rest.ts';
import { askApplication } from './parts.ts';
import { tellDiscord } from './interactions.ts';
import { readPlaces } from './places.ts';
import { bot, INTERACTIONS_URL, LOG_LEVEL, optional } from './variables.ts';

/** What this role reads from its environment. */
export const variables = { ...bot, DISCORD_TOKEN: optional.DISCORD_TOKEN, LOG_LEVEL, INTERACTIONS_URL };

/** Registers the slash commands, and with INTERACTIONS_URL where interactions are posted to; what Discord knows already is left alone. */
export async function run(): Promise<void> {
  const { token, apiUrl } = readPlaces(['discord']).discord;
  const config = readConfig(variables);
  const log = createLog({ role: 'register', level: config.LOG_LEVEL });
  const stop = createStop({ log, interrupted: 1 });
  const application = await askApplication({ token, apiUrl, signal: stop.signal, attempts: 5 });
  const rest = createPlainRest({ token, apiUrl: addressesOf(apiUrl).api });
  await registerCommands({ rest, applicationId: application.id });
  printLine(`The commands of ${application.name} are registered.`);
  if (config.INTERACTIONS_URL) {
    await tellDiscord({ rest, application, url: config.INTERACTIONS_URL });
    printLine(`Discord posts interactions to ${config.INTERACTIONS_URL}.`);
  }
  await stop.now(0);
}
