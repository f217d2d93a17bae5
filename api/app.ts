import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ClickHouseClient } from '@clickhouse/client';
import type { REST } from '@discordjs/rest';
import type { Addresses } from '#discord/addresses.ts';
import type { Log } from '#runtime/log.ts';
import type { Objects } from '#runtime/objects/objects.ts';
import type { Pool } from '#runtime/postgres.ts';
import type { Keyring } from '#tickets/crypto.ts';
import type { Scope } from '#tickets/api-key.ts';
import type { Ctx } from '#tickets/context.ts';
import type { PremiumMode } from '#tickets/entitlement.ts';
import type { Action } from '#tickets/permission.ts';
import type { Directory } from './discord.ts';
import type { GuildAccess } from './plugins/guild.ts';
import type { Viewer } from './plugins/auth.ts';
import type { Streams } from './stream.ts';

/** What the API needs from the process that runs it. */
export type ApiDeps = {
  pool: Pool;
  clickhouse: ClickHouseClient;
  keys: Keyring;
  premium: PremiumMode;
  /** Where files of messages are kept, sealed. */
  objects: Objects;
  /** The bot's own, on the shared limit (discord/rest.ts). */
  rest: REST;
  discord: {
    addresses: Addresses;
    clientId: string;
    /** Without it nobody can sign in; the page says so. */
    clientSecret: string | null;
  };
  /** Where people reach this installation; cookies are Secure when it is https. */
  publicUrl: string;
  /** For LISTEN, which needs a session connection of its own. */
  databaseUrl: string;
  log: Log;
  now: () => number;
  /** Whom a newcomer may sign in as, on a machine with a Discord of its own; shown to whoever is not signed in. */
  people?: () => readonly { id: string; name: string; guildName: string; role: string }[];
  /** The built web app. */
  webDir: string;
};

/** What routes work with: the process's parts, and what the server made of them. */
export type RouteDeps = ApiDeps & { directory: Directory; streams: Streams };

/** What actions need, from what a route has. */
export const ctxOf = (deps: ApiDeps): Ctx => ({
  db: deps.pool,
  log: deps.log,
  now: deps.now,
  keys: deps.keys,
  premium: deps.premium,
});

/** The server, with TypeBox schemas as the types of requests and answers. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * Who may come in, required on every route of the API: anybody, anybody signed in, whoever may do this in the guild of
     * the address (tickets/permission.ts), or, for one ticket, whoever may do this to it (the route asks once it has read it).
     */
    access?: 'public' | 'person' | Action;
    /** The scope with which an API key of the guild may come in too. Without it keys are refused. */
    scope?: Scope;
    /** A browser navigates here: problems are shown as a page. */
    page?: boolean;
  }
  interface FastifyRequest {
    viewer: Viewer | null;
    guild: GuildAccess | null;
  }
}
