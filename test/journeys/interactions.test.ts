import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '#runtime/embedded/ports.ts';
import { closeTicket, type Desk, openDesk, openTicket, rate, say, until } from '../harness/desk.ts';
import { runRole, type Stack, startStack } from '../harness/stack.ts';

let stack: Stack;
let desk: Desk;

beforeAll(async () => {
  const port = await freePort('localhost');
  const INTERACTIONS_URL = `http://localhost:${port}/interactions`;
  stack = await startStack({ env: { INTERACTIONS: 'http', INTERACTIONS_PORT: String(port), INTERACTIONS_URL } });
  desk = await openDesk(stack.control);
}, 120_000);
afterAll(() => stack?.stop(), 60_000);

test('a desk whose interactions come over HTTP: a ticket from the click to the rating', async () => {
  const [member, staff] = [desk.members[0] ?? '', desk.staff[0] ?? ''];
  // By a button with a form, by a submission, by commands and by buttons in a direct message.
  const channelId = await openTicket(stack.control, desk, member);
  await stack.control.sendMessage({ channelId, userId: member, content: 'Hello?' });
  await say(stack.control, desk, channelId, staff, 'claim');
  await stack.control.sendMessage({ channelId, userId: staff, content: 'Hello, I am here.' });
  await closeTicket(stack.control, desk, channelId, staff, 'Solved');
  await until(
    () => stack.control.channels(desk.guild.id),
    (list) => list.every((one) => one.id !== channelId),
  );
  await until(
    () => stack.control.directMessages(member),
    (list) => list.length > 0,
  );
  await rate(stack.control, member, 5);

  const { posts, interactions, failedPosts, expired, violations } = await stack.control.counts();
  expect(posts).toBe(interactions);
  expect({ failedPosts, expired, violations }).toEqual({ failedPosts: 0, expired: 0, violations: {} });
  const { code, answer } = await stack.verify();
  expect(code, JSON.stringify(answer)).toBe(0);
  expect(answer['tickets']).toBe(1);
});

test('doctor finds both ends agreed, and says so when they are not', async () => {
  const whole = await runRole(['doctor'], stack.env);
  expect(whole.stdout).toMatch(/^ok +Interactions come to http:\/\/localhost/m);
  const { code, stdout } = await runRole(['doctor'], { ...stack.env, INTERACTIONS: 'gateway' });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^WRONG {2}Discord posts interactions to .*\n +→ Set INTERACTIONS=http/m);
});

test('what Discord still sends by the gateway is left alone there', async () => {
  await stack.control.updateApplication({ interactionsUrl: null });
  const place = { guildId: desk.guild.id, channelId: desk.guild.deskChannelId, userId: desk.owner };
  const { id } = await stack.control.runCommand({ ...place, name: 'viewstaff', options: [] });
  expect(await stack.control.interaction(id, { waitMs: 5_000 })).toMatchObject({ state: 'expired' });
});
