import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bitsOf, botPermissions } from '#discord/permissions.ts';
import { checkDiscord } from './discord.ts';

// A Discord that says what a test wants: the simulator's bot lacks nothing anywhere.
const user = { id: '200', username: 'Docket', discriminator: '0', global_name: null, avatar: null };
let guilds: { id: string; name: string; permissions: string }[] = [];
let remaining = 900;
let interactionsUrl: string | null = null;
const answers: Record<string, () => unknown> = {
  '/api/v10/applications/@me': () => ({
    id: '100',
    name: 'Docket',
    verify_key: '',
    flags: (1 << 15) | (1 << 19),
    interactions_endpoint_url: interactionsUrl,
  }),
  '/api/v10/users/@me': () => user,
  '/api/v10/gateway/bot': () => ({ url: '', shards: 1, session_start_limit: { total: 1_000, remaining } }),
  '/api/v10/users/@me/guilds': () => guilds,
};
const server = createServer((request, response) => {
  const answer = answers[decodeURIComponent((request.url ?? '').split('?')[0] ?? '')];
  response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer?.() ?? { message: '404', code: 0 }));
});
const check = async (interactions: 'gateway' | 'http' = 'gateway') => {
  const { port } = server.address() as AddressInfo;
  return checkDiscord({ token: 'a.b.c', apiUrl: `http://127.0.0.1:${port}/api`, interactions });
};
const all = bitsOf(...botPermissions);

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

test('names the permissions that are missing, server by server, with the link that mends it', async () => {
  guilds = [
    { id: '301', name: 'Whole', permissions: String(all) },
    { id: '302', name: 'Half', permissions: String(all & ~bitsOf('ManageChannels', 'ManageRoles')) },
  ];
  const wrong = (await check()).filter((finding) => finding.kind === 'wrong');
  expect(wrong).toEqual([
    {
      kind: 'wrong',
      what: 'In Half (302) the bot lacks: ManageChannels, ManageRoles',
      fix: expect.stringMatching(new RegExp(`client_id=100&permissions=${all}&scope=bot.*guild_id=302`)),
    },
  ]);
});

test('an administrator lacks nothing', async () => {
  guilds = [{ id: '301', name: 'Whole', permissions: String(bitsOf('Administrator')) }];
  expect((await check()).every((finding) => finding.kind === 'ok')).toBe(true);
});

test('interactions that come another way than is waited for are a fault', async () => {
  const wrong = async (way: 'gateway' | 'http') =>
    (await check(way)).flatMap(({ kind, what }) => (kind === 'wrong' ? [what] : []));
  expect(await wrong('gateway')).toEqual([]);
  expect(await wrong('http')).toEqual([expect.stringContaining('by the gateway')]);
  interactionsUrl = 'https://docket.example/interactions';
  expect(await wrong('http')).toEqual([]);
  expect(await wrong('gateway')).toEqual([expect.stringContaining(interactionsUrl)]);
  interactionsUrl = null;
});

test('a bot in no server is a note, not a fault', async () => {
  guilds = [];
  expect((await check()).at(-1)).toMatchObject({ kind: 'note', what: 'The bot is in no server' });
});

test('few session starts are a fault', async () => {
  remaining = 3;
  const findings = await check();
  expect(findings).toContainEqual(
    expect.objectContaining({ kind: 'wrong', what: expect.stringContaining('3 of 1000') }),
  );
});
