import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { REST } from '@discordjs/rest';
import type { ClickHouseClient } from '@clickhouse/client';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { addressesOf } from '#discord/addresses.ts';
import { bitsOf } from '#discord/permissions.ts';
import { createLog } from '#runtime/log.ts';
import { createFolderObjects } from '#runtime/objects/folder.ts';
import type { Pool } from '#runtime/postgres.ts';
import { createKeyring } from '#tickets/crypto.ts';
import { upsertGuild } from '#tickets/store/guild.ts';
import { createSession } from '#tickets/store/identity.ts';
import { type ApiDeps, createServer } from './server.ts';
import { hashToken, newToken } from './token.ts';

/** A Discord that knows members and roles: all that the API asks of it, besides signing in (which the simulator plays). */
export type FakeDiscord = {
  rest: REST;
  /** Puts somebody into a guild. */
  join(guildId: string, userId: string, o?: { name?: string; roleIds?: string[] }): void;
  leave(guildId: string, userId: string): void;
  addRole(guildId: string, roleId: string, o?: { manageGuild?: boolean }): void;
  addChannel(guildId: string, channelId: string, type: number, name?: string): void;
  addEmoji(guildId: string, emojiId: string, name: string): void;
  /** Every address asked for so far. */
  asked: string[];
  /** When set, every request fails with this status. */
  failWith: number | null;
};

type Role = { id: string; permissions: string };
type Known = {
  members: Map<string, object>;
  roles: Role[];
  channels: { id: string; type: number; name: string }[];
  emojis: { id: string; name: string; animated: boolean }[];
};

/** Makes a Discord without guilds. */
export function fakeDiscord(): FakeDiscord {
  const guilds = new Map<string, Known>();
  const users = new Map<string, object>();
  const guild = (id: string): Known => {
    const known = guilds.get(id) ?? { members: new Map(), roles: [{ id, permissions: '0' }], channels: [], emojis: [] };
    guilds.set(id, known);
    return known;
  };
  const answerTo = (route: string): unknown => {
    const [, kind, id = '', part, child = ''] = route.split('/');
    if (kind === 'users') return users.get(id);
    const known = guilds.get(id);
    if (part === 'members') return known?.members.get(child);
    // As they are now: what was answered does not grow.
    if (part === 'channels') return known && [...known.channels];
    return known && { id, roles: [...known.roles], emojis: [...known.emojis] };
  };
  const fake: FakeDiscord = {
    asked: [],
    failWith: null,
    join(guildId, userId, o = {}) {
      const user = { id: userId, username: o.name ?? `user-${userId}`, global_name: null, avatar: null };
      users.set(userId, user);
      guild(guildId).members.set(userId, { user, nick: null, roles: o.roleIds ?? [] });
    },
    leave: (guildId, userId) => void guild(guildId).members.delete(userId),
    addRole: (guildId, id, o = {}) =>
      void guild(guildId).roles.push({ id, permissions: o.manageGuild ? `${bitsOf('ManageGuild')}` : '0' }),
    addEmoji: (guildId, id, name) => void guild(guildId).emojis.push({ id, name, animated: false }),
    addChannel: (guildId, id, type, name = 'channel') => void guild(guildId).channels.push({ id, type, name }),
    rest: {
      async get(route: string) {
        fake.asked.push(route);
        if (fake.failWith !== null) throw Object.assign(new Error('down'), { status: fake.failWith });
        const answer = answerTo(route);
        if (answer === undefined) throw Object.assign(new Error('unknown'), { status: 404 });
        return answer;
      },
    } as unknown as REST,
  };
  return fake;
}

let lastId = 100_000_000_000_000_000n;
/** An id of Discord that no other test has. */
export const newId = (): string => `${(lastId += 1n)}`;

/** A signed-in browser: its cookie and the token that its changes carry. */
export type Browser = { cookie: string; csrf: string };

/** A server in front of a database, with what its tests need. */
export type Fixture = {
  app: FastifyInstance;
  deps: ApiDeps;
  discord: FakeDiscord;
  /** Adds a guild that Docket is in; its owner is a member. */
  addGuild(o?: { name?: string; ownerId?: string }): Promise<{ id: string; ownerId: string }>;
  signIn(userId: string, guildIds?: string[]): Promise<Browser>;
  /** GET as somebody, or as nobody. */
  get(url: string, browser?: Browser | { key: string }): Promise<LightMyRequestResponse>;
  patch(
    url: string,
    browser: Browser,
    body: unknown,
    headers?: Record<string, string>,
  ): Promise<LightMyRequestResponse>;
};

/** Starts a server. The caller closes `app`. */
export async function startFixture(
  o: { pool: Pool; url: string; clickhouse: ClickHouseClient } & Partial<ApiDeps>,
): Promise<Fixture> {
  const discord = fakeDiscord();
  const { url, ...given } = o;
  const webDir = makeWebDir();
  const deps: ApiDeps = {
    keys: createKeyring('0'.repeat(64)),
    premium: 'everyone',
    objects: createFolderObjects(join(dirname(webDir), 'objects')),
    rest: discord.rest,
    discord: { addresses: addressesOf('http://127.0.0.1:9/api'), clientId: '1', clientSecret: null },
    publicUrl: 'http://docket.test',
    databaseUrl: url,
    log: createLog({ role: 'test', level: 'silent' }),
    now: Date.now,
    webDir,
    ...given,
  };
  const app = await createServer(deps);
  app.addHook('onClose', async () => rmSync(dirname(webDir), { recursive: true, force: true }));
  const send = (options: InjectOptions): Promise<LightMyRequestResponse> => app.inject(options);
  return {
    app,
    deps,
    discord,
    async addGuild({ name = 'Guild', ownerId = newId() } = {}) {
      const id = newId();
      await upsertGuild(deps.pool, id, { name, ownerId, iconHash: null, memberCount: 5, locale: 'en-US' });
      discord.join(id, ownerId, { name: 'Owner' });
      return { id, ownerId };
    },
    async signIn(userId, guildIds = []) {
      const token = newToken();
      const csrf = newToken();
      const data = { name: `user-${userId}`, avatarUrl: null, guildIds };
      const expiresAt = deps.now() + 3_600_000;
      await createSession(deps.pool, { hash: hashToken(token), userId, data, csrf, expiresAt });
      return { cookie: `docket=${token}`, csrf };
    },
    get: (path, browser) => send({ method: 'GET', url: path, headers: headersOf(browser) }),
    patch: (path, { cookie, csrf }, body, headers = {}) =>
      send({
        method: 'PATCH',
        url: path,
        headers: { cookie, 'x-csrf-token': csrf, ...headers },
        payload: body as object,
      }),
  };
}

/** The headers with which somebody asks. */
export function headersOf(browser?: Browser | { key: string }): Record<string, string> {
  if (!browser) return {};
  return 'key' in browser ? { authorization: `Bearer ${browser.key}` } : { cookie: browser.cookie };
}

function makeWebDir(): string {
  const parent = mkdtempSync(join(tmpdir(), 'docket-web-'));
  const dir = join(parent, 'dist');
  mkdirSync(join(dir, 'assets'), { recursive: true });
  writeFileSync(join(parent, 'secret.txt'), 'not for the web');
  writeFileSync(join(dir, 'index.html'), '<!doctype html><title>Docket</title>');
  writeFileSync(join(dir, 'assets', 'app-1a2b.js'), 'export {};');
  return dir;
}
