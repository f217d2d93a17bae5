import { DiscordAPIError, type REST } from '@discordjs/rest';
import {
  type APIUser,
  ApplicationFlags,
  GatewayIntentBits,
  RESTJSONErrorCodes,
  type RESTGetCurrentApplicationResult,
  Routes,
} from 'discord-api-types/v10';

/** What Discord knows of the bot itself. */
export type Application = {
  readonly id: string;
  readonly name: string;
  /** For the signatures of interactions over HTTP. */
  readonly publicKey: string;
  /** Where Discord posts interactions to; null: it sends them by the gateway. */
  readonly interactionsUrl: string | null;
  readonly botUserId: string;
  readonly botName: string;
  /** Null when a team owns it. */
  readonly ownerId: string | null;
  readonly flags: number;
  readonly hasMessageContent: boolean;
  readonly hasGuildMembers: boolean;
  /** Exactly what may be asked for at IDENTIFY. */
  readonly intents: number;
};

const some = (flags: number, bits: number): boolean => (flags & bits) !== 0;

/** Which privileged intents an application's flags grant; "limited" is what bots in fewer than 100 servers have. */
export function grantedBy(flags: number): { hasMessageContent: boolean; hasGuildMembers: boolean } {
  return {
    hasMessageContent: some(
      flags,
      ApplicationFlags.GatewayMessageContent | ApplicationFlags.GatewayMessageContentLimited,
    ),
    hasGuildMembers: some(flags, ApplicationFlags.GatewayGuildMembers | ApplicationFlags.GatewayGuildMembersLimited),
  };
}

/** The intents to ask for: one that is not granted closes the connection with 4014, which would mean no bot at all. */
export function intentsOf(flags: number): number {
  const { hasMessageContent, hasGuildMembers } = grantedBy(flags);
  return (
    GatewayIntentBits.Guilds |
    GatewayIntentBits.GuildMessages |
    (hasMessageContent ? GatewayIntentBits.MessageContent : 0) |
    (hasGuildMembers ? GatewayIntentBits.GuildMembers : 0)
  );
}

/** Reads the application and the bot's user. Throws DiscordAPIError 401 on a wrong token. */
export async function readApplication(rest: Pick<REST, 'get'>): Promise<Application> {
  const [application, user] = (await Promise.all([
    rest.get(Routes.currentApplication()),
    rest.get(Routes.user('@me')),
  ])) as [RESTGetCurrentApplicationResult, APIUser];
  const flags = application.flags ?? 0;
  return {
    id: application.id,
    name: application.name,
    publicKey: application.verify_key,
    interactionsUrl: application.interactions_endpoint_url ?? null,
    botUserId: user.id,
    botName: user.username,
    ownerId: application.team ? null : (application.owner?.id ?? null),
    flags,
    ...grantedBy(flags),
    intents: intentsOf(flags),
  };
}

/**
 * Tells Discord where to post interactions to; null: to send them by the gateway. Discord asks there at once, with right and wrong
 * signatures: false when the answers were not those it wants, or none came.
 */
export async function setInteractionsUrl(rest: Pick<REST, 'patch'>, url: string | null): Promise<boolean> {
  try {
    await rest.patch(Routes.currentApplication(), { body: { interactions_endpoint_url: url } });
    return true;
  } catch (error) {
    if (error instanceof DiscordAPIError && error.code === RESTJSONErrorCodes.InvalidFormBodyOrContentType)
      return false;
    throw error;
  }
}
