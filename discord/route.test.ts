import { expect, test } from 'vitest';
import { routeOf, withoutToken } from './route.ts';

const id = '123456789012345678';

test.each([
  ['post', `https://discord.com/api/v10/channels/${id}/messages?limit=50`, 'POST /channels/:id/messages'],
  ['PATCH', `http://127.0.0.1:4000/api/v10/guilds/${id}/members/${id}`, 'PATCH /guilds/:id/members/:id'],
  [
    'POST',
    `https://discord.com/api/v10/interactions/${id}/aW50.x-y/callback`,
    'POST /interactions/:id/:token/callback',
  ],
  ['PATCH', `/webhooks/${id}/a_b-c/messages/@original`, 'PATCH /webhooks/:id/:token/messages/@original'],
  [
    'PUT',
    `/channels/${id}/messages/${id}/reactions/%F0%9F%91%8D/@me`,
    'PUT /channels/:id/messages/:id/reactions/:emoji/@me',
  ],
  ['GET', 'https://discord.com/api/v10/users/@me', 'GET /users/@me'],
])('%s %s is counted as %s', (method, url, route) => {
  expect(routeOf(method, url)).toBe(route);
});

test('an address for a log has no token', () => {
  expect(withoutToken(`https://discord.com/api/v10/webhooks/${id}/secret/messages/1`)).toBe(
    `https://discord.com/api/v10/webhooks/${id}/…/messages/1`,
  );
});
