import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import type { Overview, WindowDays } from '#analytics/query/types.ts';
import { closedRows, ticket, ticketRows, transcript } from './conversation.ts';
import { overviewOf, userOf } from './figures.ts';
import { tickets } from './tickets.ts';
import { patternPng } from '#simulator/pages/png.ts';

/** Servers of the fixture, one for each state of a page. */
export const guildIds = {
  full: '100000000000000001',
  empty: '100000000000000002',
  quiet: '100000000000000003',
  failing: '100000000000000004',
  behind: '100000000000000005',
  loading: '100000000000000006',
  support: '100000000000000007',
};
const names = [
  'Example Server',
  'New Server',
  'Quiet Server',
  'Failing Server',
  'Behind Server',
  'Slow Server',
  'Support Only',
];

const guilds = Object.values(guildIds).map((id, index) => ({
  id,
  name: names[index] ?? '',
  iconUrl: null,
  memberCount: 18_204 - index * 997,
  level: id === guildIds.support ? 'support' : 'admin',
}));

const overviewFor = (guildId: string, days: WindowDays): Overview => {
  if (guildId === guildIds.empty) return overviewOf(days, []);
  if (guildId === guildIds.quiet) {
    const old = overviewOf(days, []);
    const full = overviewOf(days);
    const rating = { ...old.rating, allTimeMean: 4.4, allTimeCount: 402 };
    const panels = full.panels.slice(0, 1).map((panel) => ({ ...panel, share: 1 }));
    return { ...old, tickets: { ...old.tickets, ever: 812, since: full.tickets.since }, panels, rating };
  }
  const overview = overviewOf(days);
  return guildId === guildIds.behind ? { ...overview, lag: { seconds: 247 } } : overview;
};

const csp = "default-src 'self'; style-src 'self' 'unsafe-inline'";
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

export type Fixture = { url: string; push(event: 'figures' | 'tickets'): void; opened: number; close(): Promise<void> };

export type FixtureOptions = {
  /** The built web app. */
  dist: string;
  signedIn: boolean;
  /** What a signed-out visitor finds. */
  signIn?: 'on' | 'off';
  people?: boolean;
};

/** Serves the built web app with invented answers. */
export const startFixture = async (o: FixtureOptions): Promise<Fixture> => {
  const streams = new Set<ServerResponse>();
  const state = { opened: 0 };

  const json = (response: ServerResponse, body: unknown, status = 200) => {
    response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' });
    response.end(JSON.stringify(body));
  };
  const problem = (response: ServerResponse, status: number, code: string, title: string, reference?: string) =>
    json(response, { type: 'about:blank', title, status, code, reference }, status);

  const answer = (url: URL, response: ServerResponse): void => {
    if (url.pathname === '/api/session') {
      const user = o.signedIn ? { id: '333333333333333333', name: 'Support lead', avatarUrl: null } : null;
      const people = [
        { id: '1', name: 'Owner', guildName: 'Example Server', role: 'owner' },
        { id: '2', name: 'Agent 1', guildName: 'Example Server', role: 'support' },
      ];
      json(response, { user, csrf: user && 'token', signIn: o.signIn ?? 'on', ...(o.people && { people }) });
      return;
    }
    if (url.pathname === '/api/guilds') {
      json(response, { guilds });
      return;
    }
    if (/\/attachments\/\d+$/.test(url.pathname)) {
      response.writeHead(200, { 'content-type': 'image/png' });
      response.end(patternPng('screen', 256));
      return;
    }
    const [, guildId = '', rest = ''] = url.pathname.match(/^\/api\/guilds\/(\d+)\/?(.*)$/) ?? [];
    const guild = guilds.find((one) => one.id === guildId);
    if (!guild) {
      problem(response, 404, 'guild.unknown', 'No such server.');
      return;
    }
    const days = Number(url.searchParams.get('days') ?? 30) as WindowDays;
    const isEmpty = guildId === guildIds.empty;
    if (rest === '')
      json(response, {
        ...guild,
        staffCount: 1,
        panelCount: isEmpty ? 0 : 9,
        ticketCount: isEmpty ? 0 : tickets.length,
        openTicketCount:
          guild.level === 'admin' ? overviewFor(guildId, 30).status.open + state.opened : ticketRows.length,
      });
    else if (rest === 'stream') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('retry: 2000\n\n');
      streams.add(response);
      response.on('close', () => streams.delete(response));
    } else if (guildId === guildIds.loading && rest !== 'tickets') return;
    else if (guildId === guildIds.failing) {
      problem(response, 503, 'analytics.unavailable', 'The analytics database did not answer.', '7K2M');
    } else if (rest === 'analytics/overview') {
      const overview = overviewFor(guildId, days);
      overview.status.open += state.opened;
      json(response, overview);
    } else if (rest.startsWith('analytics/users/')) {
      const id = rest.split('/')[2] ?? '';
      if (id.startsWith('9')) problem(response, 404, 'user.unknown', 'Nobody.');
      else json(response, userOf(id, days));
    } else if (rest === 'tickets') {
      const rows = url.searchParams.get('status') === 'closed' ? closedRows : ticketRows;
      json(response, { tickets: isEmpty ? [] : rows, next: null });
    } else if (rest === 'tickets/4990') json(response, ticket);
    else if (rest === 'tickets/4990/transcript') json(response, transcript);
    else problem(response, 404, 'ticket.unknown', 'No such ticket.');
  };

  const file = async (pathname: string, response: ServerResponse): Promise<void> => {
    const wanted = extname(pathname) === '' ? '/index.html' : normalize(pathname);
    try {
      const body = await readFile(join(o.dist, wanted));
      response.writeHead(200, {
        'content-type': types[extname(wanted)] ?? 'application/octet-stream',
        'content-security-policy': csp,
      });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://fixture');
    if (url.pathname.startsWith('/api/')) answer(url, response);
    else void file(url.pathname, response); // answers 404 itself when it fails
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    push: (event) => {
      for (const stream of streams) stream.write(`event: ${event}\ndata: {}\n\n`);
    },
    get opened() {
      return state.opened;
    },
    set opened(n: number) {
      state.opened = n;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
