import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createLog } from '#runtime/log.ts';
import { createHub } from './gateway/hub.ts';
import { discordErrors } from './http/errors.ts';
import { createRateLimits } from './http/rate-limits.ts';
import { defaultLimits } from './limits.ts';
import { allRoutes } from './routes/all.ts';
import { createStore } from './state/store.ts';
import { createWorld } from './state/world.ts';

const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8');

describe('the README', () => {
  it('lists exactly the routes that there are', () => {
    const log = createLog({ role: 'test', level: 'silent' });
    const world = createWorld({ store: createStore(null), limits: defaultLimits, log, origin: '' });
    const routes = allRoutes({ hub: createHub(world), gatewayUrl: '', rateLimits: createRateLimits(world) });
    const table = readme.slice(readme.indexOf('## Routes'), readme.indexOf('## Gateway'));
    const listed = [...table.matchAll(/`((?:GET|POST|PUT|PATCH|DELETE) \/[^`\s…]*)`/g)].map((match) =>
      String(match[1]),
    );
    expect(listed.sort()).toEqual(routes.map((route) => `${route.method} ${route.path}`).sort());
  });

  it('names every error code', () => {
    const codes = Object.keys(discordErrors).filter((code) => code !== '0');
    expect(codes.filter((code) => !readme.includes(code))).toEqual([]);
  });
});
