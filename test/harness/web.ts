import type { LightMyRequestResponse } from 'fastify';
import { expect } from 'vitest';
import { headersOf, startFixture } from '#api/fixture.ts';
import type { Bot } from './bot.ts';
import type { TestClickhouse } from './clickhouse.ts';
import type { TestDatabase } from './postgres.ts';

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

/** The API in front of the bot's database and the same Discord, as somebody who is signed in. */
export type Web = {
  /** Asks below `/api/guilds/<guild>/`; the answer whatever it is. */
  ask(method: Method, path: string, body?: object, etag?: string): Promise<LightMyRequestResponse>;
  /** The same, which must succeed; a change names the version that stands there now. */
  get<T>(path: string): Promise<T>;
  make<T>(path: string, body: object): Promise<T>;
  change<T>(path: string, body: object): Promise<T>;
  stop(): Promise<void>;
};

/** Starts it for one person of one server, who has used a command there before: only then does Docket know the server. */
export async function startWeb(
  bot: Bot,
  o: { database: TestDatabase; clickhouse: TestClickhouse; guildId: string; userId: string },
): Promise<Web> {
  const fixture = await startFixture({
    pool: o.database.pool,
    url: o.database.url,
    clickhouse: o.clickhouse.client,
    keys: bot.ctx.keys,
    premium: bot.ctx.premium,
    rest: bot.rest,
  });
  const browser = await fixture.signIn(o.userId, [o.guildId]);
  const ask: Web['ask'] = (method, path, body, etag) =>
    fixture.app.inject({
      method,
      url: `/api/guilds/${o.guildId}/${path}`,
      headers: { ...headersOf(browser), 'x-csrf-token': browser.csrf, ...(etag !== undefined && { 'if-match': etag }) },
      ...(body && { payload: body }),
    });
  const done = <T>(path: string, answer: LightMyRequestResponse): T => {
    expect([path, answer.statusCode, answer.statusCode === 200 ? '' : answer.body]).toEqual([path, 200, '']);
    return answer.json() as T;
  };
  return {
    ask,
    get: async (path) => done(path, await ask('GET', path)),
    make: async (path, body) => done(path, await ask('POST', path, body)),
    async change(path, body) {
      const etag = String((await ask('GET', path)).headers.etag);
      return done(path, await ask('PATCH', path, body, etag));
    },
    stop: () => fixture.app.close(),
  };
}
