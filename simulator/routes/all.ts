import type { Hub } from '../gateway/hub.ts';
import type { RateLimits } from '../http/rate-limits.ts';
import type { Route } from '../http/route.ts';
import { applicationRoutes } from './applications.ts';
import { channelRoutes } from './channels.ts';
import { gatewayRoutes } from './gateway.ts';
import { guildRoutes } from './guilds.ts';
import { interactionRoutes } from './interactions.ts';
import { messageRoutes } from './messages.ts';
import { oauthRoutes } from './oauth.ts';
import { reactionRoutes } from './reactions.ts';
import { threadRoutes } from './threads.ts';
import { userRoutes } from './users.ts';

/** Every route of the REST API; anything else is answered 501. */
export function allRoutes(o: { hub: Hub; gatewayUrl: string; rateLimits: RateLimits }): Route[] {
  return [
    ...gatewayRoutes(o.hub, o.gatewayUrl),
    ...userRoutes,
    ...applicationRoutes,
    ...guildRoutes,
    ...channelRoutes(o.rateLimits),
    ...threadRoutes,
    ...messageRoutes,
    ...reactionRoutes,
    ...interactionRoutes,
    ...oauthRoutes,
  ];
}
