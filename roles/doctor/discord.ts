import type { REST } from '@discordjs/rest';
import { type APIGatewayBotInfo, type RESTGetAPICurrentUserGuildsResult, Routes } from 'discord-api-types/v10';
import { addressesOf } from '#discord/addresses.ts';
import type { Application } from '#discord/application.ts';
import { bitsOf, botPermissions, missing } from '#discord/permissions.ts';
import { createPlainRest } from '#discord/rest.ts';
import { ConfigError } from '#runtime/config.ts';
import type { Finding } from '../doctor.ts';
import { askApplication } from '../parts.ts';

const portal = 'https://discord.com/developers/applications';
const guildsPerPage = 200;
const fewStarts = 50;

function checkIntents(application: Application): Finding[] {
  const fix = (name: string): string => `Turn on "${name}" at ${portal}/${application.id}/bot, then restart Docket.`;
  return [
    application.hasMessageContent
      ? { kind: 'ok', what: 'Intent Message Content' }
      : {
          kind: 'wrong',
          what: 'The intent Message Content is off: transcripts stay empty, because Discord sends no text',
          fix: fix('Message Content Intent'),
        },
    application.hasGuildMembers
      ? { kind: 'ok', what: 'Intent Server Members' }
      : {
          kind: 'note',
          what: 'The intent Server Members is off: Docket learns late that somebody has left a server',
          fix: fix('Server Members Intent'),
        },
  ];
}

/** Discord sends interactions one way or the other, never both: the other waits in vain. */
function checkInteractions(application: Application, way: 'gateway' | 'http'): Finding {
  const { interactionsUrl } = application;
  if ((interactionsUrl !== null) === (way === 'http'))
    return { kind: 'ok', what: `Interactions come ${interactionsUrl ? `to ${interactionsUrl}` : 'by the gateway'}` };
  if (interactionsUrl === null) {
    const fix = 'Set INTERACTIONS_URL and run: npm run -s docket -- register. Or leave INTERACTIONS unset.';
    return { kind: 'wrong', what: 'INTERACTIONS is http, but Discord sends interactions by the gateway', fix };
  }
  const page = `${portal}/${application.id}/information`;
  const fix = `Set INTERACTIONS=http and run the role interactions, or take the address away at ${page}.`;
  return { kind: 'wrong', what: `Discord posts interactions to ${interactionsUrl}; the gateway gets none`, fix };
}

async function checkGateway(rest: REST): Promise<Finding> {
  const { session_start_limit: limit, shards } = (await rest.get(Routes.gatewayBot())) as APIGatewayBotInfo;
  const what = `Gateway: ${limit.remaining} of ${limit.total} session starts left today, ${shards} shards recommended`;
  if (limit.remaining >= fewStarts) return { kind: 'ok', what };
  return { kind: 'wrong', what, fix: 'Stop what keeps identifying; Discord resets the token at zero.' };
}

async function guildsOf(rest: REST): Promise<RESTGetAPICurrentUserGuildsResult> {
  const all: RESTGetAPICurrentUserGuildsResult = [];
  for (let after = '0'; ; ) {
    const query = new URLSearchParams({ limit: String(guildsPerPage), after });
    const page = (await rest.get(Routes.userGuilds(), { query })) as RESTGetAPICurrentUserGuildsResult;
    all.push(...page);
    if (page.length < guildsPerPage) return all;
    after = page.at(-1)?.id ?? after;
  }
}

async function checkPermissions(rest: REST, invite: string): Promise<Finding[]> {
  const guilds = await guildsOf(rest);
  if (guilds.length === 0) return [{ kind: 'note', what: 'The bot is in no server', fix: `Invite it: ${invite}` }];
  const lacking = guilds.flatMap((guild): Finding[] => {
    const names = missing(BigInt(guild.permissions), bitsOf(...botPermissions));
    if (names.length === 0) return [];
    const fix = `Give them to the bot's role in the server's settings, or invite it again: ${invite}&guild_id=${guild.id}`;
    return [{ kind: 'wrong', what: `In ${guild.name} (${guild.id}) the bot lacks: ${names.join(', ')}`, fix }];
  });
  if (lacking.length > 0) return lacking;
  return [{ kind: 'ok', what: `Permissions in ${guilds.length} ${guilds.length === 1 ? 'server' : 'servers'}` }];
}

/** The token, the privileged intents, the gateway and, server by server, the permissions. */
export async function checkDiscord(o: {
  token: string | undefined;
  apiUrl: string;
  interactions: 'gateway' | 'http';
}): Promise<Finding[]> {
  const { token, apiUrl } = o;
  if (!token) return [{ kind: 'wrong', what: 'Discord: no token', fix: 'Run npm start first, or set DISCORD_TOKEN.' }];
  const addresses = addressesOf(apiUrl);
  const { host } = new URL(addresses.api);
  try {
    const application = await askApplication({ token, apiUrl, attempts: 2 });
    const rest = createPlainRest({ token, apiUrl: addresses.api });
    const permissions = bitsOf(...botPermissions);
    const scope = 'bot+applications.commands';
    const invite = `${addresses.oauthAuthorize}?client_id=${application.id}&permissions=${permissions}&scope=${scope}`;
    return [
      { kind: 'ok', what: `Discord at ${host}: the token is ${application.botName}’s` },
      ...checkIntents(application),
      checkInteractions(application, o.interactions),
      await checkGateway(rest),
      ...(await checkPermissions(rest, invite)),
    ];
  } catch (error) {
    if (error instanceof ConfigError) {
      const fix = `Copy the current one from ${portal}, page Bot.`;
      return [{ kind: 'wrong', what: `Discord at ${host} refuses the token`, fix }];
    }
    const words = error instanceof Error ? error.message : String(error);
    const fix = 'Look at the network, or correct DISCORD_API_URL.';
    return [{ kind: 'wrong', what: `Discord at ${host} does not answer: ${words}`, fix }];
  }
}
