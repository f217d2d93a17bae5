import type { Hub } from '../gateway/hub.ts';
import { ok, type Route } from '../http/route.ts';

/** Where the gateway is, and what it allows. */
export function gatewayRoutes(hub: Hub, gatewayUrl: string): Route[] {
  return [
    { method: 'GET', path: '/gateway', auth: 'none', run: () => ok({ url: gatewayUrl }) },
    {
      method: 'GET',
      path: '/gateway/bot',
      run(call) {
        const { recommendedShards } = call.world.limits;
        const shards = recommendedShards || Math.max(1, Math.ceil(call.world.guilds.size / 1_000));
        return ok({ url: gatewayUrl, session_start_limit: hub.startLimit(), shards });
      },
    },
  ];
}
