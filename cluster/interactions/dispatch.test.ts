import { DiscordAPIError } from '@discordjs/rest';
import type { APIInteraction } from 'discord-api-types/v10';
import { describe, expect, test } from 'vitest';
import { createLog } from '#runtime/log.ts';
import { type Pool, sql } from '#runtime/postgres.ts';
import { createKeyring } from '#tickets/crypto.ts';
import { upsertGuild } from '#tickets/store/guild.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { type Handler, defineButton, defineCommand, defineFormButton } from './define.ts';
import { createDispatch } from './dispatch.ts';
import { id } from './options.ts';
import { createRates } from './guards.ts';

const { pool } = await testDatabase();
const log = createLog({ role: 'test', level: 'silent' });
const guildId = '1'.repeat(18);
const ownerId = '2'.repeat(18);
const memberId = '3'.repeat(18);
await upsertGuild(pool, guildId, { name: 'Server', ownerId, iconHash: null, memberCount: 1, locale: 'en-US' });

const never = new Promise<never>(() => {});
/** A Postgres that takes every statement and answers none. */
const silent = { query: () => never, transaction: () => never } as unknown as Pool;

type Sent = { method: string; route: string; body: Record<string, never> };

function desk(o: { db?: Pool; callback?: () => Promise<void>; handlers?: readonly Handler[] } = {}) {
  const sent: Sent[] = [];
  const waiting: (() => void)[] = [];
  const take =
    (method: string) =>
    async (route: string, options: { body?: unknown } = {}) => {
      sent.push({ method, route, body: options.body as Sent['body'] });
      for (const wake of waiting.splice(0)) wake();
      if (route.includes('/callback')) await o.callback?.();
      return {};
    };
  const rest = {
    get: take('get'),
    post: take('post'),
    put: take('put'),
    patch: take('patch'),
    delete: take('delete'),
  } as never;
  const ctx = {
    db: o.db ?? pool,
    log,
    now: Date.now,
    keys: createKeyring(Buffer.alloc(32, 1).toString('base64')),
    premium: 'everyone' as const,
  };
  const shared = {
    ctx,
    rest,
    botRest: rest,
    creationRest: rest,
    authorizeUrl: 'https://discord.test/oauth2/authorize',
    clickhouse: {} as never,
    applicationId: '9',
    botUserId: '9',
    publicUrl: null,
    voteUrl: null,
    log,
  };
  const dispatch = createDispatch(shared, o.handlers);
  const next = () => (sent.length > 0 ? Promise.resolve() : new Promise<void>((resolve) => waiting.push(resolve)));
  return { dispatch, sent, next };
}

let count = 0;
/** An interaction of this moment. */
function interaction(
  data: object,
  o: { type?: number; userId?: string; agoMs?: number; inDm?: boolean } = {},
): APIInteraction {
  count += 1;
  const at = BigInt(Date.now() - (o.agoMs ?? 0) - 1_420_070_400_000);
  const person = { id: o.userId ?? memberId, username: 'member_12', global_name: 'Member 12' };
  const place = o.inDm
    ? { user: person }
    : { guild_id: guildId, member: { user: person, roles: [], permissions: '0' } };
  return {
    id: String((at << 22n) + BigInt(count)),
    token: `token${count}`,
    type: o.type ?? 2,
    application_id: '9',
    channel: { id: '5'.repeat(18), type: 0 },
    guild_locale: 'en-US',
    locale: 'en-US',
    ...place,
    data,
  } as never;
}
const command = (name: string) => ({ id: '1', name, type: 1 });
const button = (custom_id: string) => ({ custom_id, component_type: 2 });
const discordError = (code: number) =>
  new DiscordAPIError({ code, message: 'no' }, code, 400, 'POST', 'https://discord', {});

describe('while Postgres says nothing', () => {
  test('a command, a button and a form’s submission are acknowledged', async () => {
    for (const one of [
      interaction(command('open')),
      interaction(button('open:1000'), { type: 3 }),
      interaction({ custom_id: 'open-form:1000', components: [] }, { type: 5 }),
    ]) {
      const { dispatch, sent, next } = desk({ db: silent });
      void dispatch(one, performance.now()); // waits for Postgres for ever
      await next();
      expect(sent).toMatchObject([
        { method: 'post', route: `/interactions/${one.id}/${one.token}/callback`, body: { type: 5 } },
      ]);
    }
  });

  test('a button with a form says "try again" before the 3 seconds are over', async () => {
    const { dispatch, sent } = desk({ db: silent });
    // Received almost two seconds ago: what is left of them is what the form may wait.
    await dispatch(interaction(button('open-form:1000'), { type: 3 }), performance.now() - 1_990);
    expect(sent).toMatchObject([
      { body: { type: 4, data: { content: 'Docket is busy. Try again in a moment.', flags: 64 } } },
    ]);
  });
});

describe('acknowledging', () => {
  const ran: string[] = [];
  const probe = defineCommand({
    name: 'probe',
    level: 'member',
    defer: 'ephemeral',
    run: async ({ interactionId }) => void ran.push(interactionId),
  });

  test('an answer whose arrival nobody confirmed is sent again, and the work is done', async () => {
    const failures = [new TypeError('other side closed'), discordError(40_060)];
    const callback = async (): Promise<void> => {
      const failure = failures.shift();
      if (failure) throw failure;
    };
    const { dispatch, sent } = desk({ handlers: [probe], callback });
    const one = interaction(command('probe'));
    await dispatch(one, performance.now());
    expect(sent.map(({ route }) => route)).toEqual([
      `/interactions/${one.id}/${one.token}/callback`,
      `/interactions/${one.id}/${one.token}/callback`,
    ]);
    expect(ran).toContain(one.id);
  });

  test('the first answer goes the way it is given, and what that way calls expired is not done', async () => {
    for (const [outcome, isDone] of [
      ['mine', true],
      ['expired', false],
    ] as const) {
      const { dispatch, sent } = desk({ handlers: [probe] });
      const one = interaction(command('probe'));
      const answers: object[] = [];
      await dispatch(one, performance.now(), async (body, withinMs) => {
        answers.push(body, { isInTime: withinMs > 0 && withinMs <= 2_500 });
        return outcome;
      });
      expect([answers, sent]).toEqual([[{ type: 5, data: { flags: 64 } }, { isInTime: true }], []]);
      expect(ran.includes(one.id)).toBe(isDone);
    }
  });

  test('what Discord no longer knows is not done', async () => {
    const { dispatch } = desk({ handlers: [probe], callback: () => Promise.reject(discordError(10_062)) });
    const one = interaction(command('probe'));
    await dispatch(one, performance.now());
    expect(ran).not.toContain(one.id);
  });

  test('what came too late is not even sent', async () => {
    const { dispatch, sent } = desk({ handlers: [probe] });
    const one = interaction(command('probe'));
    await dispatch(one, performance.now() - 2_600);
    expect([sent, ran.includes(one.id)]).toEqual([[], false]);
  });

  test('a replay (40060) runs on, until its token is dead', async () => {
    const { dispatch } = desk({ handlers: [probe], callback: () => Promise.reject(discordError(40_060)) });
    const [fresh, old] = [
      interaction(command('probe'), { agoMs: 60_000 }),
      interaction(command('probe'), { agoMs: 16 * 60_000 }),
    ];
    await dispatch(fresh, performance.now());
    await dispatch(old, performance.now());
    expect([ran.includes(fresh.id), ran.includes(old.id)]).toEqual([true, false]);
  });

  test('a Discord that cannot be reached rejects nothing and does nothing', async () => {
    const { dispatch } = desk({ handlers: [probe], callback: () => Promise.reject(new Error('ECONNRESET')) });
    const one = interaction(command('probe'));
    await dispatch(one, performance.now());
    expect(ran).not.toContain(one.id);
  });
});

describe('guards and errors', () => {
  const admin = defineCommand({
    name: 'admin',
    level: 'admin',
    defer: 'ephemeral',
    run: ({ reply }) => reply.text('commands.close.done'),
  });
  const inTicket = defineCommand({
    name: 'here',
    level: 'member',
    inTicket: true,
    defer: 'ephemeral',
    run: ({ reply }) => reply.text('commands.close.done'),
  });
  const broken = defineCommand({
    name: 'broken',
    level: 'member',
    defer: 'ephemeral',
    run: () => Promise.reject(new Error('secret detail')),
  });
  const update = defineButton({
    name: 'update',
    args: { ticketId: id() },
    level: 'member',
    inTicket: true,
    defer: 'update',
    run: async () => {},
  });
  const slow = defineFormButton({ name: 'slow', args: {}, form: () => Promise.reject(new Error('x')) });
  const { dispatch, sent } = desk({ handlers: [admin, inTicket, broken, update, slow] });
  const answerTo = async (one: APIInteraction) => {
    sent.length = 0;
    await dispatch(one, performance.now());
    return sent;
  };

  test('a level is missing: the sentence says who can give it', async () => {
    const [, answer] = await answerTo(interaction(command('admin')));
    expect(answer?.body).toMatchObject({
      content: expect.stringContaining('/addadmin'),
      allowed_mentions: { parse: [] },
    });
    const [, done] = await answerTo(interaction(command('admin'), { userId: ownerId }));
    expect(done?.body).toMatchObject({ content: expect.stringContaining('closed') });
  });

  test('outside a ticket', async () => {
    const [, answer] = await answerTo(interaction(command('here')));
    expect(answer?.body).toMatchObject({ content: expect.stringContaining('not a ticket') });
  });

  test('an unexpected error shows a reference and nothing else', async () => {
    const [, answer] = await answerTo(interaction(command('broken')));
    expect(answer?.body).toMatchObject({ content: expect.stringMatching(/reference: [0-9a-f]{8}$/) });
    expect(JSON.stringify(answer)).not.toContain('secret');
    const [notice] = await answerTo(interaction(button('slow'), { type: 3 }));
    expect(notice?.body).toMatchObject({
      type: 4,
      data: { content: expect.stringMatching(/reference: [0-9a-f]{8}$/) },
    });
  });

  test('an answer whose channel is gone already is no failure', async () => {
    const gone = defineCommand({
      name: 'gone',
      level: 'member',
      defer: 'ephemeral',
      run: () => Promise.reject(discordError(10_003)),
    });
    const other = desk({ handlers: [gone] });
    await other.dispatch(interaction(command('gone')), performance.now());
    expect(other.sent).toHaveLength(1);
  });

  test('a button’s message stays as it is when the button is refused', async () => {
    const [first, second] = await answerTo(interaction(button('update:99999'), { type: 3 }));
    expect(first?.body).toMatchObject({ type: 6 });
    expect(second).toMatchObject({
      method: 'post',
      body: { flags: 64, content: expect.stringContaining('no such ticket') },
    });
  });

  test('a button of another version, and one with nonsense in its id', async () => {
    for (const customId of ['gone:1', 'update:x', 'update']) {
      const [answer] = await answerTo(interaction(button(customId), { type: 3 }));
      expect(answer?.body).toMatchObject({ type: 4, data: { content: expect.stringContaining('earlier version') } });
    }
  });

  test('in direct messages a handler that needs a server says so', async () => {
    const [, answer] = await answerTo(interaction(command('broken'), { inDm: true }));
    expect(answer?.body).toMatchObject({ content: expect.stringContaining('in a server only') });
  });

  test('every body that is sent forbids mentions', async () => {
    const bodies = [
      ...(await answerTo(interaction(command('here')))),
      ...(await answerTo(interaction(button('gone'), { type: 3 }))),
    ].map(({ body }) => body as { data?: { content?: string }; content?: string; allowed_mentions?: object });
    for (const body of bodies.map((one) => one.data ?? one)) {
      if ('content' in body) expect(body).toMatchObject({ allowed_mentions: { parse: [] } });
    }
  });
});

test('more than the rate allows is refused, with the seconds to wait; later it is free again', () => {
  const check = createRates();
  const rate = { times: 2, everyMs: 10_000 };
  check('a', rate, 0);
  check('a', rate, 1_000);
  check('b', rate, 1_000);
  expect(() => check('a', rate, 2_500)).toThrowError(
    expect.objectContaining({ code: 'rate-limited', context: { retryAfterS: 8 } }),
  );
  check('a', rate, 10_001);
});

test('the first interaction of an unknown server fetches it', async () => {
  await pool.query(sql`delete from guild where guild_id = ${guildId}`);
  const probe = defineCommand({
    name: 'probe',
    level: 'member',
    defer: 'ephemeral',
    run: ({ reply, guild }) => reply.show({ content: guild.name }),
  });
  const { dispatch, sent } = desk({ handlers: [probe] });
  await dispatch(interaction(command('probe')), performance.now());
  expect(sent.map((one) => one.route)).toContain(`/guilds/${guildId}`);
});
