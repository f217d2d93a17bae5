import type { REST } from '@discordjs/rest';
import type { ClickHouseClient } from '@clickhouse/client';
import type { Log } from '#runtime/log.ts';
import type { Ctx } from '#tickets/context.ts';
import type { PanelCache } from './panel-cache.ts';

/** The part of a REST client that is used here. */
export type RestClient = Pick<REST, 'get' | 'post' | 'put' | 'patch' | 'delete'>;

/** What handlers work with. */
export type Deps = {
  readonly ctx: Ctx;
  /** For callbacks and interaction tokens: no limiter, no bot token needed. */
  readonly rest: RestClient;
  /** For everything else, on the shared limiter. */
  readonly botRest: RestClient;
  /** The same without retries: a creation whose answer was lost must be looked for, not repeated. */
  readonly creationRest: RestClient;
  readonly clickhouse: ClickHouseClient;
  readonly applicationId: string;
  readonly botUserId: string;
  /** Where the dashboard is, without a slash at the end; null when there is none. */
  readonly publicUrl: string | null;
  /** Where somebody lets the bot into a server: Discord's page, without what it is to be asked. */
  readonly authorizeUrl: string;
  /** Where people vote for the bot; null when nowhere. */
  readonly voteUrl: string | null;
  readonly panels: PanelCache;
  readonly log: Log;
};
