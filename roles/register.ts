import { registerCommands } from '#cluster/interactions/register.ts';
import { readConfig } from '#runtime/config.ts';
import { createLog } from '#runtime/log.ts';
import { printLine } from '#runtime/stdout.ts';
import { createStop } from '#runtime/stop.ts';
import { addressesOf } from '#discord/addresses.ts';
import { createPlainRest } from '#discord/rest.ts';
import { askApplication } from './parts.ts';
import { readPlaces } from './places.ts';
import { LOG_LEVEL } from './variables.ts';

/** Registers the slash commands; what is registered already is left alone. */
export async function run(): Promise<void> {
  const { token, apiUrl } = readPlaces(['discord']).discord;
  const log = createLog({ role: 'register', level: readConfig({ LOG_LEVEL }).LOG_LEVEL });
  const stop = createStop({ log, interrupted: 1 });
  const application = await askApplication({ token, apiUrl, signal: stop.signal, attempts: 5 });
  await registerCommands({
    rest: createPlainRest({ token, apiUrl: addressesOf(apiUrl).api }),
    applicationId: application.id,
  });
  printLine(`The commands of ${application.name} are registered.`);
  await stop.now(0);
}
